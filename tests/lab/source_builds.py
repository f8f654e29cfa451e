# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Source packages given as data, built by dpkg-buildpackage in throw-away systems that have our debhelper add-on."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path

from tests.lab.debs import SampleFile, write_file
from tests.lab.ours import Build
from tests.lab.places import once
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

ADDON = ("pkgtools-runtime", "python3-pkgtools", "dh-pkgtools")
"""Our packages that a build needs, in the order of their dependencies."""
_PARALLEL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source package to be."""

    name: str
    """What tests call it; the directory's name, too."""
    files: Mapping[str, str]
    """Path -> text; what begins with `#!` is executable."""
    arguments: tuple[str, ...] = ("--build=binary",)
    """For dpkg-buildpackage."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables."""


@dataclass(frozen=True, kw_only=True)
class Deb:
    """A binary package that came out, as its users see it."""

    path: Path

    @cached_property
    def fields(self) -> dict[str, str]:
        """Return its control fields."""
        text = subprocess.run(["dpkg-deb", "-f", str(self.path)], capture_output=True, text=True, check=True).stdout
        return dict(re.findall(r"^(\S+): (.*(?:\n .*)*)$", text, re.MULTILINE))

    @property
    def depends(self) -> set[str]:
        """Return the relations of Depends but those to shared libraries."""
        relations = re.split(r",\s*", self.fields.get("Depends", ""))
        return {relation for relation in relations if relation and not relation.startswith("libc6")}

    @cached_property
    def control(self) -> dict[str, str]:
        """Return maintainer scripts, triggers and the like: name -> text."""
        with self._archive("--ctrl-tarfile") as archive:
            names = {member.name.removeprefix("./"): member for member in archive if member.isfile()}
            return {name: _text(archive, member) for name, member in names.items()}

    @cached_property
    def files(self) -> dict[str, str]:
        """Return path -> mode of all files but documentation; `-> target` for links."""
        with self._archive("--fsys-tarfile") as archive:
            members = [one for one in archive if not one.isdir() and "/share/doc/" not in one.name]
        return {_path(one): f"-> {one.linkname}" if one.issym() else f"{one.mode:04o}" for one in members}

    @cached_property
    def directories(self) -> set[str]:
        """Return the directories that it ships."""
        with self._archive("--fsys-tarfile") as archive:
            return {_path(one) for one in archive if one.isdir()}

    def read(self, path: str) -> str:
        """Return a file's text."""
        with self._archive("--fsys-tarfile") as archive:
            return _text(archive, archive.getmember(f".{path}"))

    def _archive(self, what: str) -> tarfile.TarFile:
        data = subprocess.run(["dpkg-deb", what, str(self.path)], capture_output=True, check=True).stdout
        return tarfile.open(fileobj=io.BytesIO(data))


def _path(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix(".").rstrip("/") or "/"


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    stream = archive.extractfile(member)
    assert stream is not None
    return stream.read().decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came of one source package."""

    directory: Path

    @property
    def log(self) -> str:
        """Return all that was said."""
        return (self.directory / "log").read_text(errors="surrogateescape")

    @property
    def succeeded(self) -> bool:
        """Whether the build ended with 0."""
        return (self.directory / "exit").read_text().strip() == "0"

    @property
    def debs(self) -> dict[str, Deb]:
        """Return the binary packages by name; fail with the log if there was an error."""
        assert self.succeeded, self.log[-6000:]
        return {path.name.partition("_")[0]: Deb(path=path) for path in sorted(self.directory.glob("*.deb"))}

    def read(self, name: str) -> str:
        """Return a file that the build wrote beside the source tree."""
        return (self.directory / name).read_text(errors="surrogateescape")


def build_sources(root: str, sources: Iterable[Source], ours: Build, made: Path) -> dict[str, Built]:
    """Build source packages in a system over `root`, once per content, and return them by name."""
    wanted = tuple(sources)
    parts = (RECIPES[root].key, ours.directory.name, *(repr(astuple(source)) for source in wanted))
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def make(directory: Path) -> None:
        for source in wanted:
            write_source(source, directory / source.name / "source")
        binds = (
            Bind(source=directory, target="/srv/sources", writable=True),
            Bind(source=ours.directory, target="/srv/ours"),
        )
        with System(root_directory(root), binds=binds) as system:
            debs = (ours.library(), *(ours.deb(name) for name in ADDON))
            system.run("dpkg", "--install", *(f"/srv/ours/{deb.relative_to(ours.directory)}" for deb in debs))
            with ThreadPoolExecutor(_PARALLEL) as pool:
                list(pool.map(lambda source: _build(system, source), wanted))

    directory = once(made / f"sources-{root}-{key}", make)
    return {source.name: Built(directory=directory / source.name) for source in wanted}


def write_source(source: Source, top: Path) -> None:
    """Write a source package's files."""
    for path, text in source.files.items():
        write_file(f"{top}/{path}", SampleFile(text, 0o755 if text.startswith("#!") else 0o644))


def _build(system: System, source: Source) -> None:
    command = " ".join(("dpkg-buildpackage", "--unsigned-source", "--unsigned-changes", *source.arguments))
    script = f"cd /srv/sources/{source.name}/source && {command} >../log 2>&1; echo $? >../exit"
    environment = {"DEB_BUILD_OPTIONS": "noautodbgsym nocheck", **source.environment}
    system.run("sh", "-c", script, env=environment, timeout=600)
