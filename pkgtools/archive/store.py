# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What was found in an archive, in one file of SQLite: runs, packages by their digests, results and findings.

A run that is killed has lost the package that it was at. A result holds for as long as the package's bytes and what
judges them are the same.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault, UsageError

from .listed import ListedPackage, MirrorFile
from .package_done import Done, PackageOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

from pkgtools.model.package import Kind

VERSION = 1
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
    digest TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT NOT NULL, architecture TEXT NOT NULL,
    kind TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL
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
"""Texts of findings are JSON in ASCII: names that are not UTF-8 keep their bytes (PEP 383)."""
_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON")
_BUSY = 10.0
"""Seconds to wait for another program that writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """What makes two runs the same, so that the second goes on with the first."""

    mirror: str
    """A directory or an address."""
    suite: str
    """Empty for a repository of RPM packages."""
    components: str
    """With spaces between."""
    architectures: str
    """With spaces between."""
    job: str
    """`check`, `verify` or `try`."""
    judge: str
    """Digest of all that a result depends on beside the package."""
    indexed: str
    """Digest of the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it stands in the store."""

    number: int
    """Counted from 1 in a store."""
    key: RunKey
    """What it is about."""
    date: str
    """Of the index, ISO 8601."""
    signed_by: str
    """Empty where nothing vouches for the index."""
    notes: tuple[str, ...]
    """What has to be known of the index."""
    listed: int
    """Packages in the index, each counted once."""
    passed_over: int
    """Those of them that have nothing to do with Python, as the index says."""
    is_planned: bool
    """All that the index lists is known."""
    is_ended: bool
    """All of it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one package of a run."""

    package: ListedPackage
    """The package itself."""
    done: Done | None
    """None where it wasn't done yet."""


