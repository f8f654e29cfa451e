# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Who owns what, by the files of dpkg and the database of rpm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from posixpath import basename, dirname

import pytest

from pkgtools.bytecode.examine import NAMES_ONLY
from pkgtools.model.package import Digest, PackageManager
from pkgtools.readers.rpm.rpm_file import read_rpm
from pkgtools.readers.system.ownership import Owners, find_owners, is_dpkg_state, merged
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.merged_usr import MERGED
from tests.lab.debs import SamplePackage
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm

INFO = "/var/lib/dpkg/info"
M = "/usr/lib/python3/dist-packages/m.py"
SUM = "0123456789abcdef0123456789abcdef"


class Fake:
    """A system of a few files."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def read(self, path: InstalledPath, limit: int) -> bytes | None:
        content = self.files.get(path)
        return None if content is None else content[:limit]

    def names(self, directory: InstalledPath) -> list[str]:
        return sorted(basename(path) for path in self.files if dirname(path) == directory)

    def link(self, _path: InstalledPath) -> str:
        return ""


def owners(files: Mapping[str, bytes], *wanted: str) -> Owners:
    return find_owners(Fake(files), (), [InstalledPath(path) for path in wanted])[1]


def owner(files: Mapping[str, bytes], path: str) -> str:
    found = owners(files, path).get(InstalledPath(path))
    return found.package if found else ""


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        pytest.param({f"{INFO}/acme.list": f"/.\n/usr\n{M}\n".encode()}, M, "acme", id="owned"),
        pytest.param({f"{INFO}/acme:amd64.list": f"{M}\n".encode()}, M, "acme", id="multi-arch"),
        pytest.param({f"{INFO}/acme.list": f"{M}x\n".encode()}, M, "", id="another's"),
        pytest.param({f"{INFO}/acme.list": f"{M[4:]}\n".encode()}, M, "acme", id="by its old path"),
        pytest.param({f"{INFO}/acme.list": f"{M}\n".encode()}, M[4:], "acme", id="in its old place"),
        pytest.param({f"{INFO}/acme.list": b"/x/\xff.py\n"}, "/x/\udcff.py", "acme", id="no UTF-8"),
        pytest.param({f"{INFO}/acme.list": b"/x/a\rb\x0b.py\n"}, "/x/a\rb\x0b.py", "acme", id="odd line ends"),
        pytest.param({f"{INFO}/acme.list": M.encode()}, M, "acme", id="no line end"),
        pytest.param({f"{INFO}/acme.md5sums": f"{SUM}  {M[1:]}\n".encode()}, M, "", id="checksums alone"),
    ],
)
def test_lists_of_dpkg(files: Mapping[str, bytes], path: str, expected: str) -> None:
    assert owner(files, path) == expected


def test_checksums_of_dpkg() -> None:
    files = {f"{INFO}/acme.list": f"{M}\n".encode(), f"{INFO}/acme.md5sums": f"junk\n{SUM}  {M[1:]}\n".encode()}
    assert owners(files, M)[InstalledPath(M)].digest == Digest(algorithm="md5", value=SUM)


def test_a_diverted_file_belongs_to_whom_it_was_diverted_for() -> None:
    files = {
        f"{INFO}/acme.list": f"{M}\n".encode(),
        f"{INFO}/acme.md5sums": f"{SUM}  {M[1:]}\n".encode(),
        f"{INFO}/better.list": f"{M}\n".encode(),
        "/var/lib/dpkg/diversions": f"{M}\n{M}.distrib\nbetter\n".encode(),
    }
    found = owners(files, M, f"{M}.distrib")
    assert {str(path): one.package for path, one in found.items()} == {M: "better", f"{M}.distrib": "acme"}
    assert found[InstalledPath(f"{M}.distrib")].digest == Digest(algorithm="md5", value=SUM)
    assert found[InstalledPath(M)].digest is None


def test_a_local_diversion_leaves_the_place_to_nobody() -> None:
    files = {f"{INFO}/acme.list": f"{M}\n".encode(), "/var/lib/dpkg/diversions": f"{M}\n{M}.mine\n:\n".encode()}
    assert (owner(files, M), owner(files, f"{M}.mine")) == ("", "acme")


def test_both_families_at_once(tmp_path: Path) -> None:
    need_tools(["rpmbuild"], root=False)
    rpm = read_rpm(build_rpm(SamplePackage(name="other", files={"/opt/n.py": "", M: ""}), tmp_path), NAMES_ONLY)
    files = {f"{INFO}/acme.list": f"{M}\n".encode()}
    wanted = [InstalledPath(path) for path in (M, "/opt/n.py")]
    family, found = find_owners(Fake(files), [rpm], wanted)
    assert (family, [found[path].package for path in wanted]) == (PackageManager.DPKG, ["acme", "other"])
    family, found = find_owners(Fake({}), [rpm], wanted)
    assert (family, [found[path].package for path in wanted]) == (PackageManager.RPM, ["other", "other"])
    assert {one.digest is not None for one in found.values()} == {True}


def test_a_system_of_nobody_has_no_owners() -> None:
    assert find_owners(Fake({}), (), [InstalledPath(M)]) == (PackageManager.UNKNOWN, {})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{INFO}/acme.list", True),
        (f"{INFO}/acme.md5sums", True),
        (f"{INFO}/acme.postinst", False),
        ("/var/lib/dpkg/diversions", True),
        ("/var/lib/dpkg/status.d/acme", True),
        ("/srv/acme.list", False),
    ],
)
def test_which_files_are_read(path: str, expected: bool) -> None:
    assert is_dpkg_state(InstalledPath(path)) is expected


@pytest.mark.parametrize("top", MERGED)
def test_every_directory_of_a_merged_usr_is_known_by_both_names(top: str) -> None:
    """The table is the runtime's: what the one knows to be packaged the other does not report as nobody's."""
    assert merged(InstalledPath(f"/{top}/m.py")) == f"/usr/{top}/m.py"
    assert merged(InstalledPath(f"/{top}s/m.py")) == f"/{top}s/m.py"
