# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The nouns of the exchange with a worker: what is asked of it for one source, and what it answers."""

from __future__ import annotations

from pkgtools.runtime.lean import NamedTuple


class LevelTask(NamedTuple):
    """What is wanted of one level."""

    level: int
    """Optimization level: 0, 1 or 2."""
    action: str
    """compile, check, compare or equal, as the worker knows them."""
    body: bytes
    """The pyc body that there is now, without its header."""


class CompileRequest(NamedTuple):
    """One source for one interpreter."""

    path: str
    """The source's path as the installed system sees it: the file name in the code objects."""
    source: bytes
    """The source's content, undecoded."""
    want_hash: bool
    """Whether the answer shall hold the source's hash, as pycs with a hash need it."""
    tasks: tuple[LevelTask, ...]
    """One for each wanted level, at least one."""


class Answer(NamedTuple):
    """What a worker made of a request."""

    source_hash: bytes
    """8 bytes (PEP 552), or nothing if it wasn't asked for."""
    results: tuple[LevelResult, ...]
    """One for each task."""


class LevelResult(NamedTuple):
    """What became of one task."""

    status: str
    """compiled, whole or same, or a Reason's code."""
    body: bytes
    """The pyc's body, or the text of what went wrong."""
