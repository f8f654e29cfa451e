# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The files through which debhelper's helpers speak to each other (debhelper(7), dh_installdeb(1))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from debian.substvars import Substvars

from pkgtools.debhelper.tree.operations import write_whole
from pkgtools.runtime.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "dh_pkgtools"
_FRONT = frozenset({"prerm", "postrm"})
"""Scripts whose snippets run in the opposite order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of one binary package below debian/."""

    top: Path
    """The source package's top directory."""
    package: str
    """The binary package's name, which the names of its files begin with."""

    def _path(self, ending: str) -> Path:
        return self.top / "debian" / f"{self.package}.{ending}"

    @property
    def tree(self) -> Path:
        """Return the directory that becomes the package."""
        return self.top / "debian" / self.package

    def add_substvars(self, values: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Add relations to variables, each once; what other helpers wrote stays. Raises OSError."""
        path = self._path("substvars")
        added = [(name, relation) for name, relations in values for relation in relations]
        if not added:
            return
        ours = "|".join({re.escape(name) for name, _ in added})
        before = read_optional(path)
        lines = [re.sub(rf"^({ours})[!$]=", r"\1=", line) for line in (before or "").split("\n")]
        substvars = Substvars()
        substvars.read_substvars(lines)
        for name, relation in added:
            substvars.add_dependency(name, relation)
        # comments, and the operators that only newer releases of dpkg have: python-debian drops such lines
        others = "".join(f"{line}\n" for line in lines if line and not _is_understood(line))
        content = f"{others}{substvars.dump()}".encode("utf-8", "surrogateescape")
        write_whole(path, content, 0o644 if before is None else None)

    def add_snippet(self, script: str, text: str, version: str = "", *, last: bool = False) -> None:
        """Add shell lines to a maintainer script, unless they are there: before others' where the order is reversed.

        `last`: after others' in any case.
        """
        path = self._path(f"{script}.debhelper")
        there = path.read_text("utf-8") if path.exists() else ""
        if text in there:
            return
        name = f"{NAME}/{version}" if version else NAME
        marked = f"# Automatically added by {name}\n{text.rstrip()}\n# End automatically added section\n"
        path.write_text(marked + there if script in _FRONT and not last else there + marked, "utf-8")

    def add_triggers(self, lines: Iterable[str]) -> None:
        """Add lines to those from which dh_installdeb makes the package's triggers."""
        path = self.top / "debian/.debhelper/generated" / self.package / "triggers"
        there = path.read_text("utf-8").splitlines() if path.exists() else []
        new = [line for line in lines if line not in there]
        if new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join([*there, *new]) + "\n", "utf-8")

    def private(self) -> frozenset[str]:
        """Return the private directories that earlier calls have named."""
        # not splitlines(): a name may hold what it takes for the end of a line
        return frozenset((read_optional(self._private_list) or "").split("\n")) - {""}

    def remember_private(self, directories: Iterable[str]) -> None:
        """Remember that private directories were named, until the next build."""
        if new := set(directories) - self.private():
            self._private_list.parent.mkdir(parents=True, exist_ok=True)
            text = "".join(f"{directory}\n" for directory in sorted({*self.private(), *new}))
            self._private_list.write_text(text, "utf-8", "surrogateescape")

    @property
    def _private_list(self) -> Path:
        return self.top / "debian/.debhelper/generated" / self.package / f"{NAME}.private"

    def install(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Put a file into the package, `path` being absolute. Raises UsageError where a link leads out of it."""
        target = self.tree / path.lstrip("/")
        if not target.parent.resolve().is_relative_to(self.tree.resolve()):
            raise UsageError(f"{path} can't be made, for a link above it leads out of the package: ship a directory")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # it may be a hard link to a file of the build
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        target.chmod(mode)

    def is_logged(self, name: str = NAME) -> bool:
        """Whether an earlier call of a helper has done this package, in the same override target."""
        path = self._path("debhelper.log")
        return path.exists() and name in path.read_text("utf-8").split()

    def log(self, name: str = NAME) -> None:
        """Remember that this package is done."""
        with self._path("debhelper.log").open("a", encoding="utf-8") as stream:
            stream.write(f"{name}\n")

    def has_snippet_of(self, helper: str) -> bool:
        """Whether another helper has added lines to the package's maintainer scripts."""
        paths = (self._path(f"{script}.debhelper") for script in ("postinst", "prerm"))
        return any(f"# Automatically added by {helper}\n" in (read_optional(path) or "") for path in paths)


def _is_understood(line: str) -> bool:
    alone = Substvars()
    alone.read_substvars([line])
    return bool(alone)


def read_optional(path: Path) -> str | None:
    """Return a file's text, None where there is none."""
    try:
        return path.read_text("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
