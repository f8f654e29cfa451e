# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A sample project of a packager, in two versions, and what its packages shall have on disk under each strategy."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.commands import SYSTEM_PATH, CommandError, clean_environment
from tests.lab.debs import SampleFile, write_file
from tests.lab.machine import DIST, caches
from tests.lab.ours import CHECKOUT
from tests.lab.places import once

STRATEGIES = ("trigger", "direct", "standalone", "native", "shipped", "sourceless", "cache-prefix", "none")
ASK_RUNTIME = frozenset({"trigger", "direct", "cache-prefix"})
"""Strategies that need pkgtools-runtime in the system."""
BUILT = frozenset({"shipped", "sourceless"})
"""Strategies that compile at build."""
CACHE_PREFIX = "/var/cache/python"
SITE = "/usr/lib/python3.11/site-packages"
"""Where Arch and Alpine have public modules; the laboratory's stand-ins have Python 3.11."""
BUILD_PYTHON = "{}.{}".format(*sys.version_info[:2])
"""The interpreter for which packages are built here."""

Value = str | bool | list[str] | list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One package of the sample project: public modules, and two private directories, one of a hostile name."""

    strategy: str
    called: str = ""
    """The package's name, if another than its strategy gives it."""
    family: str = "deb"
    """deb; rpm as rpmbuild makes it; other, where no distribution's own tool ever compiles."""
    public: str = DIST
    """The public directory that its modules are in."""
    broken: bool = False
    """Whether it has a module that does not compile."""
    options: Mapping[str, Value] = field(default_factory=dict)
    """Further keys of the manifest."""
    plugins: bool = False
    """Whether other packages may put modules into its first private directory."""
    snippets: str = ""
    """TOML of its own scripts."""
    private_too: bool = True
    """Whether the manifest knows of the private directories."""

    @property
    def name(self) -> str:
        """Return the package's name, which is its key in the manifest."""
        return self.called or f"acme-{self.strategy}"

    @property
    def module(self) -> str:
        """Return the name of its top-level Python package."""
        return self.name.replace("-", "_")

    @property
    def private(self) -> tuple[str, str]:
        """Return its private directories."""
        return f"/usr/share/{self.name}", f"/opt/with blank/{self.name}/it's 100%{{name}} $HOME;"

    @property
    def places(self) -> tuple[str, ...]:
        """Return where bytecode of it may be."""
        return (self.public, self.private[0], "/opt", f"/usr/lib/{self.name}", CACHE_PREFIX)

    @property
    def built(self) -> frozenset[str]:
        """Return the strategies under which its bytecode is made at build, for one interpreter."""
        return BUILT | {"native"} if self.family == "rpm" else BUILT

    def sources(self, version: str) -> dict[str, str]:
        """Return path -> content; two versions' changed modules have the same size and modification time."""
        package, (plain, odd) = f"{self.public}/{self.module}", self.private
        files = {
            f"{package}/__init__.py": "",
            f"{package}/till.py": f"print('till', {version})\n",
            f"{self.public}/{self.module}_cli.py": f"import {self.module}.till\n",
            f"{plain}/main.py": f"print('main', {version})\n",
            f"{plain}/core/__init__.py": "",
            f"{odd}/engine.py": f"print('engine', {version})\n",
        }
        only_first = {
            f"{package}/cellar/__init__.py": "",
            f"{package}/cellar/wine.py": "AGE = 3\n",
            f"{plain}/core/gear.py": "",
            f"{odd}/parts/wheel.py": "",
        }
        only_second = {f"{package}/attic/__init__.py": "", f"{odd}/gears/wheel.py": ""}
        broken = {f"{package}/broken.py": "def half(:\n"} if self.broken else {}
        return {**files, **(only_first if version == "1" else only_second), **broken}

    def files(self, version: str) -> dict[str, str]:
        """Return all that a version ships before anything is generated or compiled."""
        data = {f"{self.private[0]}/data.txt": "not a module\n", f"{self.private[0]}/notes-{version}.txt": ""}
        return {**self.sources(version), **data}

    def bytecode(self, version: str, python: tuple[str, ...], *, batch: bool = False) -> dict[str, str]:
        """Return path -> kind, mode and owner of what shall be cached for the interpreters `python`, default first.

        `batch`: pkgtools-runtime is installed, whose triggers see to modules in public directories, but to those of
        packages that ask to be left alone.
        """
        by_batch = caches(self._public(version), *python) if batch else {}
        beside = self.beside(version, python)
        return dict(sorted(self._by_strategy(self._good(version), beside, by_batch).items()))

    def beside(self, version: str, python: tuple[str, ...]) -> dict[str, str]:
        """Return the same for bytecode beside all its sources."""
        public = self._public(version)
        private = [path for path in self._good(version) if path not in public]
        return {**caches(public, *python), **caches(private, *python[:1])}

    def _good(self, version: str) -> list[str]:
        return [path for path in self.sources(version) if not path.endswith("/broken.py")]

    def _public(self, version: str) -> list[str]:
        return [path for path in self._good(version) if path.startswith(f"{self.public}/")]

    def _by_strategy(self, good: list[str], beside: dict[str, str], by_batch: dict[str, str]) -> dict[str, str]:
        if self.strategy in self.built - {"sourceless"}:
            return {**caches(good, BUILD_PYTHON), **by_batch}
        if self.family == "other" and self.strategy == "native":
            return by_batch
        match self.strategy:
            case "none":
                return {}
            case "sourceless":
                return {f"{path}c": "file 0644 0:0" for path in good}
            case "cache-prefix":
                pycs = [path for path in beside if path.endswith(".pyc")]
                return {f"{CACHE_PREFIX}{_flat(path)}": "file 0644 0:0" for path in pycs}
            case _:
                return beside

    def toml(self) -> str:
        """Return the package's part of the manifest."""
        table = f"packages.{self.name}"
        lines = [f"[{table}]", f'strategy = "{self.strategy}"']
        python = "" if self.strategy == "sourceless" else "3.9-"
        if not python:
            lines.append(f'python = "{BUILD_PYTHON}"')
        lines += [f"{key} = {json.dumps(value)}" for key, value in self.options.items()]
        for number, directory in enumerate(self.private if self.private_too else ()):
            lines += [f"[[{table}.private]]", f"directory = {json.dumps(directory)}"]
            lines += [f'python = "{python}"'] if python and not number else []
            lines += ["plugins = true"] if self.plugins and not number else []
        return "\n".join([*lines, self.snippets, ""])


