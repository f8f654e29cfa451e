# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of Debian's archive: what dpkg-deb says of them, and that the rules find nothing that isn't so."""

from __future__ import annotations

import io
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.one_package import CheckTask, check_package
from pkgtools.model.finding import Severity
from pkgtools.model.package import File, Package
from pkgtools.readers.package import read_package
from pkgtools.runtime.policy.sources import absolute
from tests.lab.archive import fetch
from tests.lab.needs import need_tools

pytestmark = [pytest.mark.system, pytest.mark.slow]

PACKAGES = """
apt-listchanges debconf dh-python fail2ban git iputils-ping locales man-db mercurial
openssh-server passwd perl-base postgresql-common python3-apt sudo systemd tzdata virtinst
python3-django python3-lxml python3-numpy python3-pip python3-requests python3-six python3-twisted python3-yaml
""".strip().splitlines()
"""With what they need: 100 and more, with triggers, debconf's questions, setuid programs, hard links, odd owners."""

SUITES = ("bookworm", "trixie", "forky")

EXPECTED = {(f"/usr/bin/{name}", "wrong-shebang") for name in ("routel", "virt-clone", "virt-install", "virt-xml")}
"""Path and rule of each finding from WARNING on, judged by hand: a maintainer would not dispute it."""


def fetch_all(suite: str) -> tuple[Path, ...]:
    """Return each package once; a line of names makes a directory, whose name has to fit."""
    found = {deb.name: deb for line in PACKAGES for deb in fetch(suite, *line.split())}
    return tuple(found[name] for name in sorted(found))


@pytest.fixture(scope="module", params=SUITES)
def debs(request: pytest.FixtureRequest) -> tuple[Path, ...]:
    need_tools(("mmdebstrap", "zstd", "dpkg-deb"))
    found = fetch_all(request.param)
    assert len(found) >= 60
    return found


DISPUTED = {("/usr/bin/routel", "no-dependency-on-python")}
"""Likewise what a maintainer may dispute: one program of forky's iproute2, which suggests Python."""


def output(*argv: str) -> bytes:
    return subprocess.run(argv, check=True, capture_output=True).stdout


Row = tuple[str, int, int, int, str, str, int, str]
"""Path, mode with type, size, time, owner, group, whether it is another name, target."""


def row_of_file(file: File) -> Row:
    size = 0 if file.link else file.size
    return file.path, file.mode, size, file.mtime_ns // 10**9, file.user, file.group, bool(file.link), file.link


def rows_by_dpkg(deb: Path) -> list[Row]:
    """Take what `dpkg-deb --contents` says, which is read by other code than ours: mode, owner, size, time, name."""
    rows: list[Row] = []
    with tarfile.open(fileobj=io.BytesIO(output("dpkg-deb", "--fsys-tarfile", str(deb)))) as archive:
        for member in archive:
            kind = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK}.get(member.type, stat.S_IFREG)
            path = absolute("/" + member.name)
            rows.append(
                (
                    path,
                    kind | member.mode,
                    member.size if member.isreg() and not member.linkname else 0,
                    int(member.mtime),
                    member.uname,
                    member.gname,
                    bool(member.linkname),
                    member.linkname,
                )
            )
    return [row for row in rows if row[0] != "/"]


def lines_of(package: Package) -> list[str]:
    """Write the files as `dpkg-deb --contents` does, but for their sizes."""
    return [
        f"{stat.filemode(file.mode)} {file.user}/{file.group} .{file.path}{'/' if file.is_directory else ''}"
        + (f" -> {file.link}" if file.is_symlink else "")
        for file in package.files
        if not (file.link and file.is_regular)
    ]


def lines_by_dpkg(deb: Path) -> list[str]:
    lines = output("dpkg-deb", "--contents", str(deb)).decode(errors="surrogateescape").splitlines()
    words = (line.replace("\\\\", "\\").split(None, 5) for line in lines if not line.startswith("h"))
    return [f"{mode} {owner} {name}" for mode, owner, _, _, _, name in words if name != "./"]


def test_files_are_those_that_dpkg_deb_lists(debs: tuple[Path, ...]) -> None:
    for deb in debs:
        package = read_package(deb, ReadingOptions())
        assert [row_of_file(file) for file in package.files] == rows_by_dpkg(deb), deb
        assert lines_of(package) == lines_by_dpkg(deb), deb


def test_control_files_are_those_that_dpkg_deb_shows(debs: tuple[Path, ...]) -> None:
    with_config = with_triggers = 0
    for deb in debs:
        package = read_package(deb, ReadingOptions())
        fields = ("Package", "Version", "Architecture")
        said = [output("dpkg-deb", "--field", str(deb), field).decode().strip() for field in fields]
        assert [package.name, package.version, package.architecture] == said
        with tarfile.open(fileobj=io.BytesIO(output("dpkg-deb", "--ctrl-tarfile", str(deb)))) as archive:
            content = {
                member.name.removeprefix("./"): stream.read()
                for member in archive
                if (stream := archive.extractfile(member)) is not None
            }
        scripts = {one.name: one.text.encode(errors="surrogateescape") for one in package.scripts}
        names = ("config", "preinst", "postinst", "prerm", "postrm")
        assert scripts == {name: content[name] for name in names if name in content}, deb
        triggers = [line.split() for line in content.get("triggers", b"").decode().splitlines()]
        wanted = [tuple(words) for words in triggers if words and not words[0].startswith("#")]
        assert [(one.directive, *one.names) for one in package.triggers] == wanted
        with_config += "config" in scripts
        with_triggers += bool(wanted)
    assert with_config
    assert with_triggers


def test_dependencies_are_those_that_dpkg_deb_shows(debs: tuple[Path, ...]) -> None:
    for deb in debs:
        fields = (output("dpkg-deb", "--field", str(deb), name).decode() for name in ("Pre-Depends", "Depends"))
        wanted = [" ".join(one.split()) for field in fields for one in field.split(",") if one.strip()]
        assert list(read_package(deb, ReadingOptions(contents=False)).dependencies) == wanted


def test_nothing_is_found_that_is_not_so(debs: tuple[Path, ...]) -> None:
    found = set()
    for deb in debs:
        verdict = check_package(deb, task=CheckTask())
        assert verdict.error == ""
        serious = (one for one in verdict.findings if one.severity.rank >= Severity.WARNING.rank)
        found |= {(one.path or one.script, one.rule.id, verdict.name) for one in serious}
    assert sorted(one for one in found if one[:2] not in EXPECTED | DISPUTED) == []


COMPILED = ("python3-requests", "python3-six", "python3-yaml", "python3-urllib3", "fail2ban", "python3-lxml")


def test_sources_of_this_machines_suite_compile() -> None:
    need_tools(("mmdebstrap", "zstd", "dpkg-deb"))
    debs = [deb for deb in fetch_all("bookworm") if deb.name.partition("_")[0] in COMPILED]
    assert len(debs) == len(COMPILED)
    for deb in debs:
        verdict = check_package(deb, task=CheckTask(compile_all=True))
        assert [one.text for one in verdict.findings if one.rule.id in {"syntax-error", "python2-leftover"}] == []
