# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-shebang: a program whose first line names an interpreter that isn't there, or any."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import LONGEST_LINE
from pkgtools.bytecode.fitting import version_served
from pkgtools.check.places import is_documentation, is_for_tests, is_program
from pkgtools.check.rule import PACKAGES, Hit, fixable, rule
from pkgtools.model.edits import ReplaceLine
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import File, Kind, PackageManager, ProgramFacts, SourceFacts
from pkgtools.runtime.policy.layout import is_public
from pkgtools.runtime.pythons import CPYTHON_STEM, DIST, RPM_ABI, SHARED_NAME, STEMS
from pkgtools.runtime.system.interpreters import BIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.edits import Edit
    from pkgtools.runtime.facts import InstalledPath


_PAGE = Page(
    what=(
        "The first line of an executable names an interpreter that the package doesn't bring or ask for, also by "
        "`env python`; or the second "
        "line does, of a program that /bin/sh begins to run, as pip writes it for long paths."
    ),
    why=(
        "The program doesn't start: 'bad interpreter'. Or it starts with whatever python comes first in a "
        "user's PATH, without the modules that the package depends on.\n\n"
        "In directories of tests it is for information: what a test is given may have any first line."
    ),
    example=(
        "#!/usr/local/bin/python3\n#!/usr/bin/env python3\n#!/build/venv/bin/python\n\n"
        "#!/bin/sh\n'''exec' /build/acme-1.0/debian/acme/opt/acme/bin/python3 \"$0\" \"$@\""
    ),
    fix=(
        "Write `#!/usr/bin/python3`; `dh_python3`, `dh_pkgtools` and `%pkgtools_shebang_fix` rewrite first "
        "lines at build. `check --fix` leaves launchers that begin with `#!/bin/sh`: change their second line "
        "where they are built."
    ),
    references=(
        "Debian Policy 10.4",
        "Debian Python Policy, 'Interpreter Location'",
        "https://docs.fedoraproject.org/en-US/packaging-guidelines/Python/",
    ),
)


_LINE = re.compile(r"#!\s*(\S+)(?:\s+(?:-S\s*)?(\S+))?.*", re.DOTALL)
_PARTS = re.compile(rb"#!\s*(?:\S*/env\s+(?:-S\s*)?)?\S+(.*)", re.DOTALL)
_MOST_OPTIONS = 2
"""Of more words than one behind the interpreter the kernel makes a single one (execve(2))."""
_PYTHON3 = re.compile(rf"{CPYTHON_STEM}(?:3(?:\.\d+)?)?")
_UNVERSIONED = ("python", "python2", "python-is-python3", "python-unversioned-command")
_OF_PACKAGES = ("/usr/", "/opt/", "/srv/", "/var/lib/", "/bin/")
_OF_ADMINISTRATORS = "/usr/local/"
_PYTHON = re.compile(rf"(?:{STEMS})([\d.]*)t?")


