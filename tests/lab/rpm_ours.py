# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Build this project's own RPMs from a clean copy of the checkout, on Debian."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pkgtools
from tests.lab.commands import require_tools, run_on_host
from tests.lab.ours import copy_source
from tests.lab.places import workspace

TRIGGERS = (
    *("filetriggerpostun", "filetriggerun", "transfiletriggerin", "transfiletriggerin"),
    *("transfiletriggerpostun", "transfiletriggerun"),
)
"""The file triggers of pkgtools-runtime, sorted."""


def build_our_rpms(
    target: Path,
    *,
    dist: str = "",
    command: bool = True,
    defines: Mapping[str, str] | None = None,
    extra: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    umask: int = 0o022,
) -> tuple[Path, ...]:
    """Write our RPMs into `target`, an existing directory, and return them.

    `dist` is appended to the release; without `command` there is the runtime and the macros alone, in half the time;
    `defines` are further macros; `extra` are files (name in the checkout -> content) put into the source; `env` and
    `umask` are what rpmbuild runs with.
    Raises AssertionError if rpmbuild dropped a trigger, which rpm 4.18 does with an exit status of 0.
    """
    require_tools(("rpmbuild", "rst2man"))
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        top = Path(work, f"pkgtools-{pkgtools.__version__}")
        copy_source(top)
        for name, content in (extra or {}).items():
            (top / name).write_text(content)
        run_on_host([f"{top}/tools/source_archive.sh", f"{top}.tar.gz"])
        settings = {
            "_topdir": f"{work}/top",
            "_sourcedir": work,
            "_rpmdir": str(target),
            "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
            "dist": dist or "%{nil}",
            **({} if command else {"_without_cli": "1"}),
            **(defines or {}),
        }
        options = [f"--define={name} {value}" for name, value in settings.items()]
        run_on_host(
            ["rpmbuild", "--quiet", "--nodeps", *options, "-bb", f"{top}/rpm/pkgtools.spec"], env=env, umask=umask
        )
    built = tuple(sorted(target.glob("*.rpm")))
    runtime = next(rpm for rpm in built if rpm.name.startswith("pkgtools-runtime-"))
    found = file_triggers(runtime)
    assert found == TRIGGERS, f"{runtime.name} has the file triggers {found}"
    return built


def file_triggers(rpm: Path) -> tuple[str, ...]:
    """Return the kinds of the file triggers that a package's header holds, sorted, each as often as it is there."""
    tags = {"filetrigger": "FILETRIGGERTYPE", "transfiletrigger": "TRANSFILETRIGGERTYPE"}
    found = []
    for kind, tag in tags.items():
        said = run_on_host(["rpm", "-qp", "--qf", f"[%{{{tag}}}\\n]", str(rpm)])
        found += [f"{kind}{when}" for when in said.split()]
    return tuple(sorted(found))
