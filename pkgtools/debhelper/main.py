# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""dh_pkgtools: its command line, and the only place that reads the environment, prints and exits."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pkgtools import __version__
from pkgtools.config.problems import nearest
from pkgtools.model.manifest import Strategy
from pkgtools.runtime.errors import PkgtoolsError, UsageError, in_words, printable
from pkgtools.runtime.full_parser import OptionsFormatter
from pkgtools.runtime.interrupts import exit_with
from pkgtools.runtime.policy.expressions import compile_expression
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.runtime.pythons import DIST

from .binary_package import process
from .records import ASKABLE
from .source_package import HelperOptions, chosen_packages, prepare, undeclared_packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .records import Note

_EPILOG = """examples:
  dh_pkgtools
      as dh calls it: all packages, strategy trigger
  dh_pkgtools --strategy=direct -p foo
      compile foo's modules in its postinst
  dh_pkgtools --compat=dh_python3
      what dh_python3 would do: py3compile and py3clean
  dh_pkgtools -p foo -V 3.11- /opt/foo
      a private directory of foo, with options of its own

exit status: 0 done, 2 it could not be done, or something was lost and --strict
was given
"""


def main() -> None:
    """Put the packages below debian/ in order, and exit."""
    os.umask(0o022)
    exit_with(_status)


def _status() -> int:
    try:
        return _run(Path(), sys.argv[1:], os.environ)
    except BrokenPipeError:
        raise
    except (PkgtoolsError, OSError) as error:
        for line in in_words(error).split("\n"):  # a manifest has a line for each of its faults
            print(f"dh_pkgtools: error: {printable(line)}", file=sys.stderr)
        return 2


def _run(top: Path, arguments: list[str], environment: Mapping[str, str]) -> int:
    options = parse(arguments, environment)
    build = prepare(top, options, environment)
    lost = _tell(undeclared_packages(build))
    for binary in chosen_packages(build):
        done = process(build, binary)
        if options.no_act or options.verbose:
            for action in done.actions:
                print(f"{binary.name}: {action}".encode("utf-8", "backslashreplace").decode())
        lost += _tell(done.notes)
    if lost and options.strict:
        raise UsageError(f"{lost} requirements got lost, see above, and --strict was given")
    return 0


def _tell(notes: Iterable[Note]) -> int:
    """Print notes and return how many of them are of losses."""
    lost = 0
    for note in notes:
        text = f"dh_pkgtools: {'lost' if note.loss else 'note'}: {note.origin}: {note.text}"
        print(text.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
        lost += note.loss
    return lost


def parse(arguments: list[str], environment: Mapping[str, str]) -> HelperOptions:
    """Read DH_OPTIONS and the arguments. Raises UsageError; --help and --version end the process, as argparse does."""
    parser = make_parser()
    # options that dh and DH_OPTIONS give to every helper: those of others, and their values, don't matter here
    known = parser.parse_known_args(_split(environment.get("DH_OPTIONS", "")))[0]
    known.directories = []
    given = parser.parse_args(arguments, namespace=known)
    directories, common = given.directories, given.common
    given = parser.parse_known_args(common, namespace=given)[0]  # as with dh_python3, they win
    given.directories = directories
    if given.compat and given.strategy:
        raise UsageError("--strategy has no meaning with --compat=dh_python3, where py3compile does it: leave one out")
    for pattern in given.exclude:
        try:
            compile_expression(pattern)
        except UsageError as error:
            raise UsageError(f"-X {error}") from error
    return HelperOptions(
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
        versions=parse_version_range(given.versions.strip()) if given.versions is not None else None,
        exclude=tuple(given.exclude),
        private=tuple(absolute(path if path.startswith("/") else f"/{path}") for path in given.directories),
        skip_private=given.skip_private,
        compile_all=given.compile_all,
        guess=given.guess,
        accept_upstream_versions=given.accept_upstream_versions,
        demands={field: tuple(getattr(given, field.value.lower())) for field in ASKABLE},
        sections={field: tuple(getattr(given, f"{field.value.lower()}_section")) for field in ASKABLE},
        requires=tuple(given.requires),
        shebang=given.shebang,
        ignore_shebangs=given.ignore_shebangs,
        rewrite_shebangs=not given.no_shebang_rewrite,
        rename_extensions=not given.no_ext_rename,
        allow_unmerged=given.allow_unmerged_dist_packages,
        allow_build_names=given.allow_build_directory_module_name,
        clean_dbg=not given.no_dbg_cleaning,
    )


def _split(text: str) -> list[str]:
    """Split DH_OPTIONS as debhelper does: a backslash keeps the blank after it."""
    return [re.sub(r"\\(\s)", r"\1", word) for word in re.split(r"(?<!\\)\s+", text.strip()) if word]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        word = message.partition("unrecognized arguments: ")[2].partition(" ")[0].partition("=")[0]
        near = nearest(word, self._option_string_actions) if word else None
        raise UsageError(f"{message}{f'; did you mean {near}?' if near else ''} (see dh_pkgtools --help)")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of dh_pkgtools."""
    parser = _Parser(
        prog="dh_pkgtools",
        description="Put the Python modules of Debian packages in order while they are built.",
        epilog=_EPILOG,
        formatter_class=OptionsFormatter,
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
    group.add_argument("-v", "--verbose", action="store_true", default=None, help="print what is done")
    group.add_argument("-q", "--quiet", action="store_false", dest="verbose", help="print only what is wrong")
    group.add_argument("--no-act", action="store_true", help="change nothing, print what would be done")
    group.add_argument("-O", action="append", default=[], dest="common", help=argparse.SUPPRESS)


def _add_bytecode(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("bytecode")
    group.add_argument(
        "--strategy",
        choices=[one.value for one in Strategy],
        metavar="STRATEGY",
        help=f"who compiles: {', '.join(one.value for one in Strategy)} (the manifest's, or trigger)",
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
    for field in (one.value for one in ASKABLE):
        kind = field.lower()
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
    group.add_argument(
        f"--allow-unmerged-{DIST}", action="store_true", help="go on where metadata of two versions differ"
    )
    group.add_argument(
        "--allow-build-directory-module-name", action="store_true", help="go on where a module is called `docs`, say"
    )
    group.add_argument("--no-dbg-cleaning", action="store_true", help="remove nothing from -dbg packages")


if __name__ == "__main__":
    main()
