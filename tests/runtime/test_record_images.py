# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Images are made with one time for all, and count their inodes: numbers that prove nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.needs import need_tools
from tests.runtime.mounts import mounted
from tests.runtime.sandbox import PUBLIC, TAG, Sandbox, reference_pyc

OLD, NEW = "value = 'old'\n", "value = 'new'\n"
WHEN = 1_700_000_000


@contextmanager
def _image(sandbox: Sandbox, text: str) -> Iterator[None]:
    """Mount an image with a module in it that has fixed times, as squashfs, erofs and mke2fs make them."""
    content, image = sandbox.root.parent / "content", sandbox.root.parent / "image"
    content.mkdir(exist_ok=True)
    (content / "m.py").write_text(text)
    os.utime(content / "m.py", (WHEN, WHEN))
    image.unlink(missing_ok=True)
    settings = (f"ctime @{WHEN}", "ctime_extra 0")
    edits = [("debugfs", "-w", "-R", f"set_inode_field m.py {setting}", str(image)) for setting in settings]
    for command in (("mke2fs", "-q", "-F", "-t", "ext4", "-d", str(content), str(image), "2M"), *edits):
        subprocess.run(command, check=True, capture_output=True)
    with mounted(sandbox.path(PUBLIC), "-o", "ro,loop", str(image)):
        yield


def test_module_of_another_image_with_the_same_inode_is_noticed(sandbox: Sandbox) -> None:
    """The pycs of a read-only /usr stay in /var: images are made with one time for all, and count their inodes."""
    need_tools(("mke2fs", "debugfs"))
    sandbox.directory("/var/cache/python")
    found = []
    for text in (OLD, OLD, NEW):
        with _image(sandbox, text):
            status = os.stat(sandbox.path(f"{PUBLIC}/m.py"))
            found.append((status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
            ran = sandbox.compile_brought(f"{PUBLIC}/m.py", options=("--cache-prefix", "/var/cache/python"))
            made = sandbox.read(f"/var/cache/python{PUBLIC}/m.{TAG}.pyc")
            assert (ran.status, made) == (0, reference_pyc(sandbox, f"{PUBLIC}/m.py"))
    assert len(set(found)) == 1
