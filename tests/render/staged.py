# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A project with a staged tree, for tests of `pkgtools stage`."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.runtime.sandbox import CLEAN_ENVIRONMENT

MODULE = '"""Doc."""\nassert value if (value := 1) else None\nplace = __file__\n'


@dataclass(slots=True, kw_only=True)
class Project:
    """A manifest, a staged tree, and something beside it that must stay as it is."""

    top: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {**CLEAN_ENVIRONMENT, "SOURCE_DATE_EPOCH": "1700000000"}
    )

    @property
    def tree(self) -> Path:
        return self.top / "tree"

    def write(self, path: str, text: str = MODULE) -> Path:
        """Write a file of the tree."""
        target = Path(f"{self.tree}{path}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def declare(self, text: str) -> None:
        """Write the manifest's lines about its only package, and the defaults before them."""
        (self.top / "pkgtools.toml").write_text(text)

    def run(self, *arguments: str, target: str = "deb", cwd: Path | None = None, umask: int = 0o022) -> list[str]:
        """Stage, in this process unless it is to have a directory or a umask of its own; return what was done."""
        if (cwd, umask) == (None, 0o022):
            ran = cli_runner().invoke(main, self._words(arguments, target), env=self.environment)
            nothing = f"{self.tree}: nothing to write or to compile for {target}\n"
            assert (ran.exit_code, ran.stderr) == (0, "" if ran.stdout else nothing)
            return ran.stdout.splitlines()
        done = self.attempt(*arguments, target=target, cwd=cwd, umask=umask)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def attempt(
        self, *arguments: str, target: str = "deb", cwd: Path | None = None, umask: int = 0o022
    ) -> subprocess.CompletedProcess[str]:
        """Stage in a process of its own; return how that ended and all that was said."""
        return subprocess.run(
            [sys.executable, "-m", "pkgtools.cli", *self._words(arguments, target)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd or self.top,
            env=self.environment,
            umask=umask,
        )

    def _words(self, arguments: tuple[str, ...], target: str) -> list[str]:
        return ["stage", "-t", target, "-m", str(self.top / "pkgtools.toml"), *arguments, str(self.tree)]

    def files(self) -> dict[str, bytes]:
        """Return all files of the tree by path."""
        return {f"/{p.relative_to(self.tree)}": p.read_bytes() for p in self.tree.rglob("*") if p.is_file()}

    def pycs(self) -> set[str]:
        return {path for path in self.files() if path.endswith(".pyc")}
