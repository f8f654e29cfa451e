# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A system in a directory is read without following a link or waiting for anything, whatever stands in it."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import NAMES_ONLY, ReadingOptions
from pkgtools.model.package import Package, PackageManager, PycFacts
from pkgtools.readers.system import installed as module
from pkgtools.readers.system.installed import fetch_from_root, read_root
from pkgtools.readers.system.root_directory import RootDirectory
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.facts import InstalledPath
from tests.lab.debs import SOME_DAY
from tests.rules.bytecode import SOURCE, cached, pyc
from tests.runtime.acl import ACCESS, set_acl

M = "/usr/share/acme/m.py"
INFO = "/var/lib/dpkg/info"


def make(top: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        whole = Path(f"{top}{path}")
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(whole, (SOME_DAY, SOME_DAY))
    return top


def paths(package: Package) -> list[str]:
    return sorted(one.path for one in package.files if not one.is_directory)


def test_modules_caches_and_the_directories_of_both_are_found(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M), "/opt/n.pyc": b"", "/opt/data.txt": "", "/x/__pycache__/y": ""})
    package = read_root(top, ReadingOptions())
    assert paths(package) == sorted([M, cached(M), "/opt/n.pyc", "/x/__pycache__/y"])
    assert [one.path for one in package.files if one.is_directory] == [
        "/opt",
        "/usr",
        "/usr/share",
        "/usr/share/acme",
        "/usr/share/acme/__pycache__",
        "/x",
        "/x/__pycache__",
    ]


def test_what_belongs_to_nobody_or_everybody_is_left_alone_and_said(tmp_path: Path) -> None:
    skipped = sorted(module.SKIPPED)
    package = read_root(make(tmp_path, {f"{path}/m.py": "" for path in (*skipped, "/opt")}), ReadingOptions())
    assert paths(package) == ["/opt/m.py"]
    assert package.notes[-1].startswith(f"not looked at: {skipped[0]}, ")


def test_links_are_seen_and_never_followed(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", {"/m.py": "secret = 1\n", "/__pycache__/m.cpython-311.pyc": pyc("/m.py")})
    top = make(tmp_path / "root", {M: SOURCE})
    links = {
        "/opt": outside,
        "/usr/share/acme/n.py": outside / "m.py",
        "/usr/share/acme/__pycache__": outside / "__pycache__",
        "/usr/lib": Path("../../outside"),
        "/var/lib": Path("../../outside"),
        "/etc": outside,
    }
    for path, target in links.items():
        Path(f"{top}{path}").parent.mkdir(parents=True, exist_ok=True)
        Path(f"{top}{path}").symlink_to(target)
    package = read_root(top, ReadingOptions())
    assert paths(package) == sorted([M, "/usr/share/acme/n.py", "/usr/share/acme/__pycache__"])
    assert [one.path for one in package.files if one.facts is not None] == [M]
    wanted = [M, "/opt/m.py", "/usr/share/acme/n.py", "/usr/share/acme/__pycache__/m.cpython-311.pyc", "/nowhere"]
    assert fetch_from_root(top)(set(map(InstalledPath, wanted))) == {M: SOURCE.encode()}


def test_nothing_is_waited_for(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE})
    for name in ("fifo.py", "fifo.pyc"):
        os.mkfifo(top / name)
    os.mknod(top / "zero.py", 0o20644, os.makedev(1, 5))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(top / "socket.py"))
        (top / "directory.py").mkdir()
        package = read_root(top, ReadingOptions())
    assert paths(package) == sorted([M, "/fifo.py", "/fifo.pyc", "/zero.py", "/socket.py"])
    assert [one.path for one in package.files if one.facts is not None] == [M]


@pytest.mark.parametrize(
    "name",
    [b"a\nb.py", b"\xff\xfe.py", b"x" * 252 + b".py", b"$(id) '\".py", b" .py", b"%s.py", b"\xe2\x80\xae.py"],
    ids=repr,
)
def test_every_name_is_read(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "opt").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/opt/" + name)).write_text(SOURCE)
    path = f"/opt/{os.fsdecode(name)}"
    package = read_root(tmp_path, ReadingOptions())
    assert paths(package) == [path]
    assert fetch_from_root(tmp_path)({InstalledPath(path)}) == {path: SOURCE.encode()}


