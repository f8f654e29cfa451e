# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Archives of systems that want to be unpacked elsewhere: nothing of them gets out of the directory."""

from __future__ import annotations

import io
import stat
import tarfile
from pathlib import Path

import pytest
import zstandard

from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.trial.unpacking import opened_root, unpack
from tests.lab.needs import need_tools

pytestmark = pytest.mark.system


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mode = kind, link, mode
    return found


def unpacked(place: Path, *members: tarfile.TarInfo, mode: str = "w") -> tuple[Path, int]:
    """Unpack an archive of empty files; return where, and how many members were left out."""
    need_tools(["tar"])
    archive = place / "root.tar"
    with tarfile.open(archive, mode) as stream:  # type: ignore[call-overload] # a mode that it knows
        for one in members:
            stream.addfile(one, io.BytesIO())
    top = place / "top"
    top.mkdir()
    with opened_root(archive) as opened:
        return top, unpack(opened.stream, top, archive, {"new0.deb": io.BytesIO(b"deb")})


def test_links_out_stay_inside(tmp_path: Path) -> None:
    caught = f"caught-{tmp_path.name}"
    directory, link = member("srv", tarfile.DIRTYPE, mode=0o755), member("out", tarfile.SYMTYPE, "/srv")
    upwards = member("up", tarfile.SYMTYPE, "../../..")
    files = (member(f"out/{caught}"), member(f"up/{caught}"), member("/absolute"))
    top, left_out = unpacked(tmp_path, directory, link, upwards, *files)
    assert left_out == 0
    assert not (Path("/srv") / caught).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root.tar", "top"]
    for path in (f"srv/{caught}", caught, "absolute"):
        assert (top / path).is_file()
    assert (top / "srv/pkgtools-try/new0.deb").read_bytes() == b"deb"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "usr/.."])
def test_name_with_two_dots_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadablePackage, match=r"a name with \.\. in it"):
        unpacked(tmp_path, member(name))


def test_hard_link_to_two_dots_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePackage, match=r"a name with \.\. in it"):
        unpacked(tmp_path, member("x", tarfile.LNKTYPE, "../../etc/passwd"))


def test_devices_pipes_and_the_running_systems_files_are_left_out(tmp_path: Path) -> None:
    kinds = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    members = [member(f"etc/{number}", kind) for number, kind in enumerate(kinds)]
    top, left_out = unpacked(tmp_path, member("etc", tarfile.DIRTYPE, mode=0o755), *members, member("dev/null"))
    assert left_out == 4
    assert list((top / "etc").iterdir()) == []
    assert list((top / "dev").iterdir()) == []


def test_setuid_survives(tmp_path: Path) -> None:
    top, _ = unpacked(tmp_path, member("usr", tarfile.DIRTYPE, mode=0o755), member("usr/su", mode=0o4755), mode="w:gz")
    assert (top / "usr/su").stat().st_mode & 0o7777 == 0o4755


@pytest.mark.parametrize("name", ["--checkpoint-action=exec=false", "a b\n", "$(false)"])
def test_root_of_any_name_is_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name / "etc").mkdir(parents=True)
    (tmp_path / "top").mkdir()
    with opened_root(Path(name)) as opened:
        assert unpack(opened.stream, tmp_path / "top", Path(name), {}) == 0
    assert (tmp_path / "top/etc").is_dir()


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"nothing" * 500)
    (tmp_path / "top").mkdir()
    with opened_root(tmp_path / "x.tar") as opened, pytest.raises(UnreadablePackage, match="invalid header"):
        unpack(opened.stream, tmp_path / "top", tmp_path / "x.tar", {})


def cut_off(size: int) -> bytes:
    """Return the beginning of an archive of five files, each of a header and no bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as stream:
        for number in range(5):
            stream.addfile(member(f"f{number}"))
    return packed.getvalue()[:size]


@pytest.mark.parametrize(
    "content",
    [cut_off(1024), cut_off(1100), cut_off(1024) + b"x" * 9216, zstandard.compress(cut_off(1100))],
    ids=["between", "within", "broken", "compressed"],
)
def test_archive_without_its_end_is_no_system(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    (tmp_path / "top").mkdir()
    with (
        opened_root(tmp_path / "x.tar") as opened,
        pytest.raises(UnreadablePackage, match="broken or cut off after 1024 bytes"),
    ):
        unpack(opened.stream, tmp_path / "top", tmp_path / "x.tar", {})


@pytest.mark.parametrize(
    ("header", "value"), [("mtime", "1e300"), ("uid", "99999999999999"), ("uid", "-2"), ("size", "99999999999")]
)
def test_number_that_cannot_be_is_said(header: str, value: str, tmp_path: Path) -> None:
    one = member("x")
    one.pax_headers = {header: value}
    with pytest.raises(UnreadablePackage) as raised:
        unpacked(tmp_path, one)
    assert "killed" not in str(raised.value)


@pytest.mark.parametrize("link", ["x", "nowhere", ""])
def test_hard_link_to_nothing_is_said(link: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadablePackage, match="'x': "):
        unpacked(tmp_path, member("x", tarfile.LNKTYPE, link))


def test_of_two_members_of_one_name_the_last_counts(tmp_path: Path) -> None:
    kept = member("kept")
    top, _ = unpacked(tmp_path, kept, member("x", tarfile.SYMTYPE, "/kept"), member("x", mode=0o600))
    assert (top / "x").lstat().st_mode == stat.S_IFREG | 0o600
    assert (top / "kept").lstat().st_mode == stat.S_IFREG | 0o644
