# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""wrong-shebang: a program whose first line names an interpreter that isn't there, or any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import version_served
from pkgtools.check.places import is_documentation
from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import File, Kind, PackageManager, ProgramFacts, SourceFacts
from pkgtools.runtime.policy.layout import is_public
from pkgtools.runtime.pythons import CPYTHON_STEM, DIST, RPM_ABI, SHARED_NAME, STEMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.runtime.facts import InstalledPath


_PAGE = Page(
    what=(
        "The first line of an executable names an interpreter that the package doesn't bring or ask for; or the second "
        "line does, of a program that /bin/sh begins to run, as pip writes it for long paths."
    ),
    why=(
        "The program doesn't start: 'bad interpreter'. Or it starts with whatever python comes first in a "
        "user's PATH, without the modules that the package depends on."
    ),
    example=(
        "#!/usr/local/bin/python3\n#!/usr/bin/env python3\n#!/build/venv/bin/python\n\n"
        "#!/bin/sh\n'''exec' /build/acme-1.0/debian/acme/opt/acme/bin/python3 \"$0\" \"$@\""
    ),
    fix=(
        "Write `#!/usr/bin/python3`; `dh_python3`, `dh_pkgtools` and `%pkgtools_shebang_fix` rewrite first "
        "lines at build."
    ),
    references=(
        "Debian Policy 10.4",
        "Debian Python Policy, 'Interpreter Location'",
        "https://docs.fedoraproject.org/en-US/packaging-guidelines/Python/",
    ),
)


_LINE = re.compile(r"#!\s*(\S+)(?:\s+(?:-S\s*)?(\S+))?.*", re.DOTALL)
_UNVERSIONED = ("python", "python2", "python-is-python3", "python-unversioned-command")
_OF_PACKAGES = ("/usr/", "/opt/", "/srv/", "/var/lib/", "/bin/")
_OF_ADMINISTRATORS = "/usr/local/"
_PYTHON = re.compile(rf"(?:{STEMS})([\d.]*)t?")


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
                text, severity = hit
                yield Hit(text=text, path=file.path, line=2 if launcher else 1, severity=severity)


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
    """Return what env is to run; modules that happen to be executable are imported, not run."""
    return "" if argument is None or file.path.endswith(".py") else argument


def _judge(subject: Subject, program: str, argument: str) -> tuple[str, Severity | None] | None:
    directory, _, name = program.rpartition("/")
    if name == "env":
        if not _PYTHON.fullmatch(argument):
            return None
        return f"env takes the first {argument} in the caller's PATH", Severity.WARNING
    python = _PYTHON.fullmatch(name)
    if python is None or program in subject.files:
        return None
    if directory not in {"/usr/bin", "/bin"}:
        return _judge_private(subject, program)
    if subject.package.kind is Kind.TREE and not subject.package.dependencies:
        return None  # nobody knows yet what it will depend on
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