def test_directories_deep_in_one_another_are_given_up_and_said(tmp_path: Path) -> None:
    make(tmp_path, {M: SOURCE})
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(500):
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(os.open("m.py", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    package = read_root(tmp_path, ReadingOptions())
    assert paths(package) == [M]
    assert [note for note in package.notes if note.endswith("too many directories in one another")] != []
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_directory_that_is_swapped_for_a_link_meanwhile_is_not_left(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", {f"/m{number}.py": "secret = 1\n" for number in range(20)})
    inside = {f"/opt/app/m{number}.py": SOURCE for number in range(20)}
    top = make(tmp_path / "root", inside)
    app, aside, link = top / "opt/app", top / "opt/aside", top / "opt/link"
    link.symlink_to(outside)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            app.rename(aside)
            link.rename(app)
            app.rename(link)
            aside.rename(app)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(50):
            package = read_root(top, ReadingOptions())
            sizes = {one.facts.size for one in package.files if one.facts is not None and hasattr(one.facts, "size")}
            assert sizes <= {len(SOURCE)}
            contents = fetch_from_root(top)(set(map(InstalledPath, inside)))
            assert set(contents.values()) <= {SOURCE.encode()}
    finally:
        done.set()
        thread.join()


def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE})
    done = threading.Event()

    def grow() -> None:
        with Path(f"{top}{M}").open("ab") as stream:
            while not done.is_set() and stream.tell() < 100_000_000:
                stream.write(b"#" * 100_000)

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for _ in range(10):
            (file,) = (one for one in read_root(top, ReadingOptions()).files if one.path == M)
            if file.facts is not None:
                assert getattr(file.facts, "size", None) == file.size
    finally:
        done.set()
        thread.join()


def test_owners_and_checksums_are_those_of_dpkg(tmp_path: Path) -> None:
    files = {M: SOURCE, f"{INFO}/acme.list": f"/.\n/usr\n{M}\n", f"{INFO}/acme.md5sums": f"{'0' * 32}  {M[1:]}\n"}
    package = read_root(make(tmp_path, files), ReadingOptions())
    found = {str(one.path): one for one in package.files}
    assert (found[M].package, found[M].is_intact, package.family) == ("acme", False, PackageManager.DPKG)


def test_a_broken_database_of_rpm_is_noted_and_the_rest_is_read(tmp_path: Path) -> None:
    package = read_root(make(tmp_path, {M: SOURCE, "/var/lib/rpm/rpmdb.sqlite": "nonsense"}), ReadingOptions())
    assert paths(package) == [M]
    assert any("it is unknown what rpm's packages own" in note for note in package.notes)


def test_access_lists_of_directories_sources_and_pycs_are_seen(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M)})
    listed = ["/usr/share/acme", M, cached(M)]
    for path in listed:
        set_acl(f"{top}{path}", ACCESS, owner=7, user=(1234, 7), group=5, mask=7, other=5)
    assert [one.path for one in read_root(top, ReadingOptions()).files if one.has_acl] == listed


def test_names_only(tmp_path: Path) -> None:
    package = read_root(make(tmp_path, {M: SOURCE, cached(M): pyc(M)}), NAMES_ONLY)
    assert paths(package) == sorted([M, cached(M)])
    assert {one.facts for one in package.files} == {None}


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_directory_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnreadablePackage):
        read_root(tmp_path / name, ReadingOptions())


def test_a_huge_pyc_is_not_read(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M)})
    os.truncate(f"{top}{cached(M)}", 10 << 30)
    (file,) = (one for one in read_root(top, ReadingOptions()).files if one.path == cached(M))
    assert (file.facts, file.size) == (None, 10 << 30)


def test_forged_lists_do_not_fill_the_memory(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, f"{INFO}/z.list": f"{M}\n"})
    for number in range(6):
        with Path(f"{top}{INFO}/{number}.list").open("wb") as stream:
            stream.truncate(100 << 20)
    code = (
        "import sys; from pathlib import Path; from pkgtools.readers.system.installed import read_root;"
        "from pkgtools.bytecode.examine import ReadingOptions;"
        "print([one.package for one in read_root(Path(sys.argv[1]), ReadingOptions()).files if one.is_regular])"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))

    done = subprocess.run(
        [sys.executable, "-c", code, str(top)], capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert (done.stdout, done.stderr) == ("['z']\n", "")


def test_a_pyc_is_described_as_it_is_when_it_is_read(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): pyc(M)})
    (file,) = (one for one in read_root(top, ReadingOptions()).files if one.path == cached(M))
    assert isinstance(file.facts, PycFacts)
    assert (file.size, file.mtime_ns) == (file.facts.size, SOME_DAY * 1_000_000_000)


def test_the_descriptors_are_given_up(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, "/opt/n.py": ""})
    before = sorted(os.listdir("/proc/self/fd"))
    read_root(top, ReadingOptions())
    fetch_from_root(top)({InstalledPath(M)})
    root = RootDirectory(top)
    assert root.names(InstalledPath("/nowhere")) == []
    root.close()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_what_is_there_and_cannot_be_read_is_noted_and_what_is_not_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    root = RootDirectory(tmp_path)
    for path in ("/none", "/link", "/link/none"):
        assert (root.read(InstalledPath(path), 1), root.names(InstalledPath(path))) == (None, [])
    assert root.problems == []
    long = "/" + "a" * 300
    assert (root.read(InstalledPath(long), 1), root.names(InstalledPath(long))) == (None, [])
    root.close()
    assert root.problems == [f"{long}: file name too long"] * 2
