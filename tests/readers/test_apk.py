# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of Alpine: real ones by nfpm, and such as nobody would make who means well."""

from __future__ import annotations

import gzip
import hashlib
import random
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import Digest, Kind, Package, PackageManager
from pkgtools.model.package_scripts import ScriptKind
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import UnreadablePackage
from tests.lab.debs import Files, SampleFile, SamplePackage
from tests.lab.needs import need_tools
from tests.lab.nfpm_builds import NFPM
from tests.lab.nfpm_samples import build_nfpm_sample
from tests.readers.deb_crafted import END, entry, long_gzip, measured, pax

SITE = "/usr/lib/python3.12/site-packages/acme"
FILES: Files = {
    f"{SITE}/__init__.py": "x = 1\n",
    f"{SITE}/caf\u00e9 'till'.py": SampleFile("y = 2\n", 0o640),
    "/usr/bin/acme": SampleFile("#!/usr/bin/python3\n", 0o755),
    "/usr/share/acme/data": "z",
}
SCRIPTS = {name: f"echo {name}\n" for name in ("pre-install", "post-install", "post-upgrade", "pre-deinstall")}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_tools([str(NFPM)], root=False)
    sample = SamplePackage(
        name="acme",
        version="1.2-r3",
        files=FILES,
        scripts=SCRIPTS,
        fields={"Depends": "python3~3.12, py3-yaml>=6, !foo"},
        symlinks={f"{SITE}/link.py": "__init__.py"},
        directory_modes={"/var/lib/acme": 0o1777},
    )
    return build_nfpm_sample(sample, "apk", tmp_path_factory.mktemp("apk"))


def read(path: Path) -> Package:
    return read_package(path, ReadingOptions())


def test_metadata_of_a_real_package(real: Path) -> None:
    package = read(real)
    assert (package.kind, package.family, package.label) == (Kind.APK, PackageManager.APK, "acme 1.2-r3")
    assert (package.architecture, package.dependencies) == ("noarch", ("python3~3.12", "py3-yaml>=6"))
    assert [(one.name, one.kind, one.interpreter) for one in package.scripts] == [
        ("pre-install", ScriptKind.PRE_INSTALL, ("/bin/sh",)),
        ("post-install", ScriptKind.POST_INSTALL, ("/bin/sh",)),
        ("post-upgrade", ScriptKind.POST_INSTALL, ("/bin/sh",)),
        ("pre-deinstall", ScriptKind.PRE_REMOVE, ("/bin/sh",)),
    ]
    assert package.scripts[1].text == "#!/bin/sh\nset -e\necho post-install\n"
    assert package.flaws == ()


def listed_by_tar(path: Path) -> list[tuple[str, str]]:
    """Return mode and name of each file, as GNU tar lists the streams that lie behind one another."""
    argv = ["tar", "--list", "--verbose", "--gzip", "--ignore-zeros", "--quoting-style=escape", f"--file={path}"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "TZ": "UTC"})
    lines = [line.split(None, 5) for line in done.stdout.splitlines()]
    names = [(line[0], line[5].partition(" -> ")[0].replace("\\ ", " ").rstrip("/")) for line in lines]
    return [(mode, name) for mode, name in names if not name.startswith(".")]


def test_files_are_those_that_tar_lists(real: Path) -> None:
    found = [(stat.filemode(one.mode), one.path[1:]) for one in read(real).files]
    assert found == listed_by_tar(real)
    assert [one.link for one in read(real).files if one.is_symlink] == ["__init__.py"]


def test_checksums_of_files_are_compared(real: Path) -> None:
    package = read(real)
    (module,) = (one for one in package.files if one.path == f"{SITE}/__init__.py")
    assert module.digest == Digest(algorithm="sha1", value=hashlib.sha1(b"x = 1\n").hexdigest())
    assert module.is_intact


def apk(files: bytes, *, more: bytes = b"", scripts: bytes = b"", packed: bytes = b"", datahash: str = "") -> bytes:
    """Make a package of a tar archive, or of one that is `packed`; `more` are lines of .PKGINFO."""
    packed = packed or gzip.compress(files)
    told = datahash or hashlib.sha256(packed).hexdigest()
    information = f"# made by hand\npkgname = acme\npkgver = 1-r0\narch = noarch\ndatahash = {told}\n".encode() + more
    control = entry(b".PKGINFO", information) + scripts
    return gzip.compress(entry(b".SIGN.RSA.acme.pub", b"sig")) + gzip.compress(control) + packed


def written(tmp_path: Path, content: bytes, name: str = "x.apk") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


MODULE = entry(b"usr/lib/python3.12/site-packages/m.py", b"x = 1\n")


def test_trigger_and_its_directories(tmp_path: Path) -> None:
    script = entry(b".trigger", b"#!/bin/sh\npkgtools-compile /usr/share/acme\n")
    package = read(written(tmp_path, apk(MODULE + END, more=b"triggers = /usr/bin /usr/lib/x\n", scripts=script)))
    (trigger,) = package.triggers
    assert (trigger.directive, trigger.names) == ("trigger", ("/usr/bin", "/usr/lib/x"))
    assert trigger.script is not None
    assert trigger.script.kind is ScriptKind.TRIGGER
    assert package.scripts == ()


def test_time_of_the_build_is_what_changed(tmp_path: Path) -> None:
    assert read(written(tmp_path, apk(MODULE + END, more=b"builddate = 1700000000\n"))).changed == 1_700_000_000


