# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The files that the house rules are about, and what is said of one that breaks one."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One broken house rule."""

    path: Path
    """The file, relative to the top of the checkout."""
    line: int
    """The line, counted from 1."""
    text: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The files that git knows or would add."""

    top: Path
    """The absolute path of the checkout."""
    paths: tuple[Path, ...]
    """Each file, relative to `top`, sorted."""

    def python(self, *folders: str) -> Iterator[tuple[Path, str]]:
        """Yield the Python modules below some folders, with their text."""
        for path in self.paths:
            if path.suffix == ".py" and path.parts[0] in folders:
                yield path, self.text(path)

    def text(self, path: Path) -> str:
        """Read a file as UTF-8, with anything else replaced."""
        return (self.top / path).read_text(encoding="utf-8", errors="replace")


def tracked_files(top: Path) -> tuple[Path, ...]:
    """List the regular files that git tracks or would add."""
    argv = ["git", "-C", str(top), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listing = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    paths = (Path(name) for name in listing.split("\0") if name)
    return tuple(sorted(path for path in paths if (top / path).is_file() and not (top / path).is_symlink()))
