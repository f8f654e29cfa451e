# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Run inside a build system: both helpers on each package, as it is and as a build would leave it; results as JSON.

Usage: inside.py DEBS OUT CHECKOUT NAMES; NAMES with commas between them, empty for all. Stands alone: it runs under the
system's own Python.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

WORK = Path("/tmp/parity")
VERSION = "{}.{}".format(*sys.version_info[:2])
DIST = "usr/lib/python3/dist-packages"
THEIRS = ("/usr/bin/dh_python3",)
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEB_HOST_ARCH": "amd64",
    "DEB_HOST_MULTIARCH": "x86_64-linux-gnu",
}


class Result(TypedDict):
    """What a helper made of a package."""

    exit: int
    seconds: float
    said: str
    tree: dict[str, str]
    substvars: dict[str, list[str]]
    scripts: dict[str, str]


def main(debs: Path, out: Path, checkout: str, names: frozenset[str]) -> None:
    """Compare the packages of a directory."""
    ours = our_command(checkout)
    with out.open("w") as stream:
        for deb in sorted(debs.glob("*.deb")):
            if names and deb.name.partition("_")[0] not in names:
                continue
            for variant, change in (("as it is", _nothing), ("as built", as_built)):
                theirs, own = (compare(deb, tool, change) for tool in (THEIRS, ours))
                stream.write(json.dumps({"deb": deb.name, "variant": variant, "theirs": theirs, "ours": own}) + "\n")


def our_command(checkout: str) -> tuple[str, ...]:
    """Return the command that is to do the same."""
    program = f"import sys; sys.path.append({checkout!r}); from pkgtools.debhelper.main import main; main()"
    return (sys.executable, "-IXutf8", "-c", program, "--compat=dh_python3")


def compare(deb: Path, tool: tuple[str, ...], change: Callable[[Path], None]) -> Result:
    """Unpack a package into debian/, run a helper, and return what is there then."""
    shutil.rmtree(WORK, ignore_errors=True)
    argv = ["dpkg-deb", "--show", "--showformat=${Package} ${Architecture}", str(deb)]
    name, architecture = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    top = WORK / "source"
    tree = top / "debian" / name
    tree.mkdir(parents=True)
    subprocess.run(["dpkg-deb", "-x", str(deb), str(tree)], check=True)
    change(tree)
    kind = "all" if architecture == "all" else "any"
    (top / "debian/control").write_text(
        "Source: made-up\nBuild-Depends: debhelper-compat (= 13), python3-all-dev\n\n"
        f"Package: {name}\nArchitecture: {kind}\n"
        "Depends: ${python3:Depends}, ${misc:Depends}\n"
    )
    return run_helper(top, name, tool)


def run_helper(top: Path, name: str, tool: tuple[str, ...]) -> Result:
    """Run a helper in a source tree, and return what is there then."""
    tree = top / "debian" / name
    began = time.perf_counter()
    done = subprocess.run(tool, cwd=top, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    return Result(
        exit=done.returncode,
        seconds=seconds,
        said=done.stdout + done.stderr,
        tree=read_tree(tree),
        substvars=read_substvars(top / "debian" / f"{name}.substvars"),
        scripts={
            script: read_script(top / "debian" / f"{name}.{script}.debhelper") for script in ("postinst", "prerm")
        },
    )


def _nothing(tree: Path) -> None:
    pass


def as_built(tree: Path) -> None:
    """Undo what helpers have done to a package that is in the archive."""
    if (tree / DIST).is_dir():
        _litter(tree / DIST)
        target = tree / f"usr/lib/python{VERSION}/dist-packages"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            (tree / DIST).rename(target)
    for directory in ("usr/bin", "usr/sbin", "usr/games"):
        for path in sorted((tree / directory).glob("*")):
            if path.is_file() and not path.is_symlink():
                _start_by_env(path)


def _litter(shared: Path) -> None:
    """Leave in a directory of modules what builds leave there."""
    for info in sorted(shared.glob("*.dist-info")):
        for name, text in (("RECORD", "a,b,1\n"), ("LICENSE", "free\n"), ("INSTALLER", "pip\n")):
            (info / name).write_text(text)
    for info in sorted(shared.glob("*.egg-info")):
        if info.is_dir():
            (info / "SOURCES.txt").write_text("setup.py\n")
    packages = [path for path in sorted(shared.glob("*")) if path.is_dir() and "-info" not in path.name]
    for directory in [shared, *packages]:
        (directory / "__pycache__").mkdir(exist_ok=True)
        (directory / "__pycache__/x.cpython-311.pyc").write_bytes(b"pyc")


def _start_by_env(path: Path) -> None:
    first, newline, rest = path.read_bytes().partition(b"\n")
    if found := re.fullmatch(rb"#! ?/usr/bin/(python3[\d.]*)(.*)", first):
        path.write_bytes(b"#!/usr/bin/env " + found[1] + found[2] + newline + rest)


def read_tree(top: Path) -> dict[str, str]:
    """Return path -> kind, mode and content of all but directories, and of empty directories."""
    found = {}
    for directory, below, names in os.walk(top):
        links = [name for name in below if os.path.islink(os.path.join(directory, name))]
        for name in [*names, *links]:
            path = os.path.join(directory, name)
            mode = os.lstat(path).st_mode
            text = f"{stat.S_IMODE(mode):04o} "
            text += f"-> {os.readlink(path)}" if stat.S_ISLNK(mode) else _fingerprint(Path(path).read_bytes())
            found[_relative(path, top)] = text
        if not below and not names:
            found[f"{_relative(directory, top)}/"] = "empty"
    return found


def _relative(path: str, top: Path) -> str:
    return os.path.relpath(path, top).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _fingerprint(content: bytes) -> str:
    """Return a digest; of a script, that of all but its first line, and that line."""
    first, rest = "", content
    if content.startswith(b"#!"):
        line, _, rest = content.partition(b"\n")
        first = " " + line.decode("utf-8", "backslashreplace")
    return hashlib.sha256(rest).hexdigest()[:16] + first


def read_substvars(path: Path) -> dict[str, list[str]]:
    """Return the relations of each variable, sorted."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: sorted(item.strip() for item in value.split(",")) for name, _, value in pairs if value}


def read_script(path: Path) -> str:
    """Return a snippet without empty lines, and without the name of who added it."""
    text = path.read_text() if path.exists() else ""
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("# "))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], frozenset(filter(None, sys.argv[4].split(","))))
