# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Databases that rpm made, in its two formats, against the packages that were installed; broken and hostile ones."""

from __future__ import annotations

import dataclasses
import random
import shutil
import sqlite3
import struct
import subprocess
import zlib
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import NAMES_ONLY
from pkgtools.model.package import Kind, Package
from pkgtools.readers.rpm.rpm_file import read_rpm
from pkgtools.readers.rpm.rpmdb import read_ndb, read_rpm_database, read_sqlite
from pkgtools.readers.rpm.tags import Tag
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import EnvironmentFault
from tests.lab.commands import run_on_host
from tests.lab.needs import need_tools
from tests.readers.rpm_crafted import bare, header, numbers, string
from tests.readers.rpm_samples import EVERYTHING, TINY, build_spec

DATABASE = Path("db")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    directory = tmp_path_factory.mktemp("packages")
    return [build_spec(EVERYTHING, directory / "everything"), build_spec(TINY, directory / "tiny")]


@pytest.fixture(scope="module")
def root(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root directory with a database in which both packages are installed."""
    directory = tmp_path_factory.mktemp("root")
    install(directory / "usr/lib/sysimage/rpm", packages)
    return directory


def install(database: Path, packages: Sequence[Path]) -> None:
    """Make a database and write down that packages are installed."""
    need_tools(["rpm"])
    database.mkdir(parents=True)
    common = [f"--dbpath={database}", "--define=_db_backend sqlite"]
    run_on_host(["rpm", *common, "--initdb"])
    argv = ["rpm", *common, *force_debian(), "-i", "--justdb", "--nodeps", "--noscripts", "--notriggers"]
    if packages:
        run_on_host([*argv, *map(str, packages)])


def force_debian() -> list[str]:
    """Return the option without which Debian's rpm up to 4.18 installs nothing."""
    return ["--force-debian"] if run_on_host(["rpm", "--version"]).split()[-1] < "4.19" else []


def in_database(path: Path, origin: Path) -> Package:
    """Return what the database should say of a package."""
    return dataclasses.replace(read_rpm(path, NAMES_ONLY), origin=str(origin), flaws=())


def blobs(root: Path) -> list[bytes]:
    with closing(sqlite3.connect(root / "usr/lib/sysimage/rpm/rpmdb.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT blob FROM Packages ORDER BY hnum")]


def test_what_rpm_installed_is_read(root: Path, packages: list[Path]) -> None:
    found = read_rpm_database(root)
    database = root / "usr/lib/sysimage/rpm/rpmdb.sqlite"
    assert sorted(found, key=str) == sorted((in_database(path, database) for path in packages), key=str)
    assert {one.kind for one in found} == {Kind.RPM}
    everything = next(one for one in found if one.name == "everything")
    assert (len(everything.triggers), len(everything.scripts)) == (10, 7)
    assert all(file.digest for file in everything.files if file.is_regular and not file.is_ghost)


def test_files_that_were_not_installed_are_left_out(packages: list[Path], tmp_path: Path) -> None:
    need_tools(["rpm"])  # as root: rpm enters the root directory
    argv = ["rpm", f"--root={tmp_path}", "--define=_dbpath /var/lib/rpm", *force_debian(), "--excludepath=/opt/t/a.py"]
    run_on_host([*argv, "-i", "--nodeps", "--noscripts", "--notriggers", str(packages[1])])
    (package,) = read_rpm_database(tmp_path)
    assert [file.path for file in package.files] == ["/opt/t", "/opt/t/b.py", "/opt/t/c.py"]


def test_database_is_not_changed(root: Path) -> None:
    directory = root / "usr/lib/sysimage/rpm"
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in directory.iterdir()}
    read_rpm_database(root)
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in directory.iterdir()} == before


def test_system_without_database_has_no_packages(tmp_path: Path) -> None:
    assert read_rpm_database(tmp_path) == ()


def test_empty_database_has_no_packages(tmp_path: Path) -> None:
    install(tmp_path / "var/lib/rpm", [])
    assert read_rpm_database(tmp_path) == ()


def test_berkeley_database_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    (tmp_path / "var/lib/rpm/Packages").write_bytes(bytes(4096))
    with pytest.raises(EnvironmentFault, match=r"Berkeley DB.*--rebuilddb"):
        read_rpm_database(tmp_path)


