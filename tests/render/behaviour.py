# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What the tests of scripts share: the richest package, a stage for it, and what is expected of a script."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from pkgtools.model.manifest import DeclaredPackage, Hook, Strategy, When
from pkgtools.render.script_plan import CLEAN, COMPILE, Call
from tests.render import samples
from tests.render.samples import HOSTILE, package, private, snippet
from tests.render.tools import SHELLS, Stage

Words = tuple[str, ...]
Planned = tuple[Call, ...]

PY3 = ("/usr/bin/py3compile", "/usr/bin/py3clean")
ANY_SHELL = st.sampled_from((*SHELLS, ("dash", "-u")))
STATUS = st.sampled_from([0, 1, 2, 3, 127])
FEW = settings(max_examples=8)
RICH = package(
    Strategy.STANDALONE,
    private=[*(private(path, exclude=["-x/"]) for path in HOSTILE), private("/usr/share/plugins", plugins=True)],
    exclude=["acme/it's $(id)/"],
    runtime_directory="/opt/it's 100% $(id)/lib",
    snippets=[snippet(text, hook, when) for text in samples.SNIPPETS for hook in Hook for when in When],
)


def expected(calls: Planned, status: int, *, may_fail: bool) -> tuple[int, list[Words]]:
    """Return the exit status and the calls that a script makes: one that fails ends it, if it is a strict one."""
    made: list[Words] = []
    for call in calls:
        made.append(call.words)
        if may_fail and status == 1 and call.strict:
            return 1, made
    return 0, made


def programs(declared: DeclaredPackage) -> list[str]:
    return [COMPILE, CLEAN, *PY3, f"{declared.runtime_directory}/pkgtools.pyz", "/usr/bin/pacman", "/usr/bin/apk"]


@contextmanager
def stage_with(declared: DeclaredPackage) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as directory:
        stage = Stage(Path(directory, "root"))
        stage.furnish(programs(declared))
        yield stage


def write(stage: Stage, text: str) -> Path:
    path = stage.root.parent / "script"
    path.write_text(text)
    return path
