# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Made-up source trees, on which the program runs without a build."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.ours import CHECKOUT

DIST = "usr/lib/python3/dist-packages"
OLD = "usr/lib/python3.11/dist-packages"
INFO = f"debian/foo/{DIST}/foo-1.dist-info/METADATA"
ENVIRONMENT = {
    "DEBPYTHON3_DEFAULT": "3.11",
    "DEBPYTHON3_SUPPORTED": "3.11,3.12",
    "DEB_HOST_ARCH": "amd64",
    "DEB_HOST_MULTIARCH": "x86_64-linux-gnu",
    "PATH": "/usr/bin:/bin",
}
OVERRIDES = "a python3-a; PEP440\nb python3-b\nc python3-c\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a call did."""

    exit: int
    said: str
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A source package in a temporary directory."""

    top: Path

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            target = self.top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def control(
        self, depends: str = "${pkgtools:Depends}", *, source: str = "", fields: str = "", name: str = "foo"
    ) -> None:
        """Write debian/control with packages foo and bar."""
        rest = "Package: bar\nArchitecture: any\nDepends: ${pkgtools:Depends}\n"
        text = f"Source: foo\n{source}\nPackage: foo\nArchitecture: all\nDepends: {depends}\n{fields}\n{rest}"
        self.write({"debian/control": text})

    def call(self, *arguments: str, **environment: str) -> Done:
        program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from pkgtools.debhelper.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-IXutf8", "-c", program, *arguments],
            cwd=self.top,
            env={**ENVIRONMENT, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(exit=done.returncode, said=done.stderr, printed=done.stdout)

    def good(self, *arguments: str, **environment: str) -> Done:
        done = self.call(*arguments, **environment)
        assert done.exit == 0, done.said
        return done

    def substvars(self, package: str = "foo") -> dict[str, set[str]]:
        path = self.top / f"debian/{package}.substvars"
        lines = path.read_text().splitlines() if path.exists() else []
        pairs = (line.partition("=") for line in lines)
        return {name: set(value.split(", ")) for name, _, value in pairs}

    def state(self) -> dict[str, tuple[int, int, bytes]]:
        """Return all that there is, with modes, times and contents."""
        found = {}
        for directory, _, names in os.walk(self.top):
            for path in (Path(directory), *(Path(directory, name) for name in names)):
                facts = path.lstat()
                found[str(path)] = (facts.st_mode, facts.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        return found

    def read(self, path: str) -> str:
        return (self.top / path).read_text()


def metadata(*requirements: str, extras: str = "") -> str:
    lines = "".join(f"Requires-Dist: {requirement}\n" for requirement in requirements)
    return f"Metadata-Version: 2.1\nName: foo\nVersion: 1\n{extras}{lines}"
