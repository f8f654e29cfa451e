# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Made-up systems for the commands' --root, and what the commands say about them."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import py_compile
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pkgtools.runtime.facts import InstalledPath, Interpreter, SourceFile
from pkgtools.runtime.record import RECORD
from pkgtools.runtime.system.trust import Tree
from tests.lab.tree import Entry, read_tree

CHECKOUT = Path(__file__).resolve().parents[2]
TRIGGERS = Path(os.environ.get("PKGTOOLS_TEST_TRIGGERS", CHECKOUT / "triggers"))
"""The launchers of the commands: the checkout's, or copies of them that measure coverage (tests.lab.measured)."""
HOST_PYTHON = Path("/usr/bin/python3").resolve()
"""The interpreter of the commands' first lines; compiles for a system that has one of the same name."""
PROGRAM = ("/usr/bin/python3", "-IBSXutf8", str(TRIGGERS / "run.py"))
"""What the launchers start, with the command behind it."""
_FORKING = """
with open({run!r}) as stream:
    text = stream.read()
call = "main(sys.argv.pop(1)"
switch = (
    "import pkgtools.runtime.system.interpreters as system\\n"
    "system.is_this_one = lambda _, one: one.magic == system.MAGIC_NUMBER\\n"
)
assert call in text
exec(compile(text.replace(call, switch + call), {run!r}, "exec"), dict(__name__="__main__", __file__={run!r}))
"""
"""Runs a launcher's program; its interpreter may work for each system of which it has the magic number."""
ANSWER = 100
"""What it adds to its exit status."""
TAG = "cpython-{}{}".format(*sys.version_info[:2])
CLEAN_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
APP = "/opt/app"
SHELF = "/srv/bytecode"
"""Where a store is that commands are given by its name."""
_WITHOUT_STORE = frozenset({"--store", "--as-owner", "--verify", "--help"})
PUBLIC = "/usr/lib/python3/dist-packages"

HERE = Interpreter(
    InstalledPath(str(HOST_PYTHON)), "cpython", sys.version_info[:2], TAG, importlib.util.MAGIC_NUMBER, inside=False
)
"""The interpreter that runs the tests, for calls in this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One outcome of a JSON report."""

    status: str
    reason: str
    path: str
    source: str | None
    interpreter: str | None
    level: int | None
    mode: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended and what it said."""

    status: int
    """Exit status; negative for a signal."""
    told: tuple[Told, ...]
    """The outcomes of the report; empty if there is none."""
    summary: Mapping[str, int]
    output: str
    talk: str
    """What came on standard error."""

    def by_path(self) -> dict[str, tuple[str, str]]:
        """Return status and reason of each path."""
        return {one.path: (one.status, one.reason) for one in self.told}

    def all_of(self, path: str) -> set[tuple[str, str]]:
        """Return status and reason of everything that was done to one path."""
        return {(one.status, one.reason) for one in self.told if one.path == path}

    def of(self, path: str) -> tuple[str, str]:
        """Return status and reason of one path."""
        return self.by_path()[path]


@dataclass(slots=True)
class Sandbox:
    """A directory that a command takes for the root of a system."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(CLEAN_ENVIRONMENT))
    forks: bool = False
    """Let forks of the commands compile, as they do for the system that they run in, and never for one of --root."""
    stores: bool = False
    """Let each clean move to the store of upgrades, and each compilation use the store SHELF."""

    def __post_init__(self) -> None:
        self.root.mkdir(mode=0o755, exist_ok=True)
        for directory in ("/usr/bin", APP, PUBLIC, "/var/cache/pkgtools", "/var/lib/pkgtools"):
            self.directory(directory)
        self.write(f"/usr/bin/{HOST_PYTHON.name}", "no program: the host's is used", mode=0o755)

    def path(self, path: str) -> str:
        """Return where a path of the system lies on this machine."""
        return f"{self.root}{path}"

    def directory(self, path: str, mode: int = 0o755, owner: tuple[int, int] = (0, 0)) -> str:
        """Make a directory with its parents (which are 0755), and give it exactly this mode and owner."""
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            where = self.path("/" + "/".join(parts[:depth]))
            if not os.path.isdir(where):
                with contextlib.suppress(FileExistsError):  # by another thread of a test
                    os.mkdir(where)
                os.chmod(where, 0o755)
        os.chown(self.path(path), *owner)
        os.chmod(self.path(path), mode)
        return path

    def write(
        self,
        path: str,
        content: str | bytes = "value = 1\n",
        *,
        mode: int = 0o644,
        owner: tuple[int, int] = (0, 0),
        mtime: float | None = None,
    ) -> str:
        """Write a file with exactly this content, mode, owner and time, its directory made where missing."""
        if not os.path.isdir(os.path.dirname(self.path(path))):
            self.directory(os.path.dirname(path))
        data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        with open(self.path(path), "wb") as stream:
            stream.write(data)
        os.chown(self.path(path), *owner)
        os.chmod(self.path(path), mode)
        if mtime is not None:
            os.utime(self.path(path), (mtime, mtime))
        return path

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        return Path(self.path(path)).read_bytes()

    def exists(self, path: str) -> bool:
        """Whether something, were it a link to nowhere, has this name."""
        return os.path.lexists(self.path(path))

    def below(self, *directories: str) -> dict[str, Entry]:
        """Return all that lies below directories (without arguments: in the whole system, but for the record)."""
        found = read_tree(self.root, directories or ("/",))
        return {path: entry for path, entry in found.items() if directories or not path.startswith(RECORD)}

    def pycs(self, directory: str = APP) -> set[str]:
        """Return the paths of all pycs below a directory."""
        return {path for path in self.below(directory) if path.endswith(".pyc")}

    def run(
        self,
        command: str,
        *arguments: str,
        given: bytes = b"",
        wrapper: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        cwd: str = "/",
        umask: int = -1,
        limit: float = 100,
    ) -> Ran:
        """Run one of our commands on the system and read its report; a `wrapper` wraps what its launcher starts."""
        program: tuple[object, ...] = (TRIGGERS / command,)
        if wrapper or self.forks:
            launcher = _program(wrapper)
            program = (*wrapper, *(forking(launcher) if self.forks else launcher), command.replace("pkgtools-", ""))
        with tempfile.NamedTemporaryFile(prefix="report", dir=self.root.parent) as report:
            done = subprocess.run(
                (*map(str, program), "--root", str(self.root), "--json", report.name, *arguments),
                input=given,
                capture_output=True,
                cwd=cwd,
                umask=umask,
                env={**self.environment, **(environment or {})},
                check=False,
                timeout=limit,
            )
            text = Path(report.name).read_text(encoding="ascii")
        if (wrapper or self.forks) and done.returncode in range(ANSWER, ANSWER + 10):
            done.returncode -= ANSWER
        return ran(done, text)

    def compile(self, *arguments: str, **how: Any) -> Ran:  # the keywords of `run`
        """Run pkgtools-compile."""
        if self.stores and not _WITHOUT_STORE.intersection(arguments):
            self.directory(os.path.dirname(SHELF))
            arguments = ("--store", SHELF, *arguments)
        return self.run("pkgtools-compile", *arguments, **how)

    def compile_brought(self, *paths: str, options: tuple[str, ...] = ()) -> Ran:
        """Run pkgtools-compile as for what a package manager brought."""
        given = "".join(f"{path}\n" for path in paths).encode()
        return self.compile("--rpm-stdin", *options, given=given)

    def clean(self, *arguments: str, **how: Any) -> Ran:  # the keywords of `run`
        """Run pkgtools-clean."""
        if self.stores:
            how = {"environment": {"DPKG_MAINTSCRIPT_NAME": "prerm"}, **how}
        return self.run("pkgtools-clean", *arguments, **how)

    def tree(self) -> Tree:
        """Return the system for calls in this process."""
        return Tree(str(self.root))


