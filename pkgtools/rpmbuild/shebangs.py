# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Make scripts start the one interpreter that their package depends on.

    python3 -m pkgtools.rpmbuild.shebangs --interpreter PYTHON [--flags LETTERS] PATH...

Files are taken as named; in directories, all the way down, those whose names are module names. A file whose first line
names no Python is left alone, as are links. Options that a shebang has are kept: the kernel gives all that follows the
interpreter as one argument (execve(2)), so the flags to be added go in front of them, behind the same hyphen. Variables
that env(1) sets are kept, too, and so is env(1) itself where it splits several options.
"""

from __future__ import annotations

import argparse
import os
import re
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError, UsageError, in_words
from pkgtools.runtime.interrupts import exit_with
from pkgtools.runtime.pythons import CPYTHON_STEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROGRAM = "pkgtools-shebang-fix"
_SHEBANG = re.compile(
    rb"#!\s*(\S*/env\s+(?:-S\s*)?((?:[A-Za-z_]\w*=[^\s\"'$\\]*[ \t]+)*))?(?:\S*/)?"
    + rf"{CPYTHON_STEM}[0-9.]*t?(?=\s|$)[ \t]*([^\r\n]*)".encode()
)
"""env(1), the variables that it sets, then Python, then what it is given."""
_LETTERS = re.compile(rb"[^\sWXcm]*")
"""Options of one letter, up to one that takes the rest as its value (python(1))."""
_MODULE = re.compile(r"[A-Za-z0-9_]+\.py")


def fix(paths: Iterable[str], interpreter: str, flags: str) -> list[str]:
    """Put the interpreter into the shebangs of files; return those that changed. Raises UsageError, OSError."""
    return [str(path) for path in _files(paths) if _fix_file(path, interpreter, flags)]


def new_shebang(first: bytes, interpreter: str, flags: str) -> bytes | None:
    r"""Return what the first line of a script should be; None if it's no Python script.

    >>> new_shebang(b"#! /usr/bin/env python -E\n", "/usr/bin/python3", "s")
    b'#!/usr/bin/python3 -sE\n'
    """
    found = _SHEBANG.match(first)
    if found is None:
        return None
    env, variables, kept = found[1], found[2] or b"", found[3].strip()
    if kept and not kept.startswith(b"-"):
        return None  # an argument, no option: who knows what it means
    is_long = kept.startswith(b"--")
    if is_long and not env:
        return None  # as one argument with its value, if it has one: nothing can be added
    letters = b"" if is_long else _LETTERS.match(kept, 1)[0]  # type: ignore[index] # matches everything
    added = b"".join(letter for letter in (f.encode() for f in flags) if letter not in letters)
    if env and (is_long or len(kept.split()) > 1):  # several words, which env(1) splits
        words = [os.fsencode(interpreter), *([b"-" + added] if added else []), kept]
        return b"#!/usr/bin/env -S " + variables + b" ".join(words) + b"\n"
    options = b" -" + added + kept[1:] if added or kept[1:] else b""
    setting = b"/usr/bin/env -S " + variables if variables else b""
    return b"#!" + setting + os.fsencode(interpreter) + options + b"\n"


def _files(paths: Iterable[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        mode = _mode(path)
        if stat.S_ISREG(mode):
            yield path
        elif stat.S_ISDIR(mode):
            for directory, below, names in os.walk(path, onerror=_raise):
                below.sort()
                candidates = (Path(directory, name) for name in sorted(names) if _MODULE.fullmatch(name))
                yield from (one for one in candidates if stat.S_ISREG(_mode(one)))


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or directory") from None


def _raise(error: OSError) -> None:
    raise error


def _fix_file(path: Path, interpreter: str, flags: str) -> bool:
    with path.open("rb") as stream:
        found = os.fstat(stream.fileno())
        first = stream.readline()
        wanted = new_shebang(first, interpreter, flags)
        if wanted is None or wanted == first:
            return False
        rest = stream.read()
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        temporary = Path(stream.name)
        try:
            stream.write(wanted + rest)
            stream.flush()
            os.fchmod(stream.fileno(), stat.S_IMODE(found.st_mode))
            os.utime(temporary, ns=(found.st_atime_ns, found.st_mtime_ns))
            temporary.rename(path)
        finally:  # whatever ends this leaves nothing behind
            temporary.unlink(missing_ok=True)
    return True


def main() -> None:
    """Fix what the arguments name, and exit."""
    exit_with(_run)


def _run() -> int:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--interpreter", required=True, metavar="PYTHON", help="what scripts shall start")
    parser.add_argument("--flags", default="", metavar="LETTERS", help="options that each of them shall have, as sP")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and directories")
    given = parser.parse_args()
    try:
        for path in fix(given.paths, given.interpreter, given.flags):
            print(f"{path}: {given.interpreter}")
    except BrokenPipeError:
        raise
    except (PkgtoolsError, OSError) as error:
        print(f"{PROGRAM}: {in_words(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    main()
