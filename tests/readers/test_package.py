# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Names in real packages and trees; whatever is broken ends in one error."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import Kind, Package
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import UnreadablePackage
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm

HOSTILE = ("/opt/acme/a b.py", "/opt/acme/caf\udce9.py", "/opt/acme/x\"'$(y)%.py", "/opt/acme/" + "n" * 252 + ".py")
DEPENDS = {"Depends": "python3 (>= 3.9~),\n foo | bar,  baz", "Pre-Depends": "quux"}


def entry(path: str, *, is_directory: bool = False) -> tuple[str, bool]:
    return path, is_directory


def entries(package: Package) -> list[tuple[str, bool]]:
    return [(one.path, one.is_directory) for one in package.files]


def names(package: Package) -> list[str]:
    return [one.path for one in package.files if not one.is_directory]


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    need_tools(["dpkg-deb"])
    files = dict.fromkeys(HOSTILE, "x = 1\n")
    package = SamplePackage(
        name="acme", version="1:2-3", files=files, symlinks={"/opt/acme/link.py": "a b.py"}, fields=DEPENDS
    )
    return build_deb(package, tmp_path)


@pytest.fixture
def rpm(tmp_path: Path) -> Path:
    need_tools(["rpmbuild"])
    files = dict.fromkeys(("/opt/acme/a.py", "/opt/acme/b.py"), "x = 1\n")
    fields = {"Requires": "python(abi) = 3.11, foo >= 1, bar"}
    package = SamplePackage(
        name="Acme", version="2", files=files, symlinks={"/opt/acme/link": "."}, fields=fields, directory_modes={}
    )
    return build_rpm(package, tmp_path, ghosts=("/opt/acme/ghost.pyc",))


def test_deb_is_listed(deb: Path) -> None:
    package = read_package(deb, ReadingOptions())
    assert (package.kind, package.name, package.version) == (Kind.DEB, "acme", "1:2-3")
    assert package.dependencies == ("quux", "python3 (>= 3.9~)", "foo | bar", "baz")
    assert set(entries(package)) == {
        entry("/opt", is_directory=True),
        entry("/opt/acme", is_directory=True),
        entry("/opt/acme/link.py"),
        *map(entry, HOSTILE),
    }


def test_rpm_is_listed_with_directories_and_ghosts(rpm: Path) -> None:
    package = read_package(rpm, ReadingOptions())
    assert (package.kind, package.name, package.version) == (Kind.RPM, "Acme", "2-1")
    assert {"python(abi) = 3.11", "foo >= 1", "bar"} <= set(package.dependencies)
    assert set(entries(package)) == {
        entry("/opt/acme", is_directory=True),
        *map(entry, ("/opt/acme/a.py", "/opt/acme/b.py", "/opt/acme/ghost.pyc", "/opt/acme/link")),
    }


def test_rpm_with_one_file_is_listed(tmp_path: Path) -> None:
    need_tools(["rpmbuild"])
    path = build_rpm(SamplePackage(name="one", files={"/usr/share/one.py": ""}), tmp_path)
    assert entries(read_package(path, ReadingOptions())) == [entry("/usr/share/one.py")]


def rpmbuild(directory: Path, what: str) -> Path:
    """Build a package without files, or its source package."""
    need_tools(["rpmbuild"])
    spec = directory / "s.spec"
    spec.write_text("Name: s\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\n%description\ns\n%files\n")
    argv = ["rpmbuild", "--quiet", f"--define=_topdir {directory}", what, str(spec)]
    subprocess.run(argv, check=True, capture_output=True)
    return next(directory.rglob("*.rpm"))


def test_rpm_without_files_is_listed(tmp_path: Path) -> None:
    assert read_package(rpmbuild(tmp_path, "-bb"), ReadingOptions()).files == ()