class Store:
    """The file, opened."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises UsageError for a file that isn't a store of this version, EnvironmentFault."""
        try:
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            raise UsageError(f"{path} can't be opened as a store: {error}") from error

    def _prepare(self, path: Path) -> None:
        self._db.execute("PRAGMA trusted_schema = OFF")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if version not in {0, VERSION} or (tables and not version):
            raise UsageError(f"{path} isn't a store of this version of pkgtools: name another file")
        for pragma in _PRAGMAS:
            self._db.execute(pragma)
        if not version:
            self._db.executescript(f"BEGIN; {_SCHEMA}; PRAGMA user_version = {VERSION}; COMMIT;")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self, key: RunKey, *, date: str, signed_by: str, notes: tuple[str, ...]) -> Run:
        """Return the run of a key; a new one if there is none."""
        values = (*_texts(key), date, signed_by, json.dumps(notes))
        self._db.execute(
            "INSERT INTO runs (mirror, suite, components, architectures, job, judge, indexed, date, signed_by, notes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET signed_by = excluded.signed_by,"
            " notes = excluded.notes",
            values,
        )
        where = "mirror = ? AND suite = ? AND components = ? AND architectures = ? AND job = ? AND judge = ?"
        return next(self._runs(f"WHERE {where} AND indexed = ?", _texts(key)))

    def run(self, number: int) -> Run:
        """Return a run by its number."""
        return next(self._runs("WHERE run = ?", (number,)))

    def runs(self) -> list[Run]:
        """Return all runs in the order in which they were begun."""
        return list(self._runs("", ()))

    def _runs(self, where: str, values: tuple[object, ...]) -> Iterator[Run]:
        columns = (
            "run, mirror, suite, components, architectures, job, judge, indexed, date, signed_by, notes, listed,"
            " passed_over, is_planned, is_ended"
        )
        for row in self._db.execute(f"SELECT {columns} FROM runs {where} ORDER BY run", values):  # noqa: S608 - ours
            number, mirror, suite, components, architectures, job, judge, indexed, date, signed_by, notes, *rest = row
            yield Run(
                number=number,
                key=RunKey(
                    mirror=mirror,
                    suite=suite,
                    components=components,
                    architectures=architectures,
                    job=job,
                    judge=judge,
                    indexed=indexed,
                ),
                date=date,
                signed_by=signed_by,
                notes=tuple(json.loads(notes)),
                listed=rest[0],
                passed_over=rest[1],
                is_planned=bool(rest[2]),
                is_ended=bool(rest[3]),
            )

    def plan(self, run: Run, packages: Iterable[ListedPackage]) -> None:
        """Write down what an index lists, all or nothing; few of the packages are held at once."""
        with self._transaction():
            self._db.execute("DELETE FROM members WHERE run = ?", (run.number,))
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS others (digest TEXT PRIMARY KEY) WITHOUT ROWID")
            self._db.execute("DELETE FROM others")
            for one in packages:
                if one.matters:
                    self._add_member(run, one)
                else:
                    self._db.execute("INSERT OR IGNORE INTO others VALUES (?)", (one.file.digest,))
            (members,) = self._db.execute("SELECT count(*) FROM members WHERE run = ?", (run.number,)).fetchone()
            (others,) = self._db.execute("SELECT count(*) FROM others").fetchone()
            self._db.execute(
                "UPDATE runs SET is_planned = 1, listed = ?, passed_over = ? WHERE run = ?",
                (members + others, others, run.number),
            )

    def _add_member(self, run: Run, one: ListedPackage) -> None:
        values = (one.file.digest, one.name, one.version, one.architecture, one.kind.value, one.file.name)
        (package,) = self._db.execute(
            "INSERT INTO packages (digest, name, version, architecture, kind, path, size) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (digest) DO UPDATE SET path = excluded.path RETURNING package",
            (*values, one.file.size),
        ).fetchone()
        self._db.execute("INSERT OR IGNORE INTO members VALUES (?, ?)", (run.number, package))

    def left(self, run: Run) -> list[int]:
        """Return the numbers of the packages of a run that are to be done, by name, version and architecture.

        What could not be read is tried again: the machine or the mirror may have been at fault.
        """
        rows = self._db.execute(
            "SELECT package FROM members JOIN packages USING (package) WHERE run = ? AND NOT EXISTS ("
            " SELECT 1 FROM results WHERE package = members.package AND judge = ? AND outcome = 'checked'"
            ") ORDER BY name, version, architecture, digest",
            (run.number, run.key.judge),
        )
        return [package for (package,) in rows]

    def package(self, number: int) -> ListedPackage:
        """Return a package by its number."""
        row = self._db.execute(
            "SELECT name, version, architecture, kind, path, size, digest FROM packages WHERE package = ?", (number,)
        ).fetchone()
        return _package(row)

    def keep(self, run: Run, number: int, done: Done) -> None:
        """Write down what came of a package, in the place of what came of it before."""
        judge = run.key.judge
        with self._transaction():
            self._db.execute("DELETE FROM findings WHERE package = ? AND judge = ?", (number, judge))
            self._db.execute(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, judge, done.outcome.value, json.dumps(done.reason), *done.counts, json.dumps(done.notes)),
            )
            self._db.executemany(
                "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (number, judge, at, one["rule"], one["severity"], json.dumps(one))
                    for at, one in enumerate(done.findings)
                ),
            )

    def severities(self, run: Run) -> dict[str, int]:
        """Return how many findings of each severity the packages of a run have."""
        rows = self._db.execute(
            "SELECT severity, count(*) FROM members JOIN findings ON findings.package = members.package"
            " AND findings.judge = ? WHERE run = ? GROUP BY severity",
            (run.key.judge, run.number),
        )
        return {str(severity): int(number) for severity, number in rows}

    def end(self, run: Run) -> None:
        """Write down that all of a run is done."""
        self._db.execute("UPDATE runs SET is_ended = 1 WHERE run = ?", (run.number,))

    def kept(self, run: Run) -> Iterator[Kept]:
        """Yield the packages of a run with what came of them, by name, version, architecture and digest."""
        rows = self._db.execute(
            "SELECT name, version, architecture, kind, path, size, digest, members.package, outcome, reason, pycs,"
            " compared, sources, compiled, results.notes FROM members JOIN packages USING (package)"
            " LEFT JOIN results ON results.package = members.package AND results.judge = ?"
            " WHERE run = ? ORDER BY name, version, architecture, digest",
            (run.key.judge, run.number),
        )
        with closing(rows):
            for row in rows:
                yield Kept(package=_package(row[:7]), done=self._done(run, *row[7:]))

    def _done(self, run: Run, number: int, outcome: str | None, reason: str, *rest: object) -> Done | None:
        if outcome is None:
            return None
        pycs, compared, sources, compiled, notes = rest
        found = self._db.execute(
            "SELECT document FROM findings WHERE package = ? AND judge = ? ORDER BY number", (number, run.key.judge)
        )
        return Done(
            outcome=PackageOutcome(outcome),
            reason=json.loads(reason),
            findings=tuple(json.loads(document) for (document,) in found),
            counts=(int(str(pycs)), int(str(compared)), int(str(sources)), int(str(compiled))),
            notes=tuple(json.loads(str(notes))),
        )

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    """All that is written within is there afterwards, or nothing."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise EnvironmentFault(f"the store can't be written: {error}") from error

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def _texts(key: RunKey) -> tuple[str, ...]:
    return (key.mirror, key.suite, key.components, key.architectures, key.job, key.judge, key.indexed)


def _package(row: tuple[object, ...]) -> ListedPackage:
    name, version, architecture, kind, path, size, digest = row
    return ListedPackage(
        name=str(name),
        version=str(version),
        architecture=str(architecture),
        kind=Kind(kind),
        file=MirrorFile(name=str(path), size=int(str(size)), digest=str(digest)),
        matters=True,
    )