def samples(**how: object) -> tuple[Sample, ...]:
    """Return one sample for each strategy; the keywords are those of `Sample`."""
    return tuple(Sample(strategy=strategy, **how) for strategy in STRATEGIES)  # type: ignore[arg-type] # as told


def generate(packages: Iterable[Sample], target: str, directory: Path) -> Path:
    """Run `pkgtools generate` for a project of `packages`, once per content, and return the output directory."""
    manifest = "\n".join(sample.toml() for sample in packages)

    def make(project: Path) -> None:
        (project / "pkgtools.toml").write_text(manifest)
        pkgtools("generate", "--target", target, "--output", "out", cwd=project)

    return once(directory / key_of(target, manifest), make) / "out"


def key_of(*parts: object) -> str:
    """Return a name for what this checkout makes of `parts`."""
    return hashlib.sha256(repr((_makers(), parts)).encode()).hexdigest()[:16]


@functools.cache
def _makers() -> str:
    """Return a digest of all that takes part: another checkout, or a later state of this one, makes other packages."""
    content = hashlib.sha256()
    for directory in ("pkgtools", "templates", "triggers", "tests/lab"):
        for path in sorted((CHECKOUT / directory).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                content.update(f"{path}\0".encode() + path.read_bytes())
    return content.hexdigest()


def pkgtools(*arguments: str, cwd: Path) -> str:
    """Run the command line of this checkout as a packager does, and return what it printed; silent on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "pkgtools.cli", *arguments],
        cwd=cwd,
        env=clean_environment({"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"pkgtools {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def command_path(directory: Path) -> str:
    """Return a PATH on which `pkgtools` is this checkout's, by a launcher in `directory`."""
    program = f'#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} -m pkgtools.cli "$@"\n'
    write_file(f"{directory}/pkgtools", SampleFile(program, 0o755))
    return f"{directory}:{SYSTEM_PATH}"


def stage(sample: Sample, version: str, target: str, out: Path, tree: Path, *, root: str = "{}/root") -> None:
    """Write what a package ships to `tree`: the project's files, and the generated ones below `out`/`root`.

    What is compiled at build is brought there by `pkgtools stage`.
    """
    for path, content in sample.files(version).items():
        write_file(f"{tree}{path}", SampleFile(content))
    if sample.strategy in BUILT:
        manifest = str(out.parent / "pkgtools.toml")
        options = ("--target", target, "--package", sample.name, "--manifest", manifest)
        pkgtools("stage", str(tree), *options, cwd=out.parent)
        return
    generated = out / root.format(sample.name)
    if generated.is_dir():
        shutil.copytree(generated, tree, dirs_exist_ok=True, symlinks=True)


def control_fields(text: str) -> dict[str, str]:
    """Read lines of Debian control fields, but for comments."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return dict(re.fullmatch(r"(\S+):\s*(.*)", line).groups() for line in lines)  # type: ignore[union-attr,misc] # or fail


def _flat(path: str) -> str:
    """Return where a pyc of `__pycache__` is in a central tree."""
    directory, _, name = path.rpartition("/")
    return f"{os.path.dirname(directory)}/{name}"