FLAWED: dict[str, tuple[Callable[[], bytes], str]] = {
    "other digest": (lambda: apk(MODULE + END, datahash="0" * 64), "sha256 digest"),
    "absolute": (lambda: apk(entry(b"/etc/x") + MODULE + END), "absolute or lead upwards by `..`: /etc/x"),
    "upwards": (lambda: apk(entry(b"usr/../../etc/x") + MODULE + END), "usr/../../etc/x"),
    "a script among the files": (lambda: apk(entry(b".post-install") + MODULE + END), "take them for some"),
}


@pytest.mark.parametrize(("make", "flaw"), FLAWED.values(), ids=FLAWED)
def test_what_is_wrong_and_can_be_read_is_told(make: Callable[[], bytes], flaw: str, tmp_path: Path) -> None:
    package = read(written(tmp_path, make()))
    assert [one for one in package.flaws if flaw in one] == list(package.flaws)
    assert len(package.flaws) == 1
    assert "/usr/lib/python3.12/site-packages/m.py" in {one.path for one in package.files}


def test_wrong_checksum_of_a_file(tmp_path: Path) -> None:
    content = pax([(b"APK-TOOLS.checksum.SHA1", b"0" * 40)]) + MODULE + END
    assert [one.is_intact for one in read(written(tmp_path, apk(content))).files] == [False]


BIG = b"usr/share/big"
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "broken"),
    "an app of Android": (lambda: b"PK\x03\x04" + bytes(100), "Android"),
    "version 3": (
        lambda: b"ADBd" + bytes(100),
        "a package of apk v3 (an ADB container), which pkgtools can't read yet",
    ),
    "no files": (lambda: gzip.compress(entry(b".PKGINFO", b"pkgname = a\npkgver = 1\n")), "broken"),
    "an index": (lambda: gzip.compress(entry(b"DESCRIPTION") + entry(b"APKINDEX") + END), "files before"),
    "no name": (lambda: gzip.compress(entry(b".PKGINFO", b"pkgver = 1\n")), "no pkgname"),
    "two names": (lambda: apk(END, more=b"pkgname = other\n"), "more than one pkgname"),
    "two metadata files": (lambda: apk(END, scripts=entry(b".PKGINFO", b"pkgname = b\npkgver = 2\n")), "two files"),
    "a link for a script": (lambda: apk(END, scripts=entry(b".post-install", kind=b"2", link=b"x")), "not a file"),
    "files in one stream with the metadata": (lambda: apk(END, scripts=entry(b"etc/x")), "files before"),
    "a script of megabytes": (lambda: apk(END, scripts=entry(b".post-install", bytes(2 << 20))), "more than"),
    "a hundred signatures": (lambda: gzip.compress(entry(b".SIGN.RSA.a")) * 101, "no .PKGINFO"),
    "garbage behind": (lambda: apk(MODULE + END) + b"garbage", "broken"),
    "files behind the end": (lambda: apk(MODULE + END + MODULE + END), "follows the end"),
    "a module behind a zero block of the metadata": (lambda: apk(END, scripts=END + MODULE), "follows the end"),
    "a broken header": (lambda: apk(MODULE + b"x" * 512 + MODULE + END), "invalid header"),
    "a size that apk doesn't see": (lambda: apk(pax([(b"size", b"1024")]) + MODULE + bytes(1024) + END), "otherwise"),
    "a name for all": (lambda: apk(pax([(b"path", b"x")], b"g") + MODULE + END), "otherwise"),
    "a sparse name": (lambda: apk(pax([(b"GNU.sparse.name", b"etc/x")]) + MODULE + END), "otherwise"),
    "files in a file without a name": (lambda: apk(entry(b"", MODULE) + END), "otherwise"),
    "bomb": (lambda: apk(b"", packed=long_gzip(b"", bytes(1 << 20), 1 << 10)), "more comes out of it"),
    "bomb in a source": (
        lambda: apk(b"", packed=long_gzip(entry(BIG, size=b"%011o\0" % (1 << 30)), bytes(1 << 20), 1 << 10)),
        "more comes out of it",
    ),
    "bomb in the metadata": (
        lambda: long_gzip(entry(b".x", size=b"%011o\0" % (1 << 30)), bytes(1 << 20), 1 << 10),
        "more comes out of it",
    ),
    "exabytes": (lambda: apk(entry(b"x.py", size=b"\x80" + bytes(3) + b"\xff" * 8) + END), "broken"),
}


@pytest.mark.parametrize(("make", "wrong"), REFUSED.values(), ids=REFUSED)
def test_what_can_be_no_package_is_refused_in_little_memory(
    make: Callable[[], bytes], wrong: str, tmp_path: Path
) -> None:
    outcome, memory, _ = measured(written(tmp_path, make()))
    assert wrong in outcome
    assert memory < 24 << 10


def read_or_refuse(path: Path) -> None:
    with suppress(UnreadablePackage):
        read(path)


def test_truncated_package_is_refused(real: Path, tmp_path: Path) -> None:
    whole = real.read_bytes()
    for length in range(0, len(whole), 41):
        with pytest.raises(UnreadablePackage) as raised:
            read(written(tmp_path, whole[:length]))
        assert raised.value.offset is None or 0 <= raised.value.offset <= length


@pytest.mark.parametrize("seed", range(2))
def test_flipped_bits_raise_nothing_else(real: Path, seed: int, tmp_path: Path) -> None:
    dice, whole = random.Random(seed), real.read_bytes()
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        read_or_refuse(written(tmp_path, bytes(content)))
