# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Those who read what is rendered: shells, rpm, and what pacman does, written down after libalpm."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import SYSTEM_PATH, clean_environment
from tests.lab.needs import need_tools

SHELLS = (("dash",), ("bash", "--posix"), ("busybox", "sh"))
_TAGS = "Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n%description\nx\n"


def need(*tools: str) -> None:
    need_tools(tools)


def read_by(*argv: str | Path, given: bytes = b"") -> bytes:
    done = subprocess.run(argv, input=given, capture_output=True, check=False, env=clean_environment())
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def spec_query(text: str, ask: str) -> str:
    """Return what the package of a spec file, without its tags, has in its header."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "x.spec")
        path.write_text(_TAGS + text, newline="")
        return read_by("rpmspec", "-q", "--qf", ask, path).decode()


def build_rpm(text: str, directory: Path) -> Path:
    """Build a package of a spec file without its tags."""
    spec = directory / "x.spec"
    spec.write_text(_TAGS + text, newline="")
    argv = ["rpmbuild", "-bb", "--quiet", f"-D_topdir {directory}/top", f"-D_rpmdir {directory}", str(spec)]
    subprocess.run(argv, check=True, capture_output=True, env=clean_environment())
    return directory / "noarch/x-1-1.noarch.rpm"


def alpm_words(text: str) -> list[str]:
    """Split as libalpm splits a hook's Exec: a backslash escapes quotes, between quotes only their own kind."""
    words, at = [], 0
    blank = " \t\n\v\f\r"
    while at < len(text):
        if text[at] in blank:
            at += 1
            continue
        word = ""
        while at < len(text) and text[at] not in blank:
            if text[at] in "'\"":
                quote, at = text[at], at + 1
                while text[at] != quote:
                    at += text[at : at + 2] == f"\\{quote}"
                    word, at = word + text[at], at + 1
                at += 1
                continue
            at += text[at : at + 2] in {"\\'", '\\"'}
            word, at = word + text[at], at + 1
        words.append(word)
    return words


def alpm_matches(target: str, path: str) -> bool:
    """Match as libalpm matches a file against one of a hook's targets."""
    need("bash")
    inverted = target.startswith("!")
    pattern = target[1:] if target.startswith(("!", "\\")) else target
    script = "case $1 in $2) exit 0 ;; esac; exit 1"
    done = subprocess.run(["bash", "-c", script, "bash", path, pattern], check=False)
    return (done.returncode == 0) != inverted


_FAKE = """#!/bin/sh
case " $* " in *" - "*) set -- "$@" "$(tr '\\0' '|')" ;; esac
printf '%s\\0' "$0" "$@" >> {log}
printf '\\035' >> {log}
exit $(cat {status})
"""
_ENTER = """
mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr && mount --bind "$1/opt" /opt && shift && exec "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a script."""

    status: int
    said: str
    """On standard output and standard error."""
    calls: list[tuple[str, ...]]
    """Program, as installed, and arguments; last what it read, where it was told to read."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A root directory with programs that note how they are called, and do nothing."""

    root: Path

    def furnish(self, programs: Iterable[str]) -> None:
        """Put programs where a system has them."""
        for directory in ("usr/bin", "usr/lib", "opt"):
            (self.root / directory).mkdir(parents=True, exist_ok=True)
        text = _FAKE.format(log=self.root / "log", status=self.root / "status")
        for program in programs:
            path = Path(f"{self.root}{program}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    def run(self, argv: Iterable[str | Path], *, status: int = 0, root: str | None = None, given: str = "") -> Ran:
        """Run something with the root directory in DPKG_ROOT, or in the system's place if `root` is given for it."""
        (self.root / "status").write_text(str(status))
        (self.root / "log").write_text("")
        enter = [] if root is None else ["unshare", "-m", "sh", "-c", _ENTER, "sh", str(self.root)]
        outside = self.environment(root)
        done = subprocess.run(
            [*enter, *argv], input=given, capture_output=True, text=True, check=False, env=outside, cwd="/"
        )
        return Ran(status=done.returncode, said=done.stdout + done.stderr, calls=self._calls())

    def environment(self, root: str | None) -> Mapping[str, str]:
        """Return the environment of dpkg's maintainer scripts; `unset` is no DPKG_ROOT."""
        plain = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8"}
        return plain if root == "unset" else {**plain, "DPKG_ROOT": str(self.root) if root is None else root}

    def _calls(self) -> list[tuple[str, ...]]:
        records = (self.root / "log").read_text().split("\x1d")[:-1]
        words = [record.split("\0")[:-1] for record in records]
        return [(program.removeprefix(str(self.root)), *arguments) for program, *arguments in words]