def forking(program: tuple[str, ...] = PROGRAM) -> tuple[str, ...]:
    """Return what a launcher starts, with forks that compile for every system."""
    *python, run = program
    return (*python, "-c", _FORKING.format(run=run))


def _program(wrapper: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a launcher starts; what strace sees and counts must be the command's own calls."""
    return (*PROGRAM[:-1], str(CHECKOUT / "triggers/run.py")) if "/usr/bin/strace" in wrapper else PROGRAM


def ran(done: subprocess.CompletedProcess[bytes], report: str) -> Ran:
    """Put together what a command said, its report being JSON or nothing."""
    parsed = json.loads(report) if report else {"outcomes": [], "summary": {}}
    return Ran(
        status=done.returncode,
        told=tuple(Told(**outcome) for outcome in parsed["outcomes"]),
        summary=parsed["summary"],
        output=done.stdout.decode("utf-8", "surrogateescape"),
        talk=done.stderr.decode("utf-8", "surrogateescape"),
    )


def pyc_of(source: str, level: int = 0, tag: str = TAG) -> str:
    """Return where the pyc of a source belongs, by PEP 3147 and PEP 488."""
    directory, _, name = source.rpartition("/")
    suffix = f".opt-{level}" if level else ""
    return f"{directory}/__pycache__/{name[:-3]}.{tag}{suffix}.pyc"


def reference_pyc(
    sandbox: Sandbox,
    source: str,
    level: int = 0,
    mode: py_compile.PycInvalidationMode = py_compile.PycInvalidationMode.TIMESTAMP,
) -> bytes:
    """Return the bytes that py_compile makes of a source of a sandbox (the tests run under the same interpreter)."""
    with tempfile.TemporaryDirectory() as directory:
        target = os.path.join(directory, "reference.pyc")
        py_compile.compile(sandbox.path(source), target, source, doraise=True, optimize=level, invalidation_mode=mode)
        return Path(target).read_bytes()


def source_file(path: str, base: str = APP) -> SourceFile:
    """Return a source by its path."""
    directory, _, name = path.rpartition("/")
    return SourceFile(InstalledPath(base), InstalledPath(directory), name)


def permissions(path: str) -> int:
    """Return the permission bits of a file, no link followed."""
    return stat.S_IMODE(os.lstat(path).st_mode)


def temporaries(sandbox: Sandbox) -> list[str]:
    """Return everything in a system that has the name of a temporary file, of ours or of Python's."""
    return [p for p in sandbox.below() if p.endswith(".tmp") or ".pyc." in p.rpartition("/")[2]]


def walk_files(directory: str) -> Iterator[str]:
    """Return every regular file below a directory of this machine."""
    for where, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(where, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield path