def ndb(*entries: tuple[int, bytes]) -> bytes:
    """Make a database in rpm's own format, as its backend ndb writes it: numbers and headers."""
    slots, content = b"", b""
    for number, blob in entries:
        start = 256 + len(content) // 16
        body = struct.pack("<4sIII", b"BlbS", number, 0, len(blob)) + blob
        body += bytes(-(len(body) + 12) % 16)
        content += body + struct.pack("<II4s", zlib.adler32(body), len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, start, 256 + len(content) // 16 - start)
    slots += struct.pack("<4s12x", b"Slot") * ((4096 - 32 - len(slots)) // 16)
    return struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, len(entries) + 1) + slots + content


def test_ndb_has_the_same_packages(root: Path, packages: list[Path]) -> None:
    one, two = blobs(root)
    found = read_ndb(ndb((7, two), (3, one)), DATABASE)
    assert sorted(found, key=str) == sorted((in_database(path, DATABASE) for path in packages), key=str)
    assert [package.name for package in found] == [package.name for package in read_rpm_database(root)]


def test_ndb_is_found_in_a_system(root: Path, tmp_path: Path) -> None:
    (tmp_path / "usr/lib/sysimage/rpm").mkdir(parents=True)
    (tmp_path / "usr/lib/sysimage/rpm/Packages.db").write_bytes(ndb((1, blobs(root)[0])))
    assert [one.name for one in read_rpm_database(tmp_path)] == [read_rpm_database(root)[0].name]


def test_keys_are_no_packages() -> None:
    key = header({**bare(), int(Tag.NAME): string("gpg-pubkey")})
    assert [one.name for one in read_ndb(ndb((1, key), (2, header(bare(["a"])))), DATABASE)] == ["bare"]


@pytest.mark.parametrize("link", ["usr/lib/sysimage", "usr/lib/sysimage/rpm", "usr/lib/sysimage/rpm/rpmdb.sqlite"])
def test_links_in_a_foreign_system_are_not_followed(link: str, root: Path, tmp_path: Path) -> None:
    place = tmp_path / link
    place.parent.mkdir(parents=True)
    place.symlink_to(root / link)
    with suppress(UnreadablePackage):
        assert read_rpm_database(tmp_path) == ()


def test_pipe_instead_of_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    subprocess.run(["mkfifo", str(tmp_path / "var/lib/rpm/rpmdb.sqlite")], check=True)
    with pytest.raises(UnreadablePackage, match="not a regular file"):
        read_rpm_database(tmp_path)


def test_log_of_a_transaction_is_seen(root: Path, tmp_path: Path) -> None:
    directory = tmp_path / "usr/lib/sysimage/rpm"
    shutil.copytree(root / "usr/lib/sysimage/rpm", directory)
    first, second = blobs(root)
    with closing(sqlite3.connect(directory / "rpmdb.sqlite")) as database:
        database.execute("PRAGMA wal_autocheckpoint=0")
        with database:
            database.execute("DELETE FROM Packages")
        with database:
            database.executemany("INSERT INTO Packages VALUES (?, ?)", [(number, second) for number in range(30, 60)])
        database.execute("INSERT INTO Packages VALUES (99, ?)", (first,))  # not committed
        found = read_rpm_database(tmp_path)
    assert (directory / "rpmdb.sqlite").stat().st_size > 0
    assert [one.name for one in found] == [read_ndb(ndb((1, second)), DATABASE)[0].name] * 30


@pytest.mark.parametrize("length", [0, 31, 32, 33, 56, 5000])
def test_log_that_is_garbage_is_no_reason_to_fail(length: int, root: Path) -> None:
    whole = (root / "usr/lib/sysimage/rpm/rpmdb.sqlite").read_bytes()
    log = random.Random(length).randbytes(length)
    assert read_sqlite(whole, DATABASE, log) == read_sqlite(whole, DATABASE)
    assert len(read_sqlite(whole, DATABASE, bytes(length))) == 2


def sqlite(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in statements:
            database.execute(statement)
        return bytes(database.serialize())


ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS hnum, zeroblob(9) AS blob FROM c"
WRONG_SQLITE = {
    "empty": (b"", "not an rpm database"),
    "no database": (b"SQLite format 4\0" * 100, "not a database"),
    "no table": (sqlite("CREATE TABLE other (a)"), "no table Packages"),
    "endless view": (sqlite(f"CREATE VIEW Packages AS {ENDLESS}"), "no table Packages"),
    "other columns": (sqlite("CREATE TABLE Packages (a)"), "no such column"),
    "text": (sqlite("CREATE TABLE Packages (hnum, blob)", "INSERT INTO Packages VALUES (1, 'x')"), "isn't a header"),
    "short header": (
        sqlite("CREATE TABLE Packages (hnum, blob)", "INSERT INTO Packages VALUES (1, zeroblob(7))"),
        "shorter or longer",
    ),
    "computed column": (
        sqlite("CREATE TABLE Packages (hnum, a, blob AS (zeroblob(9)))", "INSERT INTO Packages (hnum) VALUES (1)"),
        "can't have 0 tags",
    ),
}


@pytest.mark.parametrize(("data", "said"), WRONG_SQLITE.values(), ids=list(WRONG_SQLITE))
def test_wrong_database_of_sqlite_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadablePackage, match=said):
        read_sqlite(data, DATABASE)


WHOLE = ndb((1, header(bare(["a"]))), (2, header(bare(["b"]))))
WRONG_NDB = {
    "empty": (b"", "not an rpm database"),
    "no database": (b"x" * 5000, "not an rpm database"),
    "version": (WHOLE[:4] + b"\1" + WHOLE[5:], "unknown version"),
    "many pages": (WHOLE[:12] + b"\xff\xff\xff\xff" + WHOLE[16:], "table of packages"),
    "no slot": (WHOLE[:32] + b"x" + WHOLE[33:], "entry of its table"),
    "behind its end": (WHOLE[:40] + b"\xff\xff\xff\x0f" + WHOLE[44:], "behind its end"),
    "too long": (WHOLE[:44] + b"\xff\xff\xff\x0f" + WHOLE[48:], "overlap"),
    "number": (WHOLE[:36] + b"\3" + WHOLE[37:], "package 3 is broken"),
    "content": (WHOLE[:4150] + b"?" + WHOLE[4151:], "checksum"),
    "cut off": (WHOLE[:-16], "broken"),
}


@pytest.mark.parametrize(("data", "said"), WRONG_NDB.values(), ids=list(WRONG_NDB))
def test_wrong_database_of_rpms_own_format_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadablePackage, match=said):
        read_ndb(data, DATABASE)


