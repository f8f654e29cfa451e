# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Byte-compile what a package ships, in rpmbuild's build root and reproducibly.

    pkgtools-rpmbuild bytecompile --root BUILDROOT [--interpreter PYTHON PATH... | PATH...]

This runs under the build host's Python 3.9 and later (the macros, too, are for older distributions than the commands).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.build.build_root import ERRORS, BuildVerdict, Order, SourceRule, byte_compile, read_epoch, read_exclude
from pkgtools.runtime.errors import PkgtoolsError, UsageError, in_words
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.interrupts import exit_with
from pkgtools.runtime.policy.sources import absolute, is_below
from pkgtools.runtime.pythons import SHARED_NAME
from pkgtools.runtime.system.interpreters import BIN

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM = "pkgtools-bytecompile"


def read_rules(words: Iterable[str]) -> tuple[SourceRule, ...]:
    """Read `ACTION:PATTERN`s. Raises UsageError."""
    rules = []
    for word in words:
        action, colon, pattern = word.partition(":")
        if action not in ERRORS or not colon or not pattern:
            raise UsageError(
                f"policy {word!r}: write error:GLOB, warn:GLOB or skip:GLOB with an installed path as GLOB"
            )
        rules.append(SourceRule(action, pattern))
    return tuple(rules)


def read_levels(text: str) -> tuple[int, ...]:
    """Read `0,1` or `0 1`. Raises UsageError."""
    words = text.replace(",", " ").split()
    if not words or not set(words) <= {"0", "1", "2"}:
        raise UsageError(f"levels {text!r}: write some of 0, 1 and 2, as 0,1")
    return tuple(sorted({int(word) for word in words}))


def installed_path(root: str, path: str) -> InstalledPath:
    """Take the build root from the front of a path, if it's there. Raises UsageError for a relative one."""
    if not path.startswith("/"):
        raise UsageError(f"path {path!r}: it must be absolute, with the build root in front or without")
    whole, base = absolute(path), absolute(root)
    if whole == base:
        return InstalledPath("/")
    return InstalledPath(whole[len(base) :]) if is_below(whole, base) else whole


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", required=True, metavar="BUILDROOT", help="rpmbuild's build root")
    parser.add_argument("--interpreter", metavar="PYTHON", help="compile for this one (default: as the library says)")
    parser.add_argument(
        "--default-interpreter",
        default=f"{BIN}/{SHARED_NAME}",
        metavar="PYTHON",
        help="for libraries of no certain version (default: %(default)s)",
    )
    parser.add_argument("--levels", default="0,1", help="optimization levels (default: %(default)s)")
    parser.add_argument(
        "--errors", choices=ERRORS, default="error", help="what sources that don't compile are (default: %(default)s)"
    )
    parser.add_argument("--policy", default="", metavar="RULES", help="words ACTION:GLOB; the first match decides")
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="REGEX", help="skip what it matches from the path's start"
    )
    parser.add_argument(
        "--invalidation-mode", choices=[mode.value for mode in InvalidationMode], default="timestamp", help="PEP 552"
    )
    parser.add_argument(
        "--not-after", type=int, metavar="SECONDS", help="no source is younger, nor than SOURCE_DATE_EPOCH says"
    )
    parser.add_argument("--no-hardlinks", action="store_true", help="equal levels are files of their own")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes at once (default: one a core)")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and directories (default: all libraries)")
    return parser


def _order(given: argparse.Namespace, epoch: str | None) -> Order:
    root = absolute(given.root)
    if root == "/" or not Path(root).is_dir():
        raise UsageError(f"build root {given.root!r}: it must be a directory other than /")
    limits = [limit for limit in (read_epoch(epoch), given.not_after) if limit is not None]
    return Order(
        root=root,
        paths=tuple(installed_path(root, path) for path in given.paths),
        interpreter=InstalledPath(given.interpreter) if given.interpreter else None,
        default_interpreter=InstalledPath(given.default_interpreter),
        levels=read_levels(given.levels),
        rules=read_rules(given.policy.split()),
        exclude=tuple(map(read_exclude, given.exclude)),
        errors=given.errors,
        mode=InvalidationMode(given.invalidation_mode),
        hardlinks=not given.no_hardlinks,
        not_after=min(limits, default=None),
        workers=given.jobs if given.jobs > 0 else len(os.sched_getaffinity(0)),
    )


def main() -> None:
    """Compile what the arguments say, and exit."""
    os.umask(0o022)
    exit_with(_run)


def _run() -> int:
    try:
        verdict = byte_compile(_order(_parser().parse_args(), os.environ.get("SOURCE_DATE_EPOCH")))
    except (PkgtoolsError, OSError) as error:
        verdict = BuildVerdict(2, (in_words(error),))
    for message in verdict.messages:
        print(f"{PROGRAM}: {message.encode('utf-8', 'backslashreplace').decode()}", file=sys.stderr)
    return verdict.exit


if __name__ == "__main__":
    main()
