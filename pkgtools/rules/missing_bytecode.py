# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""missing-bytecode: modules of a system that are to be compiled and are not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pkgtools.check.expected_bytecode import expected_bytecode
from pkgtools.check.repairs import COMPILE, for_shell, in_system
from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.model.finding import Page, Persona, Severity
from pkgtools.runtime.system.interpreters import BIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.check.expected_bytecode import ExpectedBytecode
    from pkgtools.check.subject import Subject
    from pkgtools.runtime.facts import InstalledPath

_EXAMPLES = 3
_PAGE = Page(
    what=(
        "Modules in a public or registered directory have no pyc for an interpreter that imports from there, at an "
        "optimization level that the administrator's settings ask for."
    ),
    why=(
        "Each start of a program compiles them again, unless root runs it: then the import writes caches with the "
        "modes of that moment's umask. An installation that failed, a full disk or a removed `__pycache__` is often "
        "the reason.\n\n"
        "It is a warning where the system has pkgtools-runtime, or Debian's py3compile for modules of packages. "
        "Elsewhere it is for information: images leave bytecode out on purpose. /etc/pkgtools/bytecode.conf, "
        "registrations in /usr/share/pkgtools/private.d and exclusions in /usr/share/python3/bcep are respected. The "
        "standard library is its package's to compile, and PyPy is not judged.\n\n"
        "Modules that can't be compiled have a finding of their own, for information: those that the last batch of "
        "pkgtools-runtime failed to compile, those that only Python 2 understands, those in directories that "
        "pkgtools-compile refuses, and, unless `--no-compile` is given, those that the interpreter's version on this "
        "machine does not compile."
    ),
    example=(
        "/usr/lib/python3/dist-packages/acme/m.py   and no acme/__pycache__/m.cpython-311.pyc\n"
        "/etc/pkgtools/bytecode.conf says levels = 0,1, and there are pycs for level 0 alone"
    ),
    fix=(
        "Run the command of the finding. What is not to be compiled: `compile = no` in /etc/pkgtools/bytecode.conf, or "
        "an exclusion in a registration."
    ),
    references=("PEP 3147", "PEP 488", "pkgtools-compile(1)", "pkgtools-trigger(8)"),
)


@rule(
    title="modules that are to be compiled and are not",
    severity=Severity.WARNING,
    persona=Persona.AUDITOR,
    kinds=SYSTEMS,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each directory with modules that have no pyc, and apart from them those that can't have one."""
    for expected in expected_bytecode(subject):
        if expected.missing:
            severity = Severity.WARNING if _is_compiled(subject, expected) else Severity.INFO
            yield Hit(text=_missing(expected), path=expected.path, severity=severity, repair=_repair(subject, expected))
        if expected.obstacles:
            yield Hit(text=_obstacles(expected), path=expected.path, severity=Severity.INFO)


def _is_compiled(subject: Subject, expected: ExpectedBytecode) -> bool:
    """Whether something on the system compiles these modules: py3compile does so for those of packages alone."""
    by = subject.package.compiler
    owned = any(subject.files[one.source.path].package for one in expected.missing)
    return not expected.is_local and (by == COMPILE or (by != "" and owned))


def _missing(expected: ExpectedBytecode) -> str:
    """Say how many modules of all have no pyc for which interpreter and level, with a few of them."""
    numbers = Counter((one.interpreter, one.level) for one in expected.missing)
    parts = [
        f"{number} of {_modules(expected.modules[key], number)} no pyc for {key[0].path}, level {key[1]}"
        for key, number in sorted(numbers.items(), key=lambda one: (one[0][0].version, one[0][0].abi, one[0][1]))
    ]
    return f"{'; '.join(parts)}: {_examples(expected, {one.source.path for one in expected.missing})}"


def _obstacles(expected: ExpectedBytecode) -> str:
    """Say how many modules without a pyc can't be compiled, for which reasons, with a few of them."""
    numbers = Counter(expected.obstacles.values())
    reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(numbers.items()))
    total = len(expected.obstacles)
    examples = _examples(expected, expected.obstacles)
    return f"{_modules(total, total)} no pyc and can't be compiled ({reasons}): {examples}"


def _modules(total: int, number: int) -> str:
    return f"{total} module{'s' if total != 1 else ''} {'has' if number == 1 else 'have'}"


def _examples(expected: ExpectedBytecode, sources: Iterable[InstalledPath]) -> str:
    below = sorted(sources)
    names = [for_shell((path.removeprefix(f"{expected.path}/"),)) for path in below[:_EXAMPLES]]
    return ", ".join([*names, *(["..."] if len(below) > _EXAMPLES else [])])


def _repair(subject: Subject, expected: ExpectedBytecode) -> str:
    """Return the command that compiles; interpreters outside of /usr/bin are not pkgtools-compile's."""
    package = subject.package
    if package.compiler not in {"", COMPILE} and package.is_image:
        return for_shell((package.compiler, expected.path))  # what a process in it has
    interpreters = sorted({one.interpreter.path for one in expected.missing})
    if all(path.startswith(f"{BIN}/") for path in interpreters):
        return in_system(package, COMPILE, expected.path)
    commands = (in_system(package, path, "-m", "compileall", "-q", expected.path) for path in interpreters)
    return "; ".join(commands)
