# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Real packages of each format and compression, against what rpm says of them; both readers of headers agree."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import File, Kind, Package, PackageManager, ProgramFacts, PycFacts, SourceFacts
from pkgtools.model.package_scripts import ScriptKind
from pkgtools.readers.rpm.rpm_file import read_rpm
from pkgtools.readers.unreadable import UnreadablePackage
from tests.lab.commands import CommandError
from tests.lab.library import fetch_sdist
from tests.lab.needs import need_tools
from tests.lab.places import cache_directory, exclusive
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System
from tests.readers.rpm_samples import (
    EVERYTHING,
    OPTIONS,
    TINY,
    build_spec,
    described,
    described_of,
    dump_of,
    dumped,
    query,
    read,
    triggers_of,
)

COMPRESSIONS = ["w3.gzdio", "w1.xzdio", "w3.zstdio", "w9.lzdio", "w9.bzdio", "w.ufdio"]
RPMLINT = "rpmlint==2.10.0"
"""Its source distribution has real packages of several distributions, down to 2008."""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_spec(EVERYTHING, tmp_path_factory.mktemp("everything"), "--define=_binary_payload w3.zstdio")


def by_path(package: Package) -> dict[str, File]:
    return {file.path.removeprefix("/opt/e/"): file for file in package.files}


def test_package_is_described(everything: Path) -> None:
    package = read(everything, True)
    assert (package.kind, package.family, package.origin) == (Kind.RPM, PackageManager.RPM, str(everything))
    assert (package.name, package.version, package.architecture) == ("everything", "3:1.0-2", "noarch")
    assert (package.distribution, package.changed) == ("the laboratory", 1699963200)
    assert {"python(abi) = 3.11", "foo >= 1:2-3", "bar", "/bin/sh"} <= set(package.dependencies)
    assert package.flaws == ()


def test_files_are_those_that_rpm_lists(everything: Path) -> None:
    package = read(everything, True)
    assert dumped(package.files) == dump_of(query("--dump", everything))
    assert {path for path, file in by_path(package).items() if file.is_ghost} == {"ghost.pyc", "ghosts"}
    assert by_path(package)["program"].permissions == 0o4755


def test_scripts_are_those_that_rpm_lists(everything: Path) -> None:
    package = read(everything, False)
    assert described(package.scripts) == described_of(query("--scripts", everything))
    kinds = {script.name: script.kind for script in package.scripts}
    assert kinds["%pretrans"] is ScriptKind.PRE_INSTALL
    assert kinds["%posttrans"] is ScriptKind.POST_INSTALL
    assert kinds["%verifyscript"] is ScriptKind.OTHER


def test_triggers_are_those_that_rpm_lists(everything: Path) -> None:
    triggers = read(everything, False).triggers
    assert triggers_of(triggers) == query("--triggers", everything) + query("--filetriggers", everything)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_contents_are_read_in_each_compression(compression: str, tmp_path: Path) -> None:
    path = build_spec(EVERYTHING, tmp_path, f"--define=_binary_payload {compression}")
    package = read(path, True)
    files = by_path(package)
    assert package.flaws == ()
    facts = {name: type(file.facts) for name, file in files.items() if file.facts is not None}
    names = ("first.py", "second.py", "caf\u00e9 au lait.py", 'a % $(b) "c".py', "nothing.py", "none.py")
    assert facts == {
        **dict.fromkeys(names, SourceFacts),
        **dict.fromkeys((f"__pycache__/a.cpython-311{level}.pyc" for level in ("", ".opt-1")), PycFacts),
        "program": ProgramFacts,
    }
    assert {file.is_intact for file in files.values() if file.facts is not None} == {True}
    first = files["first.py"].facts
    assert isinstance(first, SourceFacts)
    assert (first.size, first.first_line) == (6, b"x = 1")


def test_each_name_of_a_file_has_its_facts_and_the_first_ones_name(everything: Path) -> None:
    files = by_path(read(everything, True))
    first, second = files["first.py"], files["second.py"]
    assert first.facts == second.facts
    assert first.facts is not None
    assert [files[name].link for name in ("first.py", "second.py", "third.txt")] == ["", *["/opt/e/first.py"] * 2]
    assert {files[name].size for name in ("first.py", "second.py", "third.txt")} == {6}


def test_sink_is_given_each_source_and_pyc_once(everything: Path) -> None:
    given: list[tuple[str, bytes]] = []
    read_rpm(
        everything, ReadingOptions(sink=lambda path, content, _: given.append((path.removeprefix("/opt/e/"), content)))
    )
    assert sorted(given) == [
        *((f"__pycache__/a.cpython-311{level}.pyc", b"7".rjust(100, b"0")) for level in (".opt-1", "")),
        ('a % $(b) "c".py', b"z"),
        ("caf\u00e9 au lait.py", b"y = 2\n"),
        ("first.py", b"x = 1\n"),
        ("none.py", b""),
        ("nothing.py", b""),
        ("second.py", b"x = 1\n"),
    ]


def test_payload_is_not_read_for_names_only(everything: Path, tmp_path: Path) -> None:
    whole = read(everything, True)
    path = tmp_path / everything.name
    content = everything.read_bytes()
    path.write_bytes(content[: content.index(b"\x28\xb5\x2f\xfd")])
    package = read(path, False)
    assert [file.facts for file in package.files] == [None] * len(whole.files)
    assert (dumped(package.files), package.flaws) == (dumped(whole.files), ())


