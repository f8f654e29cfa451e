# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a single value of a manifest must be, beyond its shape. Each check returns what is wrong, or None."""

from __future__ import annotations

import posixpath
import re
import unicodedata
import warnings

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.expressions import BAD_EXPRESSION
from pkgtools.runtime.policy.layout import is_public
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.runtime.pythons import SHARED_NAME
from pkgtools.runtime.system.interpreters import BIN

from .problems import quoted

PACKAGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
"""A name that rpm, pacman and apk take."""
DEB_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
"""A name that dpkg takes (Debian Policy 5.6.1)."""

_REGEX_TOKEN = re.compile(r"\\.|\(\?#[^)]*\)|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_OWN_DIRECTORY = re.compile(r"[A-Za-z0-9_]+/(?![?*+{])")


def wrong_directory(text: str) -> str | None:
    """Check a directory of a package's own: absolute, normal and outside of interpreters' libraries."""
    path = plain_directory(text)
    if bad := _control_character(path):
        return f"{quoted(text)} has the control character {bad} in it"
    if "|" in path:
        return f"{quoted(text)} has a `|` in it, which ends a path in the files that register directories"
    if path == "/":
        return "the whole system isn't a directory of a package's own"
    if not path.startswith("/") or path.startswith("//") or posixpath.normpath(path) != path:
        return f"{quoted(text)}: write an absolute path without `//`, `/./` and `/../`"
    if is_public(InstalledPath(path)):
        return f"{quoted(text)}: interpreters search it, so its modules are public ones, which `public` stands for"
    below = (f"{above}/{SHARED_NAME}" for above in ("", "/lib", "/local/lib"))
    if any(is_public(InstalledPath(path + library)) for library in below):
        return f"{quoted(text)} holds the libraries of interpreters; name a directory of the package's own"
    return None


def wrong_program(text: str) -> str | None:
    """Check the path of an interpreter that isn't the distribution's."""
    if bad := _control_character(text):
        return f"{quoted(text)} has the control character {bad} in it"
    if "|" in text:
        return f"{quoted(text)} has a `|` in it, which ends a path in the files that register directories"
    if not text.startswith("/") or text.startswith("//") or posixpath.normpath(text) != text:
        return f"{quoted(text)}: write an absolute path without `//`, `/./` and `/../`"
    if posixpath.dirname(text) in {BIN, "/bin", "/"}:
        return f"{quoted(text)} is the distribution's: leave the key out, and choose by `python`"
    return None


def plain_directory(text: str) -> InstalledPath:
    """Drop a slash at the end of a path."""
    return InstalledPath(text.removesuffix("/") or "/")


def wrong_plugin_directory(path: InstalledPath) -> str | None:
    """Check a directory that package managers shall watch: dpkg's triggers and rpm's prefixes are plain words."""
    if all("!" <= character <= "~" for character in path):
        return None
    return f"{quoted(path)}: with `plugins` it must be ASCII without white space, for the triggers of dpkg and rpm"


def wrong_versions(text: str) -> str | None:
    """Check a range of Python versions."""
    try:
        versions = parse_version_range(text)
    except UsageError as error:
        return str(error)
    if versions.least is not None and versions.least == versions.below:
        return f"version range {text!r} holds no version: write 3.11, 3.9-, -3.12 or 3.9-3.12"
    return None


def wrong_regex(text: str) -> str | None:
    """Check a regular expression that a line of a file or an argument of a script will hold."""
    if bad := _control_character(text):
        return f"{quoted(text)} has the control character {bad} in it; write an escape such as \\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is the packager's, and it means the same on all versions that run it
            re.compile(text)
    except BAD_EXPRESSION as error:
        return f"{quoted(text)} isn't a regular expression: {error}"
    return None


def is_about_one_directory(regex: str) -> bool:
    """Whether all that an expression matches lies in directories that it names, as `acme/tests/|acme/old/`.

    >>> is_about_one_directory("acme/.*"), is_about_one_directory("acme/a|.*")
    (True, False)
    """
    return all(_OWN_DIRECTORY.match(branch) for branch in _branches(regex))


def _branches(regex: str) -> list[str]:
    branches, depth = [""], 0
    for part in _REGEX_TOKEN.findall(regex):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if part == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += part
    return branches


def _control_character(text: str) -> str | None:
    return next((f"U+{ord(one):04X}" for one in text if unicodedata.category(one) == "Cc"), None)


FORMATS = {
    "directory": wrong_directory,
    "program": wrong_program,
    "python-versions": wrong_versions,
    "regex": wrong_regex,
}
"""The formats in the schema that are checked."""
