# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Who is measured, and how each of them is told to compile the same files.

py3compile and compileall are run as a maintainer would run them. uv compiles only what it installs, so the tree is
made a wheel, and installing it without `--compile-bytecode` in the same round is subtracted from installing it with.
"""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import Corpus, Modules, cache_directory, python_files
from benchmarks.timing import Command

PYTHON = "/usr/bin/python3"
HERE = Path(__file__).resolve().parent
INSTALLED = cache_directory() / "installed"
OURS = INSTALLED / "triggers" / "pkgtools-compile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A contender's own copy of the modules."""

    scratch: Path
    """A directory of the contender's own."""
    tree: Path
    """Holds the modules."""
    targets: tuple[str, ...]
    """The directories to compile: the tree, or each of a hundred."""
    levels: tuple[int, ...]
    """Optimization levels."""
    environment: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The commands to be timed."""

    commands: tuple[Command, ...]
    baseline: tuple[Command, ...] = ()
    """What is to be subtracted, because it is not compiling; measured just before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """Somebody who can compile a tree."""

    name: str
    job: Callable[[Site], Job]
    """Prepare a site and return what is to be run there."""
    compiles: bool = True
    """Leaves pycs behind; false for the two floors."""
    program: str = PYTHON
    """Without this file the contender is left out."""


def install_runtime(*others: str) -> None:
    """Lay our runtime out as its package does, itself compiled: a checkout has no bytecode and starts slowly.

    `others` are further folders of ours, as the package of the RPM macros has them.
    """
    shutil.rmtree(INSTALLED, ignore_errors=True)
    checkout = HERE.parent
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(checkout / "triggers", INSTALLED / "triggers", ignore=ignore)
    for folder in ("runtime", *others):
        shutil.copytree(checkout / "pkgtools" / folder, INSTALLED / "pkgtools" / folder, ignore=ignore)
    shutil.copy2(checkout / "pkgtools" / "__init__.py", INSTALLED / "pkgtools" / "__init__.py")
    subprocess.run([str(OURS), "--strict", str(INSTALLED / "pkgtools")], check=True)


def copy_modules(modules: Modules, scratch: Path, levels: tuple[int, ...], environment: dict[str, str]) -> Site:
    """Make a contender's copy of a corpus."""
    tree = scratch / "tree"
    shutil.copytree(modules.directory, tree)
    targets = sorted(tree.iterdir()) if modules.corpus is Corpus.HUNDRED else [tree]
    names = tuple(str(path) for path in targets)
    return Site(scratch=scratch, tree=tree, targets=names, levels=levels, environment=environment)


def _ours(site: Site) -> Job:
    levels = ",".join(str(level) for level in site.levels)
    return Job(commands=([str(OURS), "-q", "-O", levels, *site.targets],))


def _not_durable(site: Site) -> Job:
    command = _ours(site).commands[0]
    return Job(commands=([*command[:1], "--no-sync", *command[1:]],))


def _py3compile(site: Site) -> Job:
    return Job(commands=tuple(["/usr/bin/py3compile", target] for target in site.targets))


def _compileall(site: Site, *options: str) -> Job:
    levels = [argument for level in site.levels for argument in ("-o", str(level))]
    links = ["--hardlink-dupes"] if len(site.levels) > 1 else []
    return Job(commands=([PYTHON, "-m", "compileall", "-q", *options, *levels, *links, *site.targets],))


def _compileall_2(site: Site) -> Job:
    return _compileall(site, "-j2")


def _uv(site: Site) -> Job:
    uv = str(_uv_program())
    wheel = _pack_wheel(site)
    environment = site.scratch / "venv"
    subprocess.run([uv, "venv", "-q", "--python", PYTHON, str(environment)], check=True, env=site.environment)
    plain = [uv, "pip", "install", "-q", "--offline", "--no-deps", "--reinstall"]
    plain += ["--python", str(environment / "bin" / "python"), str(wheel)]
    shutil.rmtree(site.tree)
    subprocess.run(plain, check=True, env=site.environment)
    installed = next((environment / "lib").glob("python3.*")) / "site-packages" / "tree"
    site.tree.symlink_to(installed)
    return Job(commands=([*plain, "--compile-bytecode"],), baseline=(plain,))


def _uv_program() -> Path:
    return HERE.parent / ".venv" / "bin" / "uv"


