# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The members of packages count against one budget, however many processes check them."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.apply import judge_package
from pkgtools.check.one_package import CheckTask, check_package
from pkgtools.check.registry import all_rules
from pkgtools.check.rule import Hit, Rule
from pkgtools.check.subject import Subject
from pkgtools.cli.member_budget import SHARED, MemberBudget, shared_budget
from pkgtools.model.package import DropInFacts, Kind, Package, PackageManager
from pkgtools.readers.member_count import MemberCount
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import MOST_ENTRIES, UnreadablePackage
from tests.lab.ours import CHECKOUT
from tests.readers.deb_crafted import END, deb, entry, long_gzip, packed_deb
from tests.readers.test_alpm import alpm
from tests.readers.test_apk import apk


@pytest.fixture
def budget(tmp_path: Path) -> MemberBudget:
    (tmp_path / "lock").touch()
    return MemberBudget(share=100, lock=tmp_path / "lock")


def test_share_is_had_while_another_package_has_more(budget: MemberBudget) -> None:
    with budget.of_package() as big, budget.of_package() as small:
        big(101)
        small(100)  # comes back


def test_more_than_the_share_waits_until_the_other_package_is_done(budget: MemberBudget) -> None:
    seen: list[str] = []
    waits = threading.Event()

    def other() -> None:
        with budget.of_package() as grow:
            waits.set()
            grow(101)
            seen.append("the second one")

    with budget.of_package() as grow:
        grow(101)
        thread = threading.Thread(target=other)
        thread.start()
        waits.wait()
        time.sleep(0.1)  # what doesn't wait is there by now
        seen.append("the first one")
    thread.join()
    assert seen == ["the first one", "the second one"]


def test_who_is_killed_holds_nothing(budget: MemberBudget) -> None:
    child = os.fork()
    if not child:
        with budget.of_package() as grow:
            grow(101)
            os._exit(0)
    os.waitpid(child, 0)
    with budget.of_package() as grow:
        grow(101)


def test_shares_come_to_the_same_for_all_numbers_of_processes() -> None:
    for jobs in (2, 8, 64):
        with shared_budget(jobs) as found:
            assert SHARED - jobs < found.share * jobs <= SHARED
            assert found.lock.is_file()
            with found.of_package() as grow:
                grow(found.share + 1)


def test_the_lock_of_a_run_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        tempfile.tempdir = str(tmp_path)
        with shared_budget(2):
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_findings_count_as_members(tmp_path: Path) -> None:
    number = 1200
    names = (b"./usr/lib/python3/dist-packages/__pycache__/m%d.cpython-311.pyc" % one for one in range(number))
    path = tmp_path / "x.deb"
    path.write_bytes(deb(b"".join(map(entry, names)) + END))
    asked: list[int] = []
    verdict = check_package(path, task=CheckTask(), grow=asked.append)
    assert len(verdict.findings) > 2 * number
    assert asked[-1] > number + 2 * len(verdict.findings)


def test_more_findings_than_can_be_held_are_not_reported(tmp_path: Path) -> None:
    count = MemberCount(tmp_path)

    def hits(_subject: Subject) -> Iterator[Hit]:
        while True:  # a rule that holds all would never end
            yield Hit(text="x" * (1 << 20))

    endless = Rule(facts=all_rules()[0].facts, kinds=frozenset(Kind), find=hits)
    package = Package(origin="x", kind=Kind.DEB, family=PackageManager.DPKG, name="x")
    with pytest.raises(UnreadablePackage, match="files and findings"):
        judge_package(package, [endless], hold=lambda one: count.finding(one.text, one.path))


MANY = b"".join(entry(b"usr/share/%d" % number) for number in range(3000))
READERS = {
    "deb": lambda: deb(MANY + END),
    "apk": lambda: apk(MANY + END),
    "alpm": lambda: alpm(MANY),
}


@pytest.mark.parametrize("kind", READERS)
def test_readers_ask_before_they_hold_more(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "package"
    path.write_bytes(READERS[kind]())
    asked: list[int] = []
    package = read_package(path, ReadingOptions(grow=asked.append))
    assert len(package.files) == 3000
    assert asked == sorted(asked)
    assert max(after - before for before, after in itertools.pairwise(asked)) <= 1001
    assert 3000 <= asked[-1] <= 4010


def test_tree_asks_too(tmp_path: Path) -> None:
    (tmp_path / "usr").mkdir()
    for number in range(20):
        (tmp_path / f"usr/{number}").touch()
    asked: list[int] = []
    read_package(tmp_path, ReadingOptions(grow=asked.append))
    assert asked


def test_long_names_count_as_more_members(tmp_path: Path) -> None:
    names = b"".join(entry(b"n", b"%06d/" % number + b"x" * 3000, kind=b"L") + entry(b"y") for number in range(500))
    path = tmp_path / "x.deb"
    path.write_bytes(deb(names + END))
    asked: list[int] = []
    read_package(path, ReadingOptions(grow=asked.append))
    assert asked[-1] > 500 * (3000 // 512)


def test_text_that_is_kept_counts_as_more_members(tmp_path: Path) -> None:
    drop_in = entry(b"./usr/share/pkgtools/private.d/a.conf", b"#" * (1 << 20))
    path = tmp_path / "x.deb"
    path.write_bytes(deb(drop_in * 2 + END))
    asked: list[int] = []
    read_package(path, ReadingOptions(grow=asked.append))
    assert asked[-1] > 2 * (1 << 20) // 512
    count = MemberCount(path)
    with pytest.raises(UnreadablePackage, match="more to it than"):
        for _ in range(500):
            count.content(DropInFacts(text="#" * (1 << 20)))


def test_contents_that_only_a_sink_wants_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    path.write_bytes(deb(entry(b"usr/lib/python3/dist-packages/m.py", b"x = 1\n") + END))
    taken: list[bytes] = []
    look = ReadingOptions(sink=lambda _path, content, _facts: taken.append(content), keeps=False)
    assert read_package(path, look).files == ()
    assert taken == [b"x = 1\n"]


NUMBER = 400_000
"""Members of each package: more than a share of any -j, and 180 MB."""


def resident(pid: int) -> int:
    """Return the KiB of memory of a process and all below it; of what was copied by forks once for each."""
    total = 0
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, StopIteration):
        return total
    return total + sum(resident(int(child)) for child in children)


@pytest.mark.slow
def test_processes_together_hold_little_more_than_one_package(tmp_path: Path) -> None:
    packed = packed_deb(long_gzip(b"", entry(b"./usr/share/acme") * 1000, NUMBER // 1000, END))
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.deb")
        paths[-1].write_bytes(packed)
    argv = [sys.executable, "-m", "pkgtools.cli", "check", "-j4", *map(str, paths)]
    with subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        most = 0
        while process.poll() is None:
            most = max(most, resident(process.pid))
            time.sleep(0.05)
        assert process.stdout is not None
        assert "4 packages: no findings" in process.stdout.read()
    each = 450 << 10  # KiB that a million members cost
    assert NUMBER * each // MOST_ENTRIES < most < (NUMBER + SHARED) * each // MOST_ENTRIES * 3 // 2
