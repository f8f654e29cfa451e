# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The command line of dh_pkgtools: dh_python3's options, debhelper's, and ours."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from pkgtools import __version__
from pkgtools.model.manifest import Strategy
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.filelist import absolute

from .pythons import Range, parse_range

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPILOG = """examples:
  dh_pkgtools                                   as dh calls it: all packages, strategy trigger
  dh_pkgtools --strategy=direct -p foo          compile foo's modules in its postinst
  dh_pkgtools --compat=dh_python3               what dh_python3 would do: py3compile and py3clean
  dh_pkgtools -p foo -V 3.11- /opt/foo          a private directory of foo, with options of its own

exit status: 0 done, 2 it could not be done, or something was lost and --strict was given
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for, checked."""

    packages: tuple[str, ...]
    """Only these; empty: all."""
    excluded_packages: tuple[str, ...]
    architecture: bool | None
    """True: architecture-dependent packages only; False: the others only; None: all."""
    remaining: bool
    """Leave out packages that this helper has done already."""
    verbose: bool
    no_act: bool
    write_log: bool
    """dh calls from an override target: what was done has to be remembered."""
    compat: bool
    """Be dh_python3: its substvars, its maintainer scripts."""
    strategy: Strategy | None
    """None: as the manifest says."""
    strict: bool
    versions: Range | None
    """-V; None: as X-Python3-Version says."""
    exclude: tuple[str, ...]
    private: tuple[InstalledPath, ...]
    """The only directories to be looked at; empty: the public ones, and private ones as usual."""
    skip_private: bool
    compile_all: bool
    guess: bool
    accept_upstream_versions: bool
    demands: Mapping[str, tuple[str, ...]]
    """`depends`, `recommends`, `suggests` -> further requirements."""
    sections: Mapping[str, tuple[str, ...]]
    """The same -> extras whose requirements go there."""
    requires: tuple[str, ...]
    """Files with further requirements."""
    shebang: str
    ignore_shebangs: bool
    rewrite_shebangs: bool
    rename_extensions: bool
    clean_dbg: bool


def parse(arguments: list[str], environment: Mapping[str, str]) -> Options:
    """Read DH_OPTIONS and the arguments. Raises UsageError; --help and --version end the process, as argparse does."""
    parser = make_parser()
    # options that dh and DH_OPTIONS give to every helper: those of others, and their values, are none of our business
    shared = [*_split(environment.get("DH_OPTIONS", "")), *parser.parse_args(arguments).common]
    known = parser.parse_known_args(shared)[0]
    known.directories = []
    given = parser.parse_args(arguments, namespace=known)
    if given.compat and given.strategy:
        raise UsageError("--strategy has no meaning with --compat=dh_python3, where py3compile does it: leave one out")
    for pattern in given.exclude:
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"-X {pattern!r}: {error}") from error
    kinds = ("depends", "recommends", "suggests")
    return Options(
        packages=tuple(given.package),
        excluded_packages=tuple(given.no_package),
        architecture=given.architecture,
        remaining=given.remaining_packages,
        verbose=given.verbose if given.verbose is not None else environment.get("DH_VERBOSE") == "1",
        no_act=given.no_act or bool(environment.get("DH_NO_ACT")),
        write_log=bool(environment.get("DH_INTERNAL_OVERRIDE")),
        compat=given.compat == "dh_python3",
        strategy=Strategy(given.strategy) if given.strategy else None,
        strict=given.strict,
        versions=parse_range(given.versions) if given.versions is not None else None,
        exclude=tuple(given.exclude),
        private=tuple(absolute(path if path.startswith("/") else f"/{path}") for path in given.directories),
        skip_private=given.skip_private,
        compile_all=given.compile_all,
        guess=given.guess,
        accept_upstream_versions=given.accept_upstream_versions,
        demands={kind: tuple(getattr(given, kind)) for kind in kinds},
        sections={kind: tuple(getattr(given, f"{kind}_section")) for kind in kinds},
        requires=tuple(given.requires),
        shebang=given.shebang,
        ignore_shebangs=given.ignore_shebangs,
        rewrite_shebangs=not given.no_shebang_rewrite,
        rename_extensions=not given.no_ext_rename,
        clean_dbg=not given.no_dbg_cleaning,
    )