def test_tree_is_listed_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "tree/opt/acme").mkdir(parents=True)
    (tmp_path / "tree/opt/acme/a.py").touch()
    (tmp_path / "tree/opt/up").symlink_to("..")
    os.mkdir(os.fsencode(tmp_path) + b"/tree/\xe9")
    package = read_package(tmp_path / "tree", ReadingOptions())
    assert (package.kind, package.name, package.version) == (Kind.TREE, "tree", "")
    assert entries(package) == [
        entry("/opt", is_directory=True),
        entry("/\udce9", is_directory=True),
        entry("/opt/acme", is_directory=True),
        entry("/opt/up"),
        entry("/opt/acme/a.py"),
    ]
    assert [one.link for one in package.files if one.is_symlink] == [".."]


def test_staged_tree_is_what_its_control_file_says(deb: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "--raw-extract", str(deb), str(tmp_path / "tree")], check=True)
    tree, packed = read_package(tmp_path / "tree", ReadingOptions()), read_package(deb, ReadingOptions())
    assert (tree.name, tree.version, tree.dependencies) == (packed.name, packed.version, packed.dependencies)
    assert set(entries(tree)) == set(entries(packed))


def ar(*members: tuple[str, bytes]) -> bytes:
    """Make an ar archive as deb(5) has it."""
    content = b"!<arch>\n"
    for name, data in members:
        content += (
            f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
        )
    return content


def tar(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo("./" + name.replace("_", "."))
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


CONTROL = tar(control=b"Package: acme\nVersion: 1\n")
VERSION = ("debian-binary", b"2.0\n")
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    ".zst": lambda data: subprocess.run(["zstd", "-q"], input=data, check=True, capture_output=True).stdout,
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_each_compression_is_read(tmp_path: Path, suffix: str) -> None:
    if suffix == ".zst":
        need_tools(["zstd"])
    data = tar(**{f"m{number}_py": os.urandom(5000) for number in range(50)})
    path = tmp_path / "x.deb"
    packed = PACKERS[suffix]
    path.write_bytes(ar(VERSION, (f"control.tar{suffix}", packed(CONTROL)), (f"data.tar{suffix}", packed(data))))
    assert names(read_package(path, ReadingOptions())) == [f"/m{number}.py" for number in range(50)]
    path.write_bytes(ar(VERSION, (f"control.tar{suffix}", packed(CONTROL)), (f"data.tar{suffix}", packed(data)[:9999])))
    with pytest.raises(UnreadablePackage):
        read_package(path, ReadingOptions())


@pytest.mark.parametrize("suffix", [suffix for suffix in PACKERS if suffix])
def test_what_dpkg_does_not_unpack_is_not_read(tmp_path: Path, suffix: str) -> None:
    """dpkg-deb takes the first stream alone, and succeeds; gzip's streams all."""
    packed, path = PACKERS[suffix], tmp_path / "x.deb"
    data = tar(**{f"m{number}_py": b"" for number in range(50)})
    parts = packed(data[:20480]) + packed(data[20480:])
    path.write_bytes(ar(VERSION, (f"control.tar{suffix}", packed(CONTROL)), (f"data.tar{suffix}", parts)))
    by_dpkg = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], capture_output=True, check=False)
    if by_dpkg.stdout == data:
        assert len(names(read_package(path, ReadingOptions()))) == 50
    else:
        with pytest.raises(UnreadablePackage):
            read_package(path, ReadingOptions())


@pytest.mark.parametrize("name", ["postinst", "control", "triggers"])
def test_a_control_file_that_is_huge_is_refused_and_not_cut(name: str, tmp_path: Path) -> None:
    files = {"control": b"Package: acme\nVersion: 1\n", name: b"Package: acme\n#" + b"x" * (17 << 20)}
    path = tmp_path / "x.deb"
    path.write_bytes(ar(VERSION, ("control.tar", tar(**files)), ("data.tar", tar())))
    (tmp_path / "tree/DEBIAN").mkdir(parents=True)
    for one, content in files.items():
        (tmp_path / "tree/DEBIAN" / one).write_bytes(content)
    for given in (path, tmp_path / "tree"):
        with pytest.raises(UnreadablePackage, match=f"{name} has more than"):
            read_package(given, ReadingOptions())