def _pack_wheel(site: Site) -> Path:
    """Pack the tree, uncompressed, with the three files that make it a wheel (PEP 427)."""
    wheel = site.scratch / "tree-1-py3-none-any.whl"
    information = {
        "METADATA": "Metadata-Version: 2.1\nName: tree\nVersion: 1\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: benchmarks\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        names = [f"tree/{path.relative_to(site.tree)}" for path in python_files(site.tree)]
        for name in names:
            archive.write(site.scratch / name, name)
        for name, text in information.items():
            archive.writestr(f"tree-1.dist-info/{name}", text)
            names.append(f"tree-1.dist-info/{name}")
        names.append("tree-1.dist-info/RECORD")
        archive.writestr("tree-1.dist-info/RECORD", "".join(f"{name},,\n" for name in names))
    return wheel


def _one_process(site: Site) -> Job:
    return Job(commands=([PYTHON, "-I", "-S", "-B", str(HERE / "floor_compile.py"), *site.targets],))


def _c_walk(site: Site) -> Job:
    program = site.scratch / "floor_walk"
    subprocess.run(["cc", "-O2", "-o", str(program), str(HERE / "floor_walk.c")], check=True)
    tag = subprocess.run(
        [PYTHON, "-c", "import sys; print(sys.implementation.cache_tag)"], check=True, capture_output=True, text=True
    ).stdout.strip()
    subprocess.run(_compileall(site).commands[0], check=True, env=site.environment)
    return Job(commands=([str(program), tag, *site.targets],))


def _metadata(site: Site) -> list[str]:
    """Make sixty distributions' metadata, as a middle-sized application has them in its private directory."""
    above = site.scratch / "usr" / "lib" / "python3.11" / "site-packages"
    paths = [above / f"distribution_{number}-1.{number}.dist-info" for number in range(DISTRIBUTIONS)]
    requirements = ("other>=1.2,<3", "third~=2.1", 'fourth>=1; python_version >= "3.8"', 'fifth; extra == "test"')
    lines = ["Metadata-Version: 2.1", "Provides-Extra: test", *(f"Requires-Dist: {one}" for one in requirements)]
    for number, path in enumerate(paths):
        path.mkdir(parents=True)
        text = "\n".join([*lines, f"Name: distribution-{number}", f"Version: 1.{number}", ""])
        (path / "METADATA").write_text(text)
    return [str(path) for path in paths]


def _distdeps(site: Site) -> Job:
    site.environment["PYTHONPATH"] = str(HERE.parent)
    paths = _metadata(site)
    return Job(
        commands=tuple([*DISTDEPS_COMMAND, kind, "--multifile", *paths] for kind in ("--provides", "--requires"))
    )


def _pythondistdeps(site: Site) -> Job:
    kinds = (["--provides", "--majorver-provides"], ["--requires"])
    return Job(commands=tuple([PYTHONDISTDEPS, *kind, path] for path in _metadata(site) for kind in kinds))


DISTRIBUTIONS = 60
DISTDEPS_COMMAND = (PYTHON, "-m", "pkgtools.rpmbuild.distdeps")
PYTHONDISTDEPS = "/usr/lib/rpm/pythondistdeps.py"
CC = shutil.which("cc", path=os.defpath) or "/usr/bin/cc"

PKGTOOLS = Contender(name="pkgtools-compile", job=_ours, program=str(OURS))
NOT_DURABLE = Contender(name="the same, --no-sync", job=_not_durable, program=str(OURS))
PY3COMPILE = Contender(name="py3compile", job=_py3compile, program="/usr/bin/py3compile")
COMPILEALL = Contender(name="compileall -q", job=_compileall)
COMPILEALL_2 = Contender(name="compileall -q -j2", job=_compileall_2)
UV = Contender(name="uv, compile step", job=_uv, program=str(_uv_program()))
ONE_PROCESS = Contender(name="floor: one process", job=_one_process, compiles=False)
C_WALK = Contender(name="floor: C program", job=_c_walk, compiles=False, program=CC)
DISTDEPS = Contender(name="distdeps, rpm 4.20", job=_distdeps, compiles=False)
THEIR_DISTDEPS = Contender(name="pythondistdeps.py", job=_pythondistdeps, compiles=False, program=PYTHONDISTDEPS)
