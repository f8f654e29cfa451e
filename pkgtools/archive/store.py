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

from pkgtools.runtime.errors import UsageError

from .listed import ListedPackage, MirrorFault, MirrorFile
from .package_done import Done, PackageOutcome, checked_finding
from .store_schema import LISTED, Transaction, prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

from pkgtools.model.package import Kind

_PACKAGE = "digest, name, version, architecture, kind, path, size"
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
        above = path.absolute().parent
        if not above.is_dir():
            raise UsageError(f"{path}: there is no directory {above} for the store: make it first")
        try:
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
            prepare(self._db, path)
        except sqlite3.DatabaseError as error:
            raise UsageError(f"{path} can't be opened as a store: {error}") from error

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
        """Write down what an index lists, all or nothing; few of the packages are held at once.

        Reading an index takes its time, so others may write to the store until all of it was read.
        """
        self._db.execute("DROP TABLE IF EXISTS temp.listed")
        self._db.execute(LISTED)
        self._db.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, packages))
        with Transaction(self._db):
            self._db.execute("DELETE FROM members WHERE run = ?", (run.number,))
            self._db.execute(
                f"INSERT OR IGNORE INTO packages ({_PACKAGE}) SELECT {_PACKAGE} FROM listed WHERE matters"  # noqa: S608 - ours
            )
            self._db.execute(
                f"INSERT INTO members SELECT ?, package FROM listed JOIN packages USING ({_PACKAGE})"  # noqa: S608 - ours
                " WHERE matters",
                (run.number,),
            )
            self._db.execute(
                "UPDATE runs SET is_planned = 1, listed = (SELECT count(*) FROM listed),"
                " passed_over = (SELECT count(*) FROM listed WHERE NOT matters) WHERE run = ?",
                (run.number,),
            )
        self._db.execute("DROP TABLE temp.listed")

    def left(self, run: Run) -> list[int]:
        """Return the numbers of the packages of a run that are to be done, by name, version and architecture.

        What could not be read is tried again: the machine or the mirror may have been at fault.
        """
        rows = self._db.execute(
            "SELECT package FROM members JOIN packages USING (package) WHERE run = ? AND NOT EXISTS ("
            " SELECT 1 FROM results WHERE package = members.package AND judge = ? AND outcome = 'checked'"
            ") ORDER BY name, version, architecture, digest, path, size",
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
        with Transaction(self._db):
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
            " WHERE run = ? ORDER BY name, version, architecture, digest, path, size",
            (run.key.judge, run.number),
        )
        with closing(rows):
            for row in rows:
                try:
                    yield Kept(package=_package(row[:7]), done=self._done(run, *row[7:]))
                except (AttributeError, LookupError, RecursionError, TypeError, ValueError, MirrorFault) as error:
                    raise UsageError(f"the store was damaged: its row of {row[0]!a} is not as we write it") from error

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
            findings=tuple(checked_finding(json.loads(document)) for (document,) in found),
            counts=(int(str(pycs)), int(str(compared)), int(str(sources)), int(str(compiled))),
            notes=tuple(json.loads(str(notes))),
        )


def _texts(key: RunKey) -> tuple[str, ...]:
    return (key.mirror, key.suite, key.components, key.architectures, key.job, key.judge, key.indexed)


def _row(one: ListedPackage) -> tuple[object, ...]:
    file = one.file
    return file.digest, one.name, one.version, one.architecture, one.kind.value, file.name, file.size, one.matters


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