def _split(text: str) -> list[str]:
    """Split DH_OPTIONS as debhelper does: a backslash keeps the blank after it."""
    return [re.sub(r"\\(\s)", r"\1", word) for word in re.split(r"(?<!\\)\s+", text.strip()) if word]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see dh_pkgtools --help)")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of dh_pkgtools."""
    parser = _Parser(
        prog="dh_pkgtools",
        description="Put the Python modules of Debian packages in order while they are built.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dh_pkgtools {__version__}")
    _add_debhelper(parser)
    _add_bytecode(parser)
    _add_dependencies(parser)
    _add_files(parser)
    return parser


def _add_debhelper(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("packages")
    group.add_argument("-p", "--package", action="append", default=[], metavar="PACKAGE", help="only this one")
    group.add_argument("-N", "--no-package", action="append", default=[], metavar="PACKAGE", help="all but this one")
    group.add_argument(
        "-i", "--indep", action="store_false", dest="architecture", default=None, help="architecture-independent ones"
    )
    group.add_argument(
        "-a", "-s", "--arch", action="store_true", dest="architecture", help="architecture-dependent ones"
    )
    group.add_argument("--remaining-packages", action="store_true", help="those that no earlier call has done")
    group.add_argument("-v", "--verbose", action="store_true", default=None, help="tell what is done")
    group.add_argument("-q", "--quiet", action="store_false", dest="verbose", help="tell nothing but what is wrong")
    group.add_argument("--no-act", action="store_true", help="change nothing, print what would be done")
    group.add_argument("-O", action="append", default=[], dest="common", help=argparse.SUPPRESS)


def _add_bytecode(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("bytecode")
    group.add_argument(
        "--strategy", choices=[one.value for one in Strategy], help="who compiles (the manifest's, or trigger)"
    )
    group.add_argument("--compat", choices=["dh_python3"], help="be that program: its substvars and scripts")
    group.add_argument("-V", dest="versions", metavar="RANGE", help="Python versions: 3.11, 3.9-, -3.12 or 3.9-3.12")
    group.add_argument(
        "-X", "--exclude", action="append", default=[], metavar="REGEX", help="don't compile in private directories"
    )
    group.add_argument("--skip-private", action="store_true", help="look at no private directory")
    group.add_argument("--compile-all", action="store_true", help="private directories: other packages' modules, too")
    group.add_argument("directories", nargs="*", metavar="DIR", help="only these private directories")


def _add_dependencies(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("dependencies")
    group.add_argument("--no-guessing-deps", action="store_false", dest="guess", help="none from upstream's metadata")
    group.add_argument(
        "--accept-upstream-versions", action="store_true", help="keep the versions that upstream asks for"
    )
    group.add_argument(
        "--requires", action="append", default=[], metavar="FILE", help="a file with further requirements"
    )
    for kind in ("depends", "recommends", "suggests"):
        field = kind.capitalize()
        group.add_argument(f"--{kind}", action="append", default=[], metavar="REQ", help=f"a requirement for {field}")
        group.add_argument(
            f"--{kind}-section", action="append", default=[], metavar="EXTRA", help=f"an extra for {field}"
        )
    group.add_argument("--strict", action="store_true", help="fail if a requirement gets lost")


def _add_files(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument("--shebang", default="", metavar="COMMAND", help="for all scripts that name a Python")
    group.add_argument("--ignore-shebangs", action="store_true", help="make no dependencies of shebangs")
    group.add_argument("--no-shebang-rewrite", action="store_true", help="leave shebangs as they are")
    group.add_argument("--no-ext-rename", action="store_true", help="give extension modules no tags")
    group.add_argument("--no-dbg-cleaning", action="store_true", help="remove nothing from -dbg packages")
