# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""python-scriptlet: rpm runs a scriptlet with Python, out of a directory that everybody can write."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.pythons import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_SAFE = re.compile(r"-\w*[IP]\w*")
_PYTHON = re.compile(COMMAND)
_PAGE = Page(
    what="A scriptlet or trigger has Python for its interpreter (`-p /usr/bin/python3`).",
    why=(
        "rpm writes the body to a file in /var/tmp and has Python run that. Python puts the directory of the script "
        "in front of sys.path: whoever may write to /var/tmp, which is everybody, puts a module there under the "
        "name of one that the script imports, and root runs it at the next install, update or removal."
    ),
    example="%post -p /usr/bin/python3\nimport shutil\nshutil.rmtree('/var/cache/acme')",
    fix=(
        "Write the scriptlet for /bin/sh, and have it start Python isolated: `/usr/bin/python3 -I -c '...'`, or a "
        'program that the package ships. `-p "/usr/bin/python3 -I"` helps in scriptlets; triggers take no '
        "arguments."
    ),
    references=("python(1), -I and -P", "rpm-scriptlets(7)", "Python documentation, sys.path"),
)


@rule(
    title="scriptlet is run by Python from /var/tmp", severity=Severity.DANGER, kinds=frozenset({Kind.RPM}), page=_PAGE
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each scriptlet that Python runs without -I or -P."""
    package = subject.package
    scripts = (*package.scripts, *(one.script for one in package.triggers if one.script))
    for script in scripts:
        words = script.interpreter
        if words and words[0].endswith("/env"):
            words = words[1:]
        if words and _PYTHON.fullmatch(basename(words[0])) and not any(map(_SAFE.fullmatch, words[1:])):
            yield Hit(
                text=f"{' '.join(words)} runs it from a file in /var/tmp, whose directory is the first of sys.path",
                script=script.name,
            )
