# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Build packages with this checkout's macros: on this machine's rpm, or on that of a throw-away system."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.commands import clean_environment
from tests.lab.ours import CHECKOUT
from tests.lab.recipes import RECIPES
from tests.lab.system import Bind, System

VERSION = next((version for version in RECIPES["rpm-bookworm"].python), "")
SITE = f"/usr/lib/python{VERSION}/site-packages"
GOOD = {
    f"{SITE}/sample/__init__.py": "def where():\n    return __file__\n",
    f"{SITE}/sample/b.py": "assert __debug__\n",
}


def _for_everybody() -> Path:
    """Return the checkout, or a copy of what a build needs of it where others than its owner can't go."""
    if all(path.stat().st_mode & 0o005 == 0o005 for path in (CHECKOUT, *CHECKOUT.parents)):
        return CHECKOUT
    copy = Path(tempfile.mkdtemp(prefix="pkgtools-checkout-"))
    atexit.register(shutil.rmtree, copy)
    copy.chmod(0o755)
    for name in ("pkgtools", "triggers"):
        shutil.copytree(CHECKOUT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


READABLE = _for_everybody()
"""Where an unprivileged build finds the project."""
MACROS = READABLE / "triggers" / "rpm"
EPOCH = 1_700_000_000
_HEAD = """
Version: 1
Release: 1
Summary: a sample
License: MIT
BuildArch: noarch
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What differs between one spec file and another."""

    name: str = "sample"
    top: str = ""
    """Lines above the preamble and in it."""
    install: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    """Installed path -> content; written by %install, with an old date."""
    check: str = ""
    scriptlets: str = ""
    listed: str = "/usr"
    """Lines of %files."""
    files_options: str = ""
    """What stands beside %files."""

    def text(self) -> str:
        """Return the whole file."""
        lines = [f"Name: {self.name}", _HEAD, self.top, "%description", "A sample.", "%prep", "%install"]
        for path, content in self.files.items():
            place = f"%{{buildroot}}{path}"
            lines += [f'install -d "{os.path.dirname(place)}"', f"cat > '{place}' <<'END'"]
            lines += [content.replace("%", "%%"), "END", f"touch -d @{EPOCH - 99}.5 '{place}'"]
        lines += [self.install, "%check", self.check, self.scriptlets, f"%files {self.files_options}", self.listed, ""]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What rpmbuild did."""

    exit: int
    log: str
    package: Path
    """Where the package is, if there is one."""

    def query(self, *options: str) -> list[str]:
        """Return the lines that rpm says of the package."""
        done = subprocess.run(
            ["rpm", "-qp", *options, str(self.package)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    def unpack(self, target: Path) -> Path:
        """Unpack the payload and return where."""
        target.mkdir()
        cpio = subprocess.run(["rpm2cpio", str(self.package)], capture_output=True, check=True).stdout
        subprocess.run(["cpio", "-idm", "--quiet"], input=cpio, cwd=target, check=True)
        return target


Build = Callable[..., Built]


def let_others_in(path: Path) -> None:
    """Let other users into a directory of a test, and those above it that pytest made for this user alone."""
    for one in (path, *path.parents):
        found = one.stat()
        if (
            found.st_uid == os.geteuid()
            and found.st_mode & 0o055 != 0o055
            and one.is_relative_to(tempfile.gettempdir())
        ):
            one.chmod(stat.S_IMODE(found.st_mode) | 0o055)


def build(
    spec: Spec,
    work: Path,
    *,
    env: Mapping[str, str] | None = None,
    uid: int | None = None,
    defines: Mapping[str, str] | None = None,
    macros: bool = True,
) -> Built:
    """Build on this machine below `work`, an existing directory; a failure is in the answer.

    `macros`: whether ours are there.
    """
    attributes = work / "fileattrs"
    attributes.mkdir()
    attribute_files = sorted(MACROS.glob("*.attr")) if macros else []
    for each in (*Path("/usr/lib/rpm/fileattrs").glob("*.attr"), *attribute_files):
        (attributes / each.name).write_bytes(each.read_bytes())
    path = work / "sample.spec"
    path.write_text(spec.text())
    settings = {
        "_topdir": str(work / "top"),
        "_fileattrsdir": str(attributes),
        "__pkgtools_rpmbuild": str(MACROS / "pkgtools-rpmbuild"),
        "__pkgtools_brp": str(MACROS / "brp-pkgtools-bytecompile"),
        **(defines or {}),
    }
    loads = [f"--load={path}" for path in (MACROS / "macros.pkgtools", *attribute_files)] if macros else []
    argv = ["rpmbuild", "--nodeps", *loads, *(f"--define={name} {value}" for name, value in settings.items())]
    if uid is not None:
        os.chown(work, uid, uid)
        argv = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *argv]
    done = subprocess.run(
        [*argv, "-bb", str(path)],
        env=clean_environment({"SOURCE_DATE_EPOCH": str(EPOCH), "HOME": str(work), **(env or {})}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    found = sorted((work / "top" / "RPMS").rglob("*.rpm"))
    return Built(exit=done.returncode, log=done.stdout, package=found[0] if found else work)


HOST_BINDS = (Bind(source=Path("/usr"), target="/srv/host"), Bind(source=CHECKOUT, target="/srv/checkout"))
"""What a throw-away system needs for `install_macros`."""


def install_macros(system: System) -> None:
    """Put our macros into a throw-away system; its Python for building is this machine's, with its own C library."""
    for name in ("macros.pkgtools", *(path.name for path in MACROS.glob("*.attr")), "brp-pkgtools-bytecompile"):
        place = {"macros": "macros.d/", "pkgtools": "fileattrs/", "pkgtools_runtime": "fileattrs/"}.get(
            name.partition(".")[0], ""
        )
        mode = 0o755 if name.startswith("brp") else 0o644
        system.write(f"/usr/lib/rpm/{place}{name}", (MACROS / name).read_bytes(), mode=mode)
    triplet = next(path.name for path in Path("/usr/lib").glob("*-linux-gnu"))
    loader = next(path.name for path in Path(f"/usr/lib/{triplet}").glob("ld-linux*.so*"))
    libraries = f"/srv/host/lib/{triplet}"
    # -I would hide PYTHONHOME
    python = f"PYTHONHOME=/srv/host exec {libraries}/{loader} --library-path {libraries} /srv/host/bin/python3 -s -B"
    program = f'#!/bin/sh\n{python} /srv/checkout/triggers/rpm/pkgtools-rpmbuild "$@"\n'
    system.write("/usr/lib/rpm/pkgtools-rpmbuild", program, mode=0o755)


def build_inside(system: System, spec: Spec, *, fails: bool = False, epoch: int | None = EPOCH) -> str:
    """Build in a throw-away system and return the package's path there, or the log if it `fails`.

    `epoch` is SOURCE_DATE_EPOCH, None where that isn't set.
    """
    system.write("/srv/build/sample.spec", spec.text())
    env = {} if epoch is None else {"SOURCE_DATE_EPOCH": str(epoch)}
    argv = ("rpmbuild", "--nodeps", "--define=_topdir /srv/build", "-bb", "/srv/build/sample.spec")
    done = system.run(*argv, env=env, check=False)
    assert bool(done.exit) == fails, done.output
    if fails:
        return done.output
    found = re.search(r"^Wrote: (/\S+noarch\.rpm)$", done.output, re.MULTILINE)
    assert found, done.output
    return found[1]
