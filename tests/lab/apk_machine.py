# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A stand-in for apk-tools: what apk-package(5) and APKBUILD(5) say of scripts and triggers, under BusyBox.

Debian has no apk-tools. A package is a tree, scripts and trigger directories; scripts are run with the new version
and, in an upgrade, the old one; triggers, once at the end, with the directories in which something came or went.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.commands import run_on_host
from tests.lab.places import once
from tests.lab.project import Sample, generate, key_of, stage
from tests.lab.system import Bind, Result, System

BUSYBOX = Bind(source=Path("/usr/bin/busybox"), target="/usr/bin/busybox")
_DATABASE = "/var/lib/apk-stand-in"
_APK = f"""#!/bin/sh
[ "$1 $2" = "info -qL" ] || exit 99
cat {_DATABASE}/"$3"
"""
"""`apk info -qL NAME`: a path a line, without the first slash; nothing for a package that isn't installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApkPackage:
    """One version of a package, unpacked on this machine."""

    name: str
    version: str
    tree: Path
    """What it ships."""
    scripts: Mapping[str, str]
    """post-install and the like -> text."""
    triggers: tuple[str, ...] = ()
    """Directories, with shell wildcards, that its trigger script wants to hear of."""

    def files(self) -> list[str]:
        """Return the files' paths as apk lists them."""
        found = [os.path.join(top, name) for top, _, names in os.walk(self.tree) for name in names]
        return sorted(os.path.relpath(path, self.tree) for path in found)


def apk_of_fragments(sample: Sample, version: str, made: Path) -> ApkPackage:
    """Make a package as an APKBUILD with the generated lines says."""
    out = generate([sample], "apk", made)
    tree = once(made / key_of("apk", sample, version), lambda tree: stage(sample, version, "apk", out, tree))
    text = (out / sample.name / "APKBUILD.inc").read_text()
    words = dict(re.findall(r'^(\w+)="(.*)"$', text, re.MULTILINE))
    names = [word for word in words.get("install", "").split() if word != "$install"]
    trigger, _, directories = words.get("triggers", "").removeprefix("$triggers ").partition("=")
    scripts = {
        name.removeprefix(f"{sample.name}."): (out / sample.name / name).read_text()
        for name in (*names, trigger)
        if name
    }
    return ApkPackage(
        name=sample.name,
        version=version,
        tree=tree,
        scripts=scripts,
        triggers=tuple(directory for directory in directories.split(":") if directory),
    )


def apk_of_file(path: Path, name: str, version: str) -> ApkPackage:
    """Unpack an .apk: streams of gzip, in which the control segment's names begin with a dot."""

    def make(tree: Path) -> None:
        run_on_host(["tar", "--extract", "--gzip", "--ignore-zeros", f"--file={path}", f"--directory={tree}"])
        (tree / "payload").mkdir()
        for item in [item for item in tree.iterdir() if item.name[0] not in {".", "p"}]:
            item.rename(tree / "payload" / item.name)

    tree = once(path.parent / "unpacked", make)
    scripts = {item.name[1:]: item.read_text() for item in tree.glob(".p*-*")}
    return ApkPackage(name=name, version=version, tree=tree / "payload", scripts=scripts)


@dataclass(slots=True)
class ApkMachine:
    """A system in which packages are installed as apk does it."""

    system: System
    installed: dict[str, ApkPackage] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make `apk info` answer, and BusyBox the shell of all scripts."""
        self.system.write("/sbin/apk", _APK, mode=0o755)
        self.system.run("mkdir", "-p", _DATABASE)

    def add(self, package: ApkPackage, visible: str) -> Result:
        """Install, or upgrade to, a package whose tree the system sees at `visible`."""
        old = self.installed.get(package.name)
        verb, versions = ("upgrade", (package.version, old.version)) if old else ("install", (package.version,))
        said = [self._script(package, f"pre-{verb}", *versions)]
        self.system.run("cp", "-a", "--no-target-directory", visible, "/")
        gone = set(old.files()) - set(package.files()) if old else set()
        self._remove(gone)
        self.system.write(f"{_DATABASE}/{package.name}", "".join(f"{path}\n" for path in package.files()))
        self.installed[package.name] = package
        said.append(self._script(package, f"post-{verb}", *versions))
        said += self._triggers({*package.files(), *gone})
        return _joined(said)

    def delete(self, name: str) -> Result:
        """Remove a package."""
        package = self.installed[name]
        said = [self._script(package, "pre-deinstall", package.version)]
        self._remove(package.files())
        self.system.run("rm", f"{_DATABASE}/{name}")
        del self.installed[name]
        said.append(self._script(package, "post-deinstall", package.version))
        return _joined([*said, *self._triggers(set(package.files()))])

    def _script(self, package: ApkPackage, script: str, *arguments: str) -> Result | None:
        text = package.scripts.get(script)
        if text is None:
            return None
        place = f"/lib/apk/exec/{package.name}-{package.version}.{script}"
        self.system.write(place, text, mode=0o755)
        result = self.system.run("busybox", "sh", place, *arguments)
        self.system.run("rm", "-r", "/lib/apk")
        return result

    def _triggers(self, files: set[str]) -> list[Result | None]:
        directories = sorted({f"/{os.path.dirname(path)}" for path in files})
        said = []
        for package in list(self.installed.values()):
            hit = [d for d in directories if any(fnmatch.fnmatch(d, pattern) for pattern in package.triggers)]
            if hit:
                said.append(self._script(package, "trigger", *hit))
        return said

    def _remove(self, files: Iterable[str]) -> None:
        """Remove files, then the directories that are empty without them and that no package has files in."""
        paths = sorted(f"/{path}" for path in files)
        if not paths:
            return
        self.system.run("rm", "-f", *paths)
        parents = {os.path.dirname(path) for path in paths}
        every = {up for parent in parents for up in _upwards(parent)}
        self.system.run("rmdir", "--ignore-fail-on-non-empty", *sorted(every, key=len, reverse=True), check=False)


def _upwards(directory: str) -> list[str]:
    found = []
    while directory.count("/") > 1:
        found.append(directory)
        directory = os.path.dirname(directory)
    return found


def _joined(results: Iterable[Result | None]) -> Result:
    ran = [result for result in results if result]
    return Result(argv=(), exit=0, stdout="".join(r.stdout for r in ran), stderr="".join(r.stderr for r in ran))
