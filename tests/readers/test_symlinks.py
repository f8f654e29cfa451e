# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Symbolic links of a tree in memory lead to where they lead on a disk."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.model.symlinks import DEEPEST, MOST_LINKS, follow

_OPENAT2, _RESOLVE_IN_ROOT = 437, 0x10
FILES = {"a/f", "a/b/f", "f"}
LINKS = {
    "a/up": "..",
    "a/b/to-f": "../f",
    "to-a": "a",
    "to-b": "to-a/b/",
    "dot": "./a/./b",
    "to-f": "f",
    "through": "f/../f",
    "gone": "a/none",
    "around": "to-b/to-f",
    "loop": "loop",
    "one": "other",
    "other": "one/x",
}
DIRECTORIES = {"", "a", "a/b"}
NAMES = ("a", "b", "f", "up", "to-f", *(name for name in LINKS if "/" not in name), "..", ".", "", "none")


def end_of(path: str, links: dict[str, str]) -> str | None:
    def child(above: str, name: str, is_last: bool) -> str | None:
        found = f"{above}/{name}".lstrip("/")
        return found if found in links or found in DIRECTORIES or (found in FILES and is_last) else None

    return follow("", path, child, lambda place: links.get(place, ""))


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("tree") / "top"
    for name in sorted(DIRECTORIES):
        (top / name).mkdir()
    for name in FILES:
        (top / name).touch()
    for name, target in LINKS.items():
        (top / name).symlink_to(target)
    return top


def on_disk(top: Path, path: str) -> str | None:
    """Return where the kernel says that a path ends for a process with this root directory: openat2(2)."""
    root = os.open(top, os.O_PATH)
    how = struct.pack("QQQ", os.O_PATH, 0, _RESOLVE_IN_ROOT)
    descriptor = ctypes.CDLL(None).syscall(_OPENAT2, root, path.encode(), how, len(how))
    os.close(root)
    if descriptor < 0:
        return None
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").removeprefix(str(top)).lstrip("/")
    finally:
        os.close(descriptor)


@given(parts=st.lists(st.sampled_from(NAMES), max_size=7))
def test_the_end_is_the_kernels(disk: Path, parts: list[str]) -> None:
    path = "/".join(parts).rstrip("/.") or "."  # a slash at the end of a file's name is left to the caller
    assert end_of(path, LINKS) == on_disk(disk, path)


@pytest.mark.parametrize(
    ("path", "end"), [("../../f", "f"), ("x", "a/f"), ("to-top", ""), ("to-top/../../a", "a")], ids=str
)
def test_nothing_leads_out_of_the_tree(path: str, end: str) -> None:
    assert end_of(path, {"x": "/../../a/f", "to-top": "/.."}) == end


def test_chains_and_depths_have_an_end() -> None:
    chain = {f"l{number}": f"l{number + 1}" for number in range(MOST_LINKS)}
    assert end_of("l1", {**chain, f"l{MOST_LINKS}": "f"}) == "f"
    assert end_of("l0", {**chain, f"l{MOST_LINKS}": "f"}) is None
    assert end_of("long", {"long": "a/../" * 5000 + "x", "x": "f"}) is None
    deep = "d/" * DEEPEST
    assert follow("", deep, lambda above, name, _: f"{above}/{name}", lambda _: "") is not None
    assert follow("", deep + "d", lambda above, name, _: f"{above}/{name}", lambda _: "") is None
