# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which commands of a script compile Python sources, and which take bytecode away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.runtime.pythons import ANY_CPYTHON_NAME, COMMAND, CPYTHON_STEM, PACKAGES_NAME, SHARED_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import Package

    from .commands import Command

OURS = "pkgtools-compile"
"""The runtime's program; the one that is embedded in a package (strategy standalone) counts as it."""
RUNTIME = "pkgtools-runtime"
"""The package whose triggers compile."""
REGISTRY = "/usr/share/pkgtools/private.d/"
"""Where packages register private directories for the runtime, the embedded one too."""
BYTECODE = re.compile(r"\.py(?:\[?c|\[co\]|\?)|__pycache__")
"""Stands in a word that is about bytecode: `*.pyc`, `*.py[co]`, `__pycache__`."""
_COMPILERS = frozenset({"py3compile", "pypy3compile", "pycompile", "pkgtools-compile"})
_CLEANERS = frozenset({"py3clean", "pypy3clean", "pyclean", "pkgtools-clean"})
_EMBEDDED = ".pyz"
_REMOVERS = frozenset({"rm", "find", "unlink", "rmdir", "perl", "sed", "awk", "xargs"})
_WRAPPERS = frozenset({"env", "nice", "ionice", "timeout", "nohup", "setsid", "command", "xargs", "sudo", "runuser"})
_PYTHON = re.compile(rf"{COMMAND}|\$\{{?\w*(?i:{CPYTHON_STEM})\w*\}}?")
_COMPILES = re.compile(r"\b(?:compileall|py_compile)\b")
_PATH = re.compile(r"/[\w.+/-]+")
_TAKES_VALUE = re.compile(r"--?(?:V|X|O|j|vrange|exclude|from0|cache-prefix|invalidation-mode|timeout|jobs|root|json)")
_COMPILEALL_VALUE = frozenset(
    {"-r", "-d", "-s", "-p", "-x", "-i", "-j", "-o", "-e", "--invalidation-mode", "--workers"}
)
_ON_RUNTIME = re.compile(rf"{RUNTIME}(?![\w.+-])[^|]*$")
_INTERPRETERS = re.compile(
    rf"(?:lib|idle-)?(?:{ANY_CPYTHON_NAME}|{SHARED_NAME})(?:-freethreading)?"
    r"(?:-(?:minimal|stdlib|libs|distutils|lib2to3|tk|idle))?"
)
_STANDARD_LIBRARY = re.compile(rf"/usr/lib(?:64)?/{ANY_CPYTHON_NAME}/(?!{PACKAGES_NAME}/)")
_OWN = re.compile(r"\$\{?(?:DPKG_MAINTSCRIPT_PACKAGE|RPM_PACKAGE_NAME)\b.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerCommand:
    """A command that compiles or cleans."""

    command: Command
    """The command of the script, with its line and all its words."""
    tool: str
    """`py3compile`, `pkgtools-clean`, `compileall`, `py_compile` ...; `rm` and its kin for a clean by hand."""
    packages: tuple[str, ...] = ()
    """What -p names, without an architecture; variables as they are written."""
    places: tuple[str, ...] = ()
    """Directories and files that it names; variables as they are written."""

    @property
    def is_plain_python(self) -> bool:
        """Python's own modules do it, not a packaging helper."""
        return self.tool in {"compileall", "py_compile"}

    def is_about(self, package: str) -> bool:
        """Whether it is the files of that package that it works on; a variable may stand for any."""
        return any(name == package or "$" in name for name in self.packages)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlaces:
    """Directories and files that commands name, to be asked for many paths."""

    known: frozenset[str]
    """The places as commands name them, without a slash at the end."""
    has_variable: bool
    """One is a variable, and so may be anywhere."""

    def hold(self, path: str) -> bool:
        """Whether a path is one of the places or lies in one."""
        if self.has_variable:
            return True
        while path:
            if path in self.known:
                return True
            path = path.rpartition("/")[0]
        return False


def places_of(works: Iterable[CompilerCommand]) -> NamedPlaces:
    """Return the places that commands work on."""
    places = {place.removesuffix("/*").rstrip("/") for work in works for place in work.places}
    return NamedPlaces(known=frozenset(places), has_variable=any("$" in place for place in places))


def directories_above(paths: Iterable[str]) -> set[str]:
    """Return all directories in which something lies, at whatever depth; a .rpm needn't name them."""
    found: set[str] = set()
    for path in paths:
        above = dirname(path)
        while above not in found and above != "/":
            found.add(above)
            above = dirname(above)
    return found


def compiling(commands: Iterable[Command]) -> Iterator[CompilerCommand]:
    """Yield what compiles."""
    for command in commands:
        words = unwrapped(command.words)
        name = basename(words[0])
        if name in _COMPILERS:
            yield _helper(command, name, words[1:])
        elif name.endswith(_EMBEDDED) and words[1:2] == ("compile",):
            yield _helper(command, OURS, words[2:])
        elif is_python(words):
            yield from _by_python(command, words[1:])


def cleaning(commands: Iterable[Command]) -> Iterator[CompilerCommand]:
    """Yield what takes bytecode away, or a directory with all that is in it."""
    for command in commands:
        words = unwrapped(command.words)
        name = basename(words[0])
        if name in _CLEANERS:
            yield _helper(command, name, words[1:])
        elif name.endswith(_EMBEDDED) and words[1:2] == ("clean",):
            yield _helper(command, "pkgtools-clean", words[2:])
        elif basename(command.words[0]) in _REMOVERS or name in _REMOVERS:
            places = tuple(word for word in words[1:] if word.startswith(("/", "$", '"$')))
            if removes_tree(words) or any(BYTECODE.search(word) for word in command.words):
                yield CompilerCommand(command=command, tool=name, places=places)


def removes_tree(words: tuple[str, ...]) -> bool:
    """Whether words are an `rm -r`."""
    return basename(words[0]) == "rm" and any(re.fullmatch(r"-\w*[rR]\w*|--recursive", word) for word in words[1:])


def is_python(words: tuple[str, ...]) -> bool:
    """Whether words run a Python, by its name or by a variable that is called like it."""
    return _PYTHON.fullmatch(basename(words[0])) is not None


def unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Take `env`, `nice`, `timeout 60`, `xargs -0` and the like off; `command -v` runs nothing and stays."""
    at = 0
    while at + 1 < len(words) and basename(words[at]) in _WRAPPERS:
        if words[at] == "command" and words[at + 1] in {"-v", "-V"}:
            break
        behind = next((number for number in range(at + 1, len(words)) if not _is_option(words[number])), None)
        if behind is None:
            break
        at = behind
    return words[at:]


def _is_option(word: str) -> bool:
    """Whether a word behind `env` or the like is an option, an assignment or a time."""
    return word.startswith("-") or "=" in word or word.rstrip("smhd").isdecimal()


def depends_on_runtime(package: Package) -> bool:
    """Whether the triggers of pkgtools-runtime are there wherever the package is."""
    return package.name == RUNTIME or any(_ON_RUNTIME.match(one) for one in package.dependencies)


def is_of_interpreter(package: Package) -> bool:
    """Whether a package is an interpreter or a part of its standard library, whose own scripts compile that."""
    return _INTERPRETERS.fullmatch(package.name) is not None or any(
        file.path.endswith(".py") and _STANDARD_LIBRARY.match(file.path) for file in package.files
    )


def _helper(command: Command, tool: str, words: tuple[str, ...]) -> CompilerCommand:
    packages: list[str] = []
    places: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in {"-p", "--package"}:
            packages.append(next(rest, ""))
        elif word.startswith(("--package=", "-p")):
            packages.append(word.removeprefix("--package=").removeprefix("-p"))
        elif _TAKES_VALUE.fullmatch(word):
            next(rest, "")
        elif not word.startswith("-"):
            places.append(word)
    own = tuple("$" if _OWN.fullmatch(name) else name.partition(":")[0] for name in packages)
    return CompilerCommand(command=command, tool=tool, packages=own, places=tuple(places))


def _by_python(command: Command, words: tuple[str, ...]) -> Iterator[CompilerCommand]:
    for at, word in enumerate(words):
        if word == "-c" or (word.startswith("-") and not word.startswith("--") and word.endswith("c")):
            code = " ".join(words[at + 1 : at + 2])
            if found := _COMPILES.search(code):
                yield CompilerCommand(command=command, tool=found[0], places=tuple(_PATH.findall(code)))
            return
        module = words[at + 1] if word == "-m" and at + 1 < len(words) else word.removeprefix("-m")
        if word.startswith("-m") or module.endswith(("/compileall.py", "/py_compile.py")):
            tool = basename(module).removesuffix(".py")
            if _COMPILES.fullmatch(tool):
                yield CompilerCommand(command=command, tool=tool, places=_arguments(words[at + 1 + (word == "-m") :]))
            return
        if not word.startswith("-"):
            break
    if found := _COMPILES.search(command.document):
        yield CompilerCommand(command=command, tool=found[0], places=tuple(_PATH.findall(command.document)))


def _arguments(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the directories and files that compileall is told."""
    found = []
    rest = iter(words)
    for word in rest:
        if word in _COMPILEALL_VALUE:
            next(rest, "")
        elif not word.startswith("-"):
            found.append(word)
    return tuple(found)
