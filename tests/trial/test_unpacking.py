# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Archives of systems that want to be unpacked elsewhere: nothing of them gets out of the directory."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

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
