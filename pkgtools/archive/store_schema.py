# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a store consists of, how one is made, and how it is written to: all or nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 2
_SCHEMA = """
CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    mirror TEXT NOT NULL, suite TEXT NOT NULL, components TEXT NOT NULL, architectures TEXT NOT NULL,
    job TEXT NOT NULL, judge TEXT NOT NULL, indexed TEXT NOT NULL, date TEXT NOT NULL, signed_by TEXT NOT NULL,
    notes TEXT NOT NULL, listed INTEGER NOT NULL DEFAULT 0, passed_over INTEGER NOT NULL DEFAULT 0,
    is_planned INTEGER NOT NULL DEFAULT 0, is_ended INTEGER NOT NULL DEFAULT 0,
    UNIQUE (mirror, suite, components, architectures, job, judge, indexed)
) STRICT;
CREATE TABLE packages (
    package INTEGER PRIMARY KEY,
    digest TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, architecture TEXT NOT NULL,
    kind TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL,
    UNIQUE (digest, name, version, architecture, kind, path, size)
) STRICT;
CREATE TABLE members (
    run INTEGER NOT NULL REFERENCES runs, package INTEGER NOT NULL REFERENCES packages, PRIMARY KEY (run, package)
) STRICT, WITHOUT ROWID;
CREATE TABLE results (
    package INTEGER NOT NULL REFERENCES packages, judge TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
    pycs INTEGER NOT NULL, compared INTEGER NOT NULL, sources INTEGER NOT NULL, compiled INTEGER NOT NULL,
    notes TEXT NOT NULL, PRIMARY KEY (package, judge)
) STRICT, WITHOUT ROWID;
CREATE TABLE findings (
    package INTEGER NOT NULL REFERENCES packages, judge TEXT NOT NULL, number INTEGER NOT NULL,
    rule TEXT NOT NULL, severity TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (package, judge, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_by_rule ON findings (judge, rule);
"""
"""Texts of findings are JSON in ASCII: names that are not UTF-8 keep their bytes (PEP 383).

A package is all that an index says of it: what another mirror says of the same bytes changes nothing of it.
"""
LISTED = """
CREATE TEMP TABLE IF NOT EXISTS listed (
    digest TEXT, name TEXT, version TEXT, architecture TEXT, kind TEXT, path TEXT, size INTEGER, matters INTEGER,
    UNIQUE (digest, name, version, architecture, kind, path, size)
) STRICT
"""
"""What an index lists, until all of it was read."""
_PRAGMAS = ("PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON")
_TRIES, _PAUSE = 100, 0.1
"""How often a log is asked for while other programs have the store, and the seconds between."""
_LONGEST = 64 << 20
"""Bytes of a value in a store."""


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make a store of an empty file, and set up a connection. Raises UsageError for another program's file."""
    db.execute("PRAGMA trusted_schema = OFF")
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    if _schema(db) == [0]:
        with Transaction(db):  # two programs may begin one store
            for statement in _SCHEMA.split(";") if _schema(db) == [0] else ():
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
    if _schema(db) != _own_schema():  # triggers and views would act for who made the file
        raise UsageError(f"{path} isn't a store of this version of pkgtools: name another file")
    _write_ahead(db)
    for pragma in _PRAGMAS:
        db.execute(pragma)


def _write_ahead(db: sqlite3.Connection) -> None:
    """Have a log of what is written, so that reading goes on meanwhile; SQLite doesn't wait for others with this."""
    for number in range(_TRIES):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or number == _TRIES - 1:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _schema(db: sqlite3.Connection) -> list[object]:
    """Return the version of a file, and what it consists of."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return [version, *db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")]


@cache
def _own_schema() -> list[object]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(f"{_SCHEMA} PRAGMA user_version = {VERSION};")
        return _schema(db)


class Transaction:
    """All that is written within is there afterwards, or nothing."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise EnvironmentFault(f"the store can't be written: {error}") from error

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:  # SQLite itself takes it back where the disk is full
            self._db.execute("ROLLBACK")
