# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What packages of the archive leave on a system: their bytecode, what dpkg said, and in which state they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.lab.system import Result, System
from tests.lab.tree import Tree

PLACES = ("/usr", "/opt", "/etc", "/var/lib", "/srv")
"""Where packages keep Python modules."""
APT = ("apt-get", "-qy", "-o", "APT::Install-Recommends=false", "-o", "Dpkg::Use-Pty=false")
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "PYTHONHASHSEED": "0"}
_COMPLAINT = re.compile(r"(?i)not empty|traceback|error|warning|cannot|can't|pkgtools.*:|py3(?:compile|clean):")
_ORDINARY = re.compile(
    r"^(?:Selecting|Preparing|Unpacking|Setting up|Processing|Removing|Purging|\(Reading|Get:|Fetched)"
)
_READ = """
import hashlib, json, marshal, os, sys
found = {}
tag = "." + sys.implementation.cache_tag + "."
parts = ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags", "co_stacksize", "co_code", "co_names")
parts += ("co_varnames", "co_freevars", "co_cellvars", "co_filename", "co_name", "co_qualname", "co_firstlineno")
parts += ("co_linetable", "co_exceptiontable")
def plain(value):
    if hasattr(value, "co_code"):
        return [*(repr(getattr(value, part, None)) for part in parts), [plain(one) for one in value.co_consts]]
    if isinstance(value, frozenset):
        return sorted(repr(plain(one)) for one in value)
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return type(value).__name__ + repr(value)
for place in sys.argv[1:]:
    for top, directories, names in os.walk(place):
        if os.path.basename(top) != "__pycache__":
            continue
        for name in names:
            if tag not in name or not name.endswith(".pyc"):
                continue
            with open(os.path.join(top, name), "rb") as stream:
                data = stream.read()
            text = json.dumps(plain(marshal.loads(data[16:])))
            found[os.path.join(top, name)] = [data[:16].hex(), hashlib.sha256(text.encode()).hexdigest()]
json.dump(found, sys.stdout)
"""
"""Prints path -> header and digest of the code: of its parts, for how marshal refers to them depends on the process."""


@dataclass(frozen=True)
class Look:
    """What a system is like at one moment."""

    tree: Tree
    """All below PLACES."""
    code: Mapping[str, tuple[str, str]]
    """Path of each pyc of an interpreter that is there -> its header and a digest of its code."""
    unfinished: tuple[str, ...]
    """Packages that are neither installed nor gone, with their state."""
    besides: frozenset[str]
    """What certain packages have, with the bytecode of their modules: it isn't compared."""


def look(system: System, versions: Iterable[str], besides: Iterable[str] = ()) -> Look:
    """Look at a system, whose interpreters have these versions ("3.11").

    `besides` are packages of which nothing is compared.
    """
    code: dict[str, tuple[str, str]] = {}
    for version in versions:
        if not system.exists(f"/usr/bin/python{version}"):
            continue
        argv = (f"python{version}", "-sSB", "-c", _READ, *PLACES)
        said = system.run(*argv, env=_QUIET).stdout
        code |= {path: (header, digest) for path, (header, digest) in json.loads(said).items()}
    states = system.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Package}\\n").stdout.splitlines()
    settled = ("ii ", "rc ", "un ", "pn ", "hi ")
    unfinished = tuple(state for state in states if not state.startswith(settled))
    return Look(system.tree(*PLACES), code, unfinished, frozenset(_theirs(system, besides)))


def _theirs(system: System, packages: Iterable[str]) -> set[str]:
    """Return what packages have, with the caches of their modules, and what they diverted, by both names."""
    found: set[str] = set()
    for package in packages:
        result = system.run("dpkg-query", "-L", package, check=False)
        for line in result.stdout.splitlines() if not result.exit else ():
            path = line.rpartition(" to: ")[2]
            found |= {path, f"{path}.distrib"}
    if not found:
        return found
    caches = {f"{path.rpartition('/')[0]}/__pycache__" for path in found if path.endswith(".py")}
    made = {path for path in system.tree("/usr/share/pkgtools") if path.rpartition("/")[0] in caches}
    return found | caches | made | set(system.tree("/var/lib/pkgtools"))


def apt(system: System, *arguments: str) -> Result:
    """Run apt-get, which has to succeed."""
    return system.run(*APT, *arguments, env=_QUIET, timeout=3_000)


def complaints(result: Result) -> Iterator[str]:
    """Give the lines in which a run of apt complains, without what differs from run to run."""
    for line in result.output.splitlines():
        if _COMPLAINT.search(line) and not _ORDINARY.match(line):
            yield line.strip()