def test_states_must_be_those_of_the_files() -> None:
    tags = {**bare(["a", "b"]), int(Tag.FILESTATES): numbers(0, width=1)}
    with pytest.raises(UnreadablePackage, match="1 states for 2 files"):
        read_ndb(ndb((1, header(tags))), DATABASE)


@pytest.mark.parametrize("form", ["sqlite", "ndb"])
def test_damaged_database_never_raises_anything_else(form: str, root: Path) -> None:
    read = read_sqlite if form == "sqlite" else read_ndb
    database = root / "usr/lib/sysimage/rpm/rpmdb.sqlite"
    whole = database.read_bytes() if form == "sqlite" else ndb(*enumerate(blobs(root), 1))
    dice, refused = random.Random(7), 0
    for _ in range(150):
        content = bytearray(whole[: dice.choice((len(whole), len(whole), dice.randrange(len(whole))))])
        for _ in range(dice.randrange(1, 30)):
            if content:
                content[dice.randrange(len(content))] = dice.choice((0, 0xFF, dice.randrange(256)))
        try:
            read(bytes(content), DATABASE)
        except UnreadablePackage:
            refused += 1
    assert refused > 10


def test_database_that_computes_its_packages_is_refused(tmp_path: Path) -> None:
    """A few kilobytes that say to be many headers of 32 MiB cost a minute, and a hundred thousand of them days."""
    store = 32 << 20
    entries = [struct.pack(">IIII", 1000, 6, 0, 1)]
    entries += [struct.pack(">IIII", 2000 + number, 8, 20 + number, 1) for number in range(1, 40)]
    head = struct.pack(">II", len(entries), store) + b"".join(entries) + b"gpg-pubkey"
    path = tmp_path / "usr/lib/sysimage/rpm/rpmdb.sqlite"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as database:
        blob = f"cast(x'{head.hex()}' || zeroblob({store - 10}) as blob)"
        database.execute(f"CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB AS ({blob}))")
        database.execute("INSERT INTO Packages(hnum) VALUES (1)")
        database.commit()
    with pytest.raises(UnreadablePackage, match="more in it than its size"):
        read_rpm_database(tmp_path)
