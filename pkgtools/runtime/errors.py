# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The one base error, with a branch for each party that can be at fault."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .facts import InstalledPath, Reason


class PkgtoolsError(Exception):
    """Base of every error that pkgtools raises on purpose; its text says what, where and what to do."""


def said(error: Exception) -> str:
    """Return what an error says, as a part of a sentence: of the system's no number, and of no text its kind."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return str(error) or type(error).__name__


def in_words(error: Exception) -> str:
    """Return what an error says as a whole message: of the system's, the file that it names comes first."""
    name = error.filename if isinstance(error, OSError) else None
    return f"{os.fsdecode(name)}: {said(error)}" if name and isinstance(name, (str, bytes)) else said(error)


def printable(text: str) -> str:
    """Escape control characters and what else can't be seen, so that no name writes to a terminal; not other bytes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else ascii(c)[1:-1] for c in text)


class UsageError(PkgtoolsError):
    """The caller asked for something that can't be: an option, a range or a name is wrong."""


class EnvironmentFault(PkgtoolsError):
    """The system lacks what the job needs: no interpreter, an unknown package, a program that is missing."""


class UnknownOwner(EnvironmentFault):
    """A package manager doesn't know what packages own: nothing may be taken for unowned."""

    def __init__(self, path: InstalledPath, detail: str) -> None:
        """Keep the package manager's records and what to do about them."""
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class WorkerFault(PkgtoolsError):
    """A worker broke off in the middle of an answer."""


class Refused(PkgtoolsError):
    """A path isn't one that root may trust.

    Raised instead of going on: other users than the trusted owners could exchange what lies behind it.
    """

    def __init__(self, path: InstalledPath, reason: Reason, detail: str) -> None:
        """Keep the path, the stable reason code and what to do about it."""
        super().__init__(f"{path}: {reason.value}: {detail}")
        self.path = path
        self.reason = reason
        self.detail = detail
