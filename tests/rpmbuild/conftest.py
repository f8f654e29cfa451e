# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What builds packages with our macros."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rpmbuild.builds import Build, Built, Spec, build, let_others_in


@pytest.fixture
def rpmbuild(tmp_path: Path) -> Build:
    """Return a function that builds on this machine, each time in another directory."""
    count = iter(range(100))

    def function(spec: Spec, **options: object) -> Built:
        work = tmp_path / f"build{'x' * 7 * next(count)}"
        work.mkdir()
        let_others_in(work)
        return build(spec, work, **options)  # type: ignore[arg-type] # build's own keywords, of several types

    return function