def test_a_long_script_is_read_whole(tmp_path: Path) -> None:
    script = b"#!/bin/sh\n:" + b" " * (1 << 19) + b"\npy3compile -p acme\n"
    (tmp_path / "tree/DEBIAN").mkdir(parents=True)
    (tmp_path / "tree/DEBIAN/postinst").write_bytes(script)
    (read,) = read_package(tmp_path / "tree", ReadingOptions()).scripts
    assert read.text == script.decode()


BROKEN = {
    "empty": b"",
    "no archive": b"PK\3\4",
    "no members": ar(),
    "no data": ar(VERSION, ("control.tar", CONTROL)),
    "data twice": ar(VERSION, ("control.tar", CONTROL), ("data.tar", tar()), ("data.tar.gz", gzip.compress(tar()))),
    "no control file": ar(VERSION, ("control.tar", tar(other=b"")), ("data.tar", tar())),
    "no name": ar(VERSION, ("control.tar", tar(control=b"Version: 1\n")), ("data.tar", tar())),
    "control isn't a text": ar(VERSION, ("control.tar", tar(control=b"Package: \xff\n")), ("data.tar", tar())),
    "unknown compression": ar(VERSION, ("control.tar", CONTROL), ("data.tar.br", b"x")),
    "wrong compression": ar(VERSION, ("control.tar", CONTROL), ("data.tar.gz", tar())),
    "no debian-binary": ar(("control.tar", CONTROL), ("data.tar", tar())),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("suffix", ["deb", "rpm"])
def test_broken_package_is_said_to_be_so(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadablePackage) as raised:
        read_package(path, ReadingOptions())
    assert str(raised.value).startswith(f"{path}: ")


@pytest.mark.parametrize("kind", ["deb", "rpm"])
def test_damaged_package_never_raises_anything_else(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    given: Path = request.getfixturevalue(kind)
    whole, dice = given.read_bytes(), random.Random(0)
    path = tmp_path / f"damaged.{kind}"
    for _ in range(300):
        content = bytearray(whole[: dice.choice((len(whole), dice.randrange(len(whole))))])
        for _ in range(dice.randrange(1, 6)):
            if content:
                content[dice.randrange(min(len(content), 4096))] = dice.choice((0, 0xFF, dice.randrange(256)))
        path.write_bytes(content)
        with suppress(UnreadablePackage):
            read_package(path, ReadingOptions())


def test_source_rpm_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePackage, match="source package"):
        read_package(rpmbuild(tmp_path, "-bs"), ReadingOptions())


@pytest.mark.parametrize("name", ["none.deb", "none.rpm", "none.txt"])
def test_missing_file_is_said_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadablePackage, match=name):
        read_package(tmp_path / name, ReadingOptions())


@pytest.mark.slow
def test_bomb_is_not_unpacked_into_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    header = tarfile.TarInfo("./big")
    header.size = 1 << 30
    content = [packer.compress(header.tobuf())]
    content += [packer.compress(bytes(1 << 20)) for _ in range(1 << 10)]
    packed = b"".join(content) + packer.compress(bytes(1024)) + packer.flush()
    path = tmp_path / "x.deb"
    path.write_bytes(ar(VERSION, ("control.tar", CONTROL), ("data.tar.gz", packed)))
    script = (
        "import resource, sys; from pathlib import Path; resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29));"
        "from pkgtools.readers.package import read_package; from pkgtools.bytecode.examine import ReadingOptions;"
        "from pkgtools.readers.unreadable import UnreadablePackage\n"
        "try: read_package(Path(sys.argv[1]), ReadingOptions())\n"
        "except UnreadablePackage as error: print(error.offset)"
    )
    top = Path(__file__).resolve().parent.parent.parent
    argv = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=top)
    assert 0 < int(done.stdout) <= path.stat().st_size