@fixable("names the package's own interpreter, or the one in /usr/bin, where only one can be meant; not in launchers")
@rule(title="first line with a wrong interpreter", severity=Severity.ERROR, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield executables whose interpreter isn't to be found."""
    for file in subject.package.files:
        if file.permissions & 0o111 and not (is_documentation(file.path) or _is_installed(file.path)):
            found = _LINE.fullmatch(_first_line(file))
            launcher = _launcher(file)
            argument = _argument(file, found[2]) if found and not launcher else ""
            program = launcher or (found[1] if found else "")
            if hit := _judge(subject, program, argument):
                is_input = is_for_tests(file.path) and not is_program(file.path)
                yield Hit(
                    text=hit[0],
                    path=file.path,
                    line=2 if launcher else 1,
                    severity=Severity.INFO if is_input else hit[1],
                    edits=() if launcher or is_input else tuple(_rewritten(subject, file, program, argument)),
                )


def _is_installed(path: InstalledPath) -> bool:
    """Whether a file is where modules are installed, a private environment's too: they are imported, not run."""
    return is_public(path) or version_served(path) is not None or f"/{DIST}/" in path


def _first_line(file: File) -> str:
    match file.facts:
        case ProgramFacts() | SourceFacts():
            return file.facts.first_line.decode("utf-8", "replace")
        case _:
            return ""


def _launcher(file: File) -> str:
    """Return the interpreter that the second line of a program hands over to, if sh runs the first one."""
    return file.facts.launched_by.decode("utf-8", "replace") if isinstance(file.facts, ProgramFacts) else ""


def _argument(file: File, argument: str | None) -> str:
    """Return what env is to run. A module that happens to be executable is imported, unless Python 2 were to run it."""
    if argument is None or (file.path.endswith(".py") and not _is_unversioned(argument)):
        return ""
    return argument


def _is_unversioned(name: str) -> bool:
    """Whether a name is that of Python 2, or of none in particular, which Debian has no program of."""
    return re.fullmatch(rf"{CPYTHON_STEM}(?:2(?:\.\d+)?)?", name) is not None


def _judge(subject: Subject, program: str, argument: str) -> tuple[str, Severity | None] | None:
    directory, _, name = program.rpartition("/")
    if name == "env":
        if not _PYTHON.fullmatch(argument):
            return None
        is_known = subject.package.kind is not Kind.TREE or subject.package.dependencies
        if is_known and _is_unversioned(argument) and not _is_asked_for(subject, argument):
            return f"nothing that the package depends on brings {argument} for env", None
        return f"env takes the first {argument} in the caller's PATH", Severity.WARNING
    python = _PYTHON.fullmatch(name)
    if python is None or program in subject.files:
        return None
    if directory not in {"/usr/bin", "/bin"}:
        return _judge_private(subject, program)
    if subject.package.kind is Kind.TREE and not subject.package.dependencies:
        return None  # what it will depend on isn't known yet
    if python[1] in {"", "2"} or python[1].startswith("2."):
        return None if _is_asked_for(subject, name) else (f"nothing that the package depends on brings {program}", None)
    version = python[1].split(".")
    if len(version) == 2 and not _is_asked_for(subject, name):
        return f"the package doesn't depend on {name}", None
    return None


def _judge_private(subject: Subject, program: str) -> tuple[str, Severity | None]:
    if program.startswith(_OF_ADMINISTRATORS):
        return f"{program} is an administrator's own, and no package ships it", None
    if not program.startswith(_OF_PACKAGES):
        return f"{program} is the build machine's, and the package doesn't ship it", None
    if subject.package.dependencies:
        return f"the package doesn't ship {program}; does one that it depends on?", Severity.WARNING
    return f"the package doesn't ship {program}", None


def _is_asked_for(subject: Subject, name: str) -> bool:
    """Whether a dependency brings the program of this name in /usr/bin."""
    version = name.removeprefix(CPYTHON_STEM)
    asked_for = subject.python
    if asked_for.exact and asked_for.least and version == "{}.{}".format(*asked_for.least):
        return True
    if subject.package.family is PackageManager.RPM and f"{RPM_ABI} = {version}" in subject.package.dependencies:
        return True
    brings = {name, f"{name}-minimal", f"/usr/bin/{name}", *(_UNVERSIONED if version in {"", "2"} else ())}
    if subject.package.family is PackageManager.APK and not version:
        brings.add(SHARED_NAME)  # which has /usr/bin/python there
    asked = (one.strip() for dependency in subject.package.dependencies for one in dependency.split("|"))
    return any(re.split(r"[ (:<>=~]", one.removeprefix("cmd:"), maxsplit=1)[0] in brings for one in asked)


def _rewritten(subject: Subject, file: File, program: str, argument: str) -> Iterator[Edit]:
    """Yield the first line with the package's own interpreter, or that of /usr/bin; nothing where people decide."""
    line = file.facts.first_line if isinstance(file.facts, ProgramFacts | SourceFacts) else b""
    found, wanted = _PARTS.fullmatch(line), _wanted(subject, program, argument)
    options = found[1].split() if found else []
    if found and wanted and len(line) < LONGEST_LINE and len(options) < _MOST_OPTIONS:
        yield ReplaceLine(path=file.path, old=line, new=b" ".join([b"#!" + os.fsencode(wanted), *options]))


def _wanted(subject: Subject, program: str, argument: str) -> str:
    """Return the interpreter that a first line should name; empty where that isn't known."""
    directory, _, name = program.rpartition("/")
    if name != "env":
        if own := next((program[at:] for at in range(len(program)) if program[at:] in subject.files), ""):
            return own
        if directory == BIN and name != CPYTHON_STEM:
            return ""
        if directory != BIN and program.startswith(_OF_PACKAGES) and not program.startswith(_OF_ADMINISTRATORS):
            return ""  # another package may bring it
    python = argument if name == "env" else name
    if _PYTHON3.fullmatch(python) is None:
        return ""
    is_known = "." in python and (not subject.package.dependencies or _is_asked_for(subject, python))
    return f"{BIN}/{python if is_known else SHARED_NAME}"
