# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Reports in files: replaced as a whole, and written to no name that others could have prepared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pkgtools.cli.output import replace_file


def test_no_name_that_another_user_could_foresee_is_opened(tmp_path: Path) -> None:
    """In /tmp the partial file was called by the process number: a link of that name led root elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    (tmp_path / f".pkgtools-{os.getpid()}").symlink_to(victim)
    replace_file(tmp_path / "report", iter(["ours"]))
    assert (victim.read_text(), (tmp_path / "report").read_text()) == ("theirs", "ours")


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_mode_of_a_report_that_is_replaced_stays(mode: int, tmp_path: Path) -> None:
    report = tmp_path / "report"
    report.touch()
    report.chmod(mode)
    replace_file(report, iter(["new"]))
    assert (report.stat().st_mode & 0o777, report.read_text()) == (mode, "new")


def test_new_report_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "report", iter(["new"]))
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert (tmp_path / "report").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["report"]


def test_interrupt_leaves_the_old_report_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("old")

    def pieces() -> list[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "report", (text for _ in range(1) for text in ("new", *pieces())))
    assert (tmp_path / "report").read_text() == "old"
    assert os.listdir(tmp_path) == ["report"]