def test_package_without_files_is_read(tmp_path: Path) -> None:
    spec = "Name: s\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\n%description\ns\n%files\n"
    package = read(build_spec(spec, tmp_path), True)
    assert (package.label, package.files, package.distribution, package.flaws) == ("s 1-1", (), "1", ())


def test_package_with_one_file_is_read(tmp_path: Path) -> None:
    spec = TINY.split("%transfiletriggerin")[0].replace("ln -s", "rm -f %{buildroot}/opt/t/b.py #")
    package = read(build_spec(spec.replace("\n/opt/t\n", "\n/opt/t/a.py\n"), tmp_path), True)
    assert [(file.path, file.is_intact) for file in package.files] == [("/opt/t/a.py", True)]


def test_source_package_is_refused(tmp_path: Path) -> None:
    path = build_spec(TINY, tmp_path, what="-bs")
    with pytest.raises(UnreadablePackage, match="source package"):
        read(path, True)


@pytest.mark.system
@pytest.mark.parametrize("form", ["4", "6"])
def test_packages_of_rpm_6_are_read(form: str, tmp_path: Path) -> None:
    need_tools(["mmdebstrap", "zstd", "nsenter"])
    more = "%preuntrans\necho preuntrans\n%postuntrans\necho postuntrans\n%posttrans\n"
    tmp_path.chmod(0o755)
    (tmp_path / "sample.spec").write_text(EVERYTHING.replace("%posttrans\n", more))
    with System(root_directory("rpm-forky"), binds=(Bind(source=tmp_path, target="/srv/w", writable=True),)) as system:
        options = (*OPTIONS, f"--define=_rpmformat {form}", "--define=_topdir /srv/w")
        system.run("rpmbuild", "--quiet", "--nodeps", *options, "-bb", "/srv/w/sample.spec")
        (path,) = tmp_path.rglob("*.rpm")
        inside = f"/srv/w/{path.relative_to(tmp_path)}"

        def ask(what: str) -> str:
            return system.run("rpm", "-qp", "--nosignature", what, inside).stdout

        said = {what: ask(what) for what in ("--dump", "--scripts", "--triggers", "--filetriggers")}
    package = read_rpm(path)
    assert package.flaws == ()
    assert dumped(package.files) == dump_of(said["--dump"])
    assert described(package.scripts) == described_of(said["--scripts"])
    assert {"%preuntrans", "%postuntrans"} <= {script.name for script in package.scripts}
    assert triggers_of(package.triggers) == said["--triggers"] + said["--filetriggers"]
    assert {file.is_intact for file in package.files if file.facts} == {True}
    assert isinstance(by_path(package)["second.py"].facts, SourceFacts)


def altered(path: Path, tmp_path: Path, old: bytes, new: bytes) -> Path:
    """Replace the only occurrence of some bytes in a package."""
    content = path.read_bytes()
    assert content.count(old) == 1
    target = tmp_path / "altered.rpm"
    target.write_bytes(content.replace(old, new))
    return target


def test_altered_content_is_a_flaw_and_seen_at_the_file(tmp_path: Path) -> None:
    path = build_spec(TINY, tmp_path, "--define=_binary_payload w.ufdio")
    package = read(altered(path, tmp_path, b"x = 1\n", b"x = 2\n"), True)
    assert package.flaws == (
        "its payload doesn't have the sha256 digest that the header names",
        "it doesn't have the md5 digest that its signature header names",
    )
    intact = {file.path: file.is_intact for file in package.files}
    assert intact == {"/opt/t": None, "/opt/t/a.py": False, "/opt/t/b.py": False, "/opt/t/c.py": None}


def test_altered_header_is_a_flaw(tmp_path: Path) -> None:
    path = build_spec(TINY, tmp_path)
    (name,) = query("--queryformat", "%{BUILDHOST}", path).splitlines()
    package = read(altered(path, tmp_path, name.encode() + b"\0", b"x" * len(name) + b"\0"), False)
    assert package.flaws == (
        "its header doesn't have the sha256 digest that its signature header names",
        "its header doesn't have the sha1 digest that its signature header names",
    )


def fetch_rpmlint() -> Path:
    """Return a directory with the packages that rpmlint is tested with, unpacked once."""
    directory = cache_directory() / "archive" / RPMLINT.replace("==", "-")
    sdist = fetch_sdist(RPMLINT)
    with exclusive(cache_directory() / ".sdists.lock"):
        if not directory.is_dir():
            partial = directory.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            with tarfile.open(sdist) as archive:
                for one in archive:
                    content = archive.extractfile(one) if "/test/binary/" in one.name else None
                    if content is not None and one.name.endswith(".rpm"):
                        (partial / os.path.basename(one.name)).write_bytes(content.read())
            partial.rename(directory)
    return directory


@pytest.mark.slow
def test_real_packages_are_read_as_rpm_reads_them() -> None:
    need_tools(["rpm"])
    paths = sorted(fetch_rpmlint().glob("*.rpm"))
    assert len(paths) > 50
    differing = {}
    for path in paths:
        try:
            dump, scripts = query("--dump", path), query("--scripts", path)
        except CommandError:
            continue
        package = read_rpm(path)
        same = (dumped(package.files), described(package.scripts)) == (dump_of(dump), described_of(scripts))
        if not (same and package.flaws == ()):
            differing[path.name] = package.flaws
        assert {file.is_intact for file in package.files if file.facts} <= {True}
        sources = [file for file in package.files if file.path.endswith(".py") and file.is_regular]
        assert all(file.facts or file.is_ghost for file in sources)
    assert differing == {}
