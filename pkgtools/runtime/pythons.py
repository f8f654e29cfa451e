# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the one table of Pythons: programs, library directories, cache tags, magic numbers, what we do for each.

Everything else that knows what a Python is called asks here, is built from the names here, or is compared with them by
tests/runtime/test_pythons_elsewhere.py (shell, RPM macros, dpkg triggers, templates); `make check` finds what isn't.

CPython without the global lock is installed beside the other one: program and library have a `t` behind the version
(https://docs.python.org/3/library/site.html, "Changed in version 3.13"; Fedora's python3.13-freethreading has
/usr/bin/python3.13t and /usr/lib64/python3.13t, pylibdir_freethreading in its spec file). Only the tag of extension
modules has the `t`, too (PEP 3149, SOABI). The cache tag has none and the magic number is the same: both builds read
and write the same pycs (`TAG` in CPython's Python/sysmodule.c; measured with 3.13.15).
"""

from __future__ import annotations

from pkgtools.runtime.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PythonVersion = tuple[int, int]
"""Major and minor."""


class Implementation(NamedTuple):
    """A kind of Python."""

    title: str
    """Its name for people."""
    name: str
    """`sys.implementation.name`."""
    stem: str
    """What the names of its programs and libraries begin with; the version follows."""
    major: int
    """The major version of the language."""
    abi: str
    """What follows the version in these names, as in `sys.abiflags`: `t` without the global lock."""
    tag: str
    """What its cache tags begin with; the version follows, without a dot (PEP 3147)."""
    first: int
    """The first minor version that is compiled for."""
    newest: int
    """The last minor version in lists, which package managers and shells need; elsewhere any is served."""
    is_program: bool
    """The name without a minor version is an interpreter of its own, not a link to one (/usr/bin/pypy3)."""
    refusal: str = ""
    """Why nothing is compiled for it; empty where something is."""


CPYTHON = Implementation("CPython", "cpython", "python", 3, "", "cpython-", 6, 30, is_program=False)
FREE_THREADED = CPYTHON._replace(title="CPython without the global lock", abi="t", first=13)
PYTHON2 = CPYTHON._replace(title="Python 2", major=2, first=0, newest=7, refusal="Python 2 is not compiled for")
PYPY = Implementation("PyPy", "pypy", "pypy", 3, "", "pypy", 6, 15, is_program=True)
GRAALPY = Implementation(
    *("GraalPy", "graalpy", "graalpy", 3, "", "graalpy", 0, 0),
    is_program=True,
    # its magic number is an implementation detail, which its manual leaves open (GraalPy's "Parser Details")
    refusal="GraalPy is not compiled for: it writes its bytecode itself, where its user may write",
)
IMPLEMENTATIONS = (PYTHON2, CPYTHON, FREE_THREADED, PYPY, GRAALPY)
SERVED = tuple(one for one in IMPLEMENTATIONS if not one.refusal)

DIST, SITE = PACKAGES = ("dist-packages", "site-packages")
"""Below a library: modules that packages bring; what else is there is the interpreter's own."""
SYSTEM_PREFIXES = ("/usr", "/usr/local", "")
"""What the distribution's interpreters search below; /lib is the other name of /usr/lib on merged systems."""
SHARED = "/usr/lib/python3/dist-packages"
"""Debian's directory of modules for all versions, those of PyPy included (Debian Python Policy, "Module Path")."""

# Parts of regular expressions for those who look for names in longer texts. None has a group.
STEMS = "|".join(dict.fromkeys(one.stem for one in IMPLEMENTATIONS))
COMMAND = rf"(?:{STEMS})[\d.]*{FREE_THREADED.abi}?"
"""A command of any Python: python, python3, python3.13t, pypy3."""
CPYTHON_STEM = CPYTHON.stem
SHARED_NAME = f"{CPYTHON.stem}{CPYTHON.major}"
"""`python3`."""
CPYTHON_NAME = rf"{SHARED_NAME}\.\d{{1,3}}"
"""`python3.11`."""
PYPY_NAME = rf"{PYPY.stem}{PYPY.major}(?:\.\d{{1,3}})?"
"""`pypy3`, `pypy3.10`."""
ANY_CPYTHON_NAME = f"{CPYTHON_NAME}{FREE_THREADED.abi}?"
"""`python3.11`, `python3.13t`."""
LIBRARY_NAME = rf"(?:{SHARED_NAME}(?:\.\d{{1,3}}{FREE_THREADED.abi}?)?|{PYPY_NAME})"
"""A library that modules for Python 3 lie in: `python3`, `python3.13t`, `pypy3`."""
PYTHON2_NAME = rf"{PYTHON2.stem}{PYTHON2.major}(?:\.\d{{1,2}})?"
_LIB = "/lib"
_LIB_BITS = frozenset({"", "32", "64", "x32"})
_PLATFORM = "platform-"
"""What the name of RHEL 8's own interpreter begins with; no library is called so."""
_GRAALPYTHON = "graalpython"
_BEGINNINGS = (*(one.stem for one in IMPLEMENTATIONS), _PLATFORM + CPYTHON.stem)
"""Of all names that are read; the other thousand in /usr/bin cost a tenth so."""
_KINDS = {
    (CPYTHON.stem, "2", ""): PYTHON2,
    (CPYTHON.stem, "3", ""): CPYTHON,
    (CPYTHON.stem, "3", FREE_THREADED.abi): FREE_THREADED,
    (PYPY.stem, "3", ""): PYPY,
}
"""By the parts of a name: what it begins with, the major version, what follows the minor version."""
PACKAGES_NAME = r"(?:dist|site)-packages"
CPYTHON_TAG = CPYTHON.tag
TAG = "(?:" + "|".join(dict.fromkeys(one.tag for one in SERVED)) + ")3[0-9]{1,2}"
"""A cache tag of an interpreter that we compile for (PEP 3147)."""
_TAGS = tuple(dict.fromkeys(one.tag for one in SERVED))
LEVEL_MARK = ".opt-"
"""What is between a cache tag and an optimization level above 0 (PEP 488)."""
RPM_ABI = f"{CPYTHON.stem}(abi)"
"""What interpreters in RPM packages provide, with their version."""
GRAALPY_TAG = rf"{GRAALPY.tag}[a-z]*\d*-\d+"
"""`graalpy253-313`, `graalpython-38`."""

_BEFORE_VERSION = (CPYTHON.tag, PYPY.tag, GRAALPY.tag, "jython-", "py")
"""What is before a version, without a dot, in the names of caches; numba writes `py311`."""


class PythonName(NamedTuple):
    """What the name of a program or library says."""

    implementation: Implementation
    """The kind of Python that has such names."""
    minor: int | None
    """None where the name doesn't say."""

    @property
    def version(self) -> PythonVersion | None:
        """Major and minor; None where the name has no minor version."""
        return None if self.minor is None else (self.implementation.major, self.minor)

    def __str__(self) -> str:
        kind, minor = self.implementation, "" if self.minor is None else f".{self.minor}"
        return kind.stem if kind is GRAALPY else f"{kind.stem}{kind.major}{minor}{kind.abi}"


def parse_python_name(name: str) -> PythonName | None:
    """Read the name of a program or library; None if it is of another program.

    >>> str(parse_python_name("python3.13t")), parse_python_name("python3.13-config")
    ('python3.13t', None)
    """
    if not name.startswith(_BEGINNINGS):
        return None
    if name.startswith(GRAALPY.stem):
        version = name[len(GRAALPY.stem) :]
        is_one = not version or name == _GRAALPYTHON or (_is_number(version[0]) and not version.strip("0123456789."))
        return PythonName(GRAALPY, None) if is_one else None
    plain = name[len(_PLATFORM) :] if name.startswith(_PLATFORM + CPYTHON.stem) else name
    stem = CPYTHON.stem if plain.startswith(CPYTHON.stem) else PYPY.stem
    major, dot, minor = plain[len(stem) :].partition(".") if plain.startswith(stem) else ("", "", "")
    abi = FREE_THREADED.abi if minor.endswith(FREE_THREADED.abi) and len(minor) > 1 else ""
    number = minor[: -len(abi)] if abi else minor
    kind = _KINDS.get((stem, major, abi))
    if kind is None or (dot and not (_is_number(number) and len(number) <= 3)):
        return None
    return PythonName(kind, int(number) if dot else None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def is_interpreter_name(name: str) -> bool:
    """Whether a program of this name is an interpreter by itself: python3.11 and pypy3 are, the link python3 isn't."""
    found = parse_python_name(name)
    if found is None or found.implementation is PYTHON2:
        return False
    return found.minor is not None or found.implementation.is_program


class PythonLibrary(NamedTuple):
    """The library directory that a path is or lies in."""

    prefix: str
    """What it lies below: /usr, /usr/local, /opt/acme; empty for /lib."""
    path: str
    """The directory, as /usr/lib/python3.11."""
    python: PythonName
    """What the directory's name says of the interpreter that searches it."""
    packages: str
    """The directory in it for modules of packages that the path is or lies in; empty if it lies in none."""

    @property
    def is_of_system(self) -> bool:
        """Whether the distribution's interpreters search there."""
        return self.prefix in SYSTEM_PREFIXES

    @property
    def is_versioned(self) -> bool:
        """Whether one version alone searches there."""
        return self.python.minor is not None or self.python.implementation in {GRAALPY, PYTHON2}


def library_of(path: str) -> PythonLibrary | None:
    """Return the library that a path is or lies in; None if it lies in none.

    Of several the innermost that is of one version: no other searches it, be it a virtual environment in a package's
    directory. Else the outermost: python3 can be the name of a package in another.

    >>> library_of("/opt/acme/lib/python3.12/site-packages/a.py").packages
    '/opt/acme/lib/python3.12/site-packages'
    """
    found = None
    for one in _libraries_of(path):
        if found is None or one.is_versioned:
            found = one
    return found


def outermost_library_of(path: str) -> PythonLibrary | None:
    """Return the library that a path is or lies in, the outermost one, which decides where it is installed."""
    return next(_libraries_of(path), None)


def _libraries_of(path: str) -> Iterator[PythonLibrary]:
    start = path.find(_LIB)
    while start >= 0:
        bits, _, rest = path[start + len(_LIB) :].partition("/")
        name = rest.partition("/")[0]
        python = parse_python_name(name) if bits in _LIB_BITS and not name.startswith(_PLATFORM) else None
        if python is not None and (python.minor is not None or name[-1].isdigit()):
            end = start + len(_LIB) + len(bits) + 1 + len(name)
            packages = path[end + 1 :].partition("/")[0]
            below = f"{path[:end]}/{packages}" if packages in PACKAGES else ""
            yield PythonLibrary(path[:start], path[:end], python, below)
        start = path.find(_LIB, start + 1)


def may_search(program: PythonName, library: PythonName) -> bool:
    """Whether an interpreter searches a library of one version, by their names; pypy3 doesn't say its version."""
    return program.implementation is library.implementation and program.minor in {None, library.minor}


def is_served_by(library: PythonName, implementation: str, abi: str, version: PythonVersion) -> bool:
    """Whether an interpreter, as it describes itself, searches the library of a name. All CPythons search `python3`."""
    kind = library.implementation
    if kind.refusal or implementation not in {kind.name, PYPY.name}:
        return False
    if library.minor is None:  # PyPy searches Debian's directory for all, and not the other way round
        return kind is CPYTHON or implementation == kind.name
    return (implementation, abi, version) == (kind.name, kind.abi, library.version)


def cache_tag(implementation: Implementation, version: PythonVersion) -> str:
    """Return the tag in the names of an implementation's pycs."""
    return f"{implementation.tag}{version[0]}{version[1]}"


def tags_by_name(name: str) -> tuple[str, ...]:
    """Return the tags that an interpreter of this name can have; pypy3 doesn't say its version."""
    python = parse_python_name(name)
    if python is None or python.implementation.refusal:
        return ()
    kind = python.implementation
    minors = range(kind.first, kind.newest + 1) if python.minor is None and kind.is_program else (python.minor,)
    return tuple(cache_tag(kind, (kind.major, minor)) for minor in minors if minor is not None)


def is_library_name(name: str) -> bool:
    """Whether a directory of this name is a library that modules for Python 3 lie in, see LIBRARY_NAME."""
    python = parse_python_name(name)
    return python is not None and python.implementation in SERVED and not name.startswith(_PLATFORM)


def is_cache_tag(tag: str) -> bool:
    """Whether a tag is that of an interpreter that we compile for."""
    return any(tag[: len(one)] == one and _is_minor(tag[len(one) :]) for one in _TAGS)


def _is_minor(digits: str) -> bool:
    return digits[:1] == "3" and 2 <= len(digits) <= 3 and _is_number(digits)


def tag_version(tag: str) -> PythonVersion | None:
    """Return the version that a cache tag stands for: cpython-311 is 3.11, pypy39 is 3.9."""
    digits = tag.rpartition("-")[2].removeprefix(PYPY.tag)
    return (int(digits[0]), int(digits[1:])) if digits.isdigit() and len(digits) > 1 else None


def version_in(name: str) -> PythonVersion | None:
    """Return the version that a part of the name of a cache says it is for, whichever tool made it.

    >>> version_in("m.cpython-311-pytest-7.4.0.pyc"), version_in("m.f-12.py311.1.nbc"), version_in("m.x")
    ((3, 11), (3, 11), None)
    """
    for part in reversed(name.split(".")):
        for begin in _BEFORE_VERSION:
            rest = part[len(begin) :] if part.startswith(begin) else ""
            if begin == GRAALPY.tag:
                rest = rest.rpartition("-")[2]
            digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
            if len(digits) > 1:
                return int(digits[0]), int(digits[1:])
    return None


_MAGICS = (
    (3000, 3131, (3, 0)),
    (3140, 3151, (3, 1)),
    (3160, 3189, (3, 2)),
    (3190, 3230, (3, 3)),
    (3250, 3310, (3, 4)),
    (3320, 3351, (3, 5)),
    (3360, 3379, (3, 6)),
    (3390, 3399, (3, 7)),
    (3400, 3413, (3, 8)),
    (3420, 3425, (3, 9)),
    (3430, 3439, (3, 10)),
    (50823, 62211, (2, 7)),  # and all of Python 2 before it
)
"""Of CPython, with pre-releases: the comments in Lib/importlib/_bootstrap_external.py and pycore_magic_number.h."""
_FIRST_OF_311 = 3450
"""From 3.11 on each minor version has 50."""
_LAST_OF_CPYTHON = 3999
_MAGIC_END = b"\r\n"

RELEASED_MAGICS: dict[PythonVersion, bytes] = {
    version: number.to_bytes(2, "little") + _MAGIC_END
    for version, number in {
        (3, 7): 3394,
        (3, 8): 3413,
        (3, 9): 3425,
        (3, 10): 3439,
        (3, 11): 3495,
        (3, 12): 3531,
        (3, 13): 3571,
        (3, 14): 3627,
        (3, 15): 3666,
    }.items()
}
"""The magic number that all final releases of a CPython have, since hash-based pycs exist. PyPy's differ by release."""


def version_of_magic(magic: bytes) -> PythonVersion | None:
    r"""Return the CPython whose pycs begin with 4 bytes, pre-releases included; None for PyPy's and what is none.

    >>> version_of_magic(b"\xa7\r\r\n")
    (3, 11)
    """
    if len(magic) < 4 or magic[2:4] != _MAGIC_END:
        return None
    number = int.from_bytes(magic[:2], "little")
    if _FIRST_OF_311 <= number <= _LAST_OF_CPYTHON:
        return 3, 11 + (number - _FIRST_OF_311) // 50
    return next((version for first, last, version in _MAGICS if first <= number <= last), None)
