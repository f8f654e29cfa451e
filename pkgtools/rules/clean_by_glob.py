# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""clean-by-glob: a script deletes bytecode by its name instead of by its package."""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.pythons import CPYTHON_TAG, PACKAGES_NAME, STEMS
from pkgtools.shell.compilers import directories_above, is_of_interpreter, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.commands import Command

_SHARED = re.compile(
    rf"/(?:usr|opt|var|usr/(?:local/)?(?:lib|lib64|share)|usr/(?:local/)?lib(?:64)?/(?:{STEMS})[\d.*]+t?"
    rf"(?:/(?:{PACKAGES_NAME}|\*-packages))?)?(?:/\*+)?"
)
"""Directories that packages have in common, and everything in them."""
_NAME = re.compile(rf"\*?\.py(?:\[?c\S*|\*|\?)|\*\.{CPYTHON_TAG}\S*|\*pyc|.*__pycache__/?\*?")
_REMOVERS = frozenset({"rm", "unlink"})
_WHERE = frozenset({"-path", "-wholename", "-name", "-iname", "-regex", "-ipath"})
_PAGE = Page(
    what="A maintainer script or scriptlet deletes every file that is called like bytecode.",
    why=(
        "Not every pyc is a cache. A package that ships no sources consists of pycs: deleting them deletes the "
        "program. And in a directory that packages share, the caches of all the others go too, and no tool makes "
        "them again."
    ),
    example="find /usr/lib/python3/dist-packages -name '*.pyc' -delete",
    fix=(
        "Name the package: `pkgtools-clean -p PACKAGE`, or `py3clean -p PACKAGE`, removes what was made for its "
        "sources."
    ),
    references=("PEP 3147, 'Case 4: legacy pyc files and source-less imports'", "pkgtools-clean(1)", "py3clean(1)"),
)


@rule(title="deletes bytecode by its name", severity=Severity.ERROR, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each command that deletes by name."""
    if is_of_interpreter(subject.package):
        return
    own = directories_above(one.path for one in subject.sources)
    own -= directories_above(one.file.path for one in subject.loose)  # programs, perhaps
    for command, following in zip_longest(subject.commands, subject.commands[1:]):
        place = _searched(command, following) or _globbed(unwrapped(command.words))
        if place is not None:
            yield Hit(
                text=f"deletes bytecode by its name: {command.text}",
                script=command.script,
                line=command.line,
                severity=Severity.INFO if place in own and not _SHARED.fullmatch(place) else None,
            )


def _searched(command: Command, following: Command | None) -> str | None:
    """Return where a find deletes what is called like bytecode; empty directories belong to no package."""
    words = unwrapped(command.words)
    if basename(words[0]) != "find" or "-empty" in words or len(words) < 2:
        return None
    is_piped = following is not None and following.reads_pipe and following.program == "xargs"
    actions = (*words, *following.words) if following is not None and is_piped else words
    removes = "-delete" in words or any(basename(word) in _REMOVERS for word in actions)
    named = any(before in _WHERE and _NAME.fullmatch(word) for before, word in pairwise(words))
    place = words[1].rstrip("/") or "/"
    return place if removes and named and basename(place) != "__pycache__" else None


def _globbed(words: tuple[str, ...]) -> str | None:
    """Return where an rm deletes whatever matches, or the cache directory of a directory that packages share."""
    if basename(words[0]) != "rm":
        return None
    for word in words[1:]:
        directory, _, name = word.rstrip("/").rpartition("/")
        if not word.startswith("/") or name == "*" or _NAME.fullmatch(name) is None:
            continue
        if basename(directory) == "__pycache__":
            directory = dirname(directory)
        if "*" in directory or _SHARED.fullmatch(directory) or (name != "__pycache__" and "__pycache__" not in word):
            return directory or "/"
    return None
