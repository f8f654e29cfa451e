# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The batch for what rpm lists for a file trigger."""

from __future__ import annotations

from pkgtools.runtime.policy.sources import is_source, read_rpm_list
from pkgtools.runtime.system.rpm_transactions import finish, unfinished

from .run import Listed, run_batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.compile.job import CompileRun
    from pkgtools.runtime.policy.admin import AdminPolicy
    from pkgtools.runtime.report import Report
    from pkgtools.runtime.system.trust import Tree


def batch_of_rpm(tree: Tree, policy: AdminPolicy, run: CompileRun, report: Report, listed: bytes) -> None:
    """Serve what rpm lists for a file trigger, and what earlier transactions brought that no trigger ran for."""
    to_do = unfinished(tree)
    gone = {path for path in to_do.paths if is_source(path) and not tree.exists(path)}
    files = (*read_rpm_list(listed), *(path for path in to_do.paths if path not in gone))
    run_batch(tree, policy, run, report, listed=Listed(files, tuple(sorted(gone))))
    if not run.dry_run and report.exit_code(strict=False) == 0:
        finish(tree, to_do)
