# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Wrong calls of the installed programs and of dh_pkgtools: one sentence, no output, nothing touched."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import CLEAN_ENVIRONMENT, TRIGGERS, Sandbox

DH = (sys.executable, "-c", "from pkgtools.debhelper.main import main; main()")
EMPTY = "an argument is empty: the variable that it was to come from may be unset"
RANGE = "write 3.11, 3.9-, -3.12 or 3.9-3.12"
NOT_INSTALLED = "isn't installed: look for its name with dpkg -l or rpm -qa"
NEITHER = "not-a-directory: neither a directory nor a .py file: name one of them"
CALLS = {
    "pkgtools-compile": "nothing named: give paths, -p PACKAGE or --from0 FILE (see pkgtools-compile --help)",
    "pkgtools-compile ''": EMPTY,
    "pkgtools-compile -p acme ''": EMPTY,
    "pkgtools-compile --verison": (
        "unrecognized arguments: --verison; did you mean --version? (see pkgtools-compile --help)"
    ),
    "pkgtools-compile --dryrun /opt": (
        "unrecognized arguments: --dryrun; did you mean --dry-run? (see pkgtools-compile --help)"
    ),
    "pkgtools-compile --forc /opt": (
        "unrecognized arguments: --forc; did you mean --force? (see pkgtools-compile --help)"
    ),
    "pkgtools-compile --recursive /opt": "unrecognized arguments: --recursive (see pkgtools-compile --help)",
    "pkgtools-compile -p": "argument -p/--package: expected one argument (see pkgtools-compile --help)",
    "pkgtools-compile -p nosuch": f"package nosuch {NOT_INSTALLED}",
    "pkgtools-compile -p No_Such": f"package No_Such {NOT_INSTALLED}",
    "pkgtools-compile relative/dir": re.compile("/.*/relative/dir: no-source: no such file or directory"),
    "pkgtools-compile /no/dir": "/no/dir: no-source: no such file or directory",
    "pkgtools-compile /opt/text": f"/opt/text: {NEITHER}",
    "pkgtools-compile https://example.org/m.py": (
        "https://example.org/m.py is a URL: name a directory or a .py file of this system"
    ),
    "pkgtools-compile -f json": re.compile("/.*/json: no-source: no such file or directory"),
    "pkgtools-compile -O 3 /opt": (
        "argument -O: '3': write 0, 1 and 2 with commas between, as 0,1 (see pkgtools-compile --help)"
    ),
    "pkgtools-compile -V 3,9 /opt": f"argument -V: version range '3,9': {RANGE} (see pkgtools-compile --help)",
    "pkgtools-compile -V python3.9 /opt": (
        f"argument -V: version range 'python3.9': {RANGE} (see pkgtools-compile --help)"
    ),
    "pkgtools-compile -X '(' /opt": re.compile(r"-X '\(' is not a regular expression: .*"),
    "pkgtools-compile --invalidation-mode size /opt": (
        "argument --invalidation-mode: 'size': expected one of timestamp, checked-hash, unchecked-hash"
        " (see pkgtools-compile --help)"
    ),
    "pkgtools-compile -j 0 /opt": "argument -j/--jobs: '0' is not a number from 1 on (see pkgtools-compile --help)",
    "pkgtools-compile --timeout never /opt": (
        "argument --timeout: 'never' is not a number of seconds above 0 (see pkgtools-compile --help)"
    ),
    "pkgtools-compile --from0 /no/list": "/no/list: no such file or directory",
    "pkgtools-compile --from0 /usr": "/usr: is a directory",
    "pkgtools-compile --json - --changed0 - /opt": (
        "--json - and --changed0 - exclude each other: standard output takes one of them"
    ),
    "pkgtools-compile --root /no /opt": "/no: no such file or directory",
    "pkgtools-compile --root /etc/passwd /opt": "/etc/passwd: not a directory",
    "pkgtools-compile --cache-prefix / /opt": "--cache-prefix /: the central cache needs a directory of its own",
    "pkgtools-compile --cache-prefix= /opt": "an empty value for --cache-prefix: leave the option out",
    "pkgtools-compile --store-key /k /opt": (
        "--store-key without --store: it is the key of the store that --store names"
    ),
    "pkgtools-clean": "nothing named: give paths, -p PACKAGE or --from0 FILE (see pkgtools-clean --help)",
    "pkgtools-clean ''": EMPTY,
    "pkgtools-clean --orphans ''": EMPTY,
    "pkgtools-clean --orphan /opt": (
        "unrecognized arguments: --orphan; did you mean --orphans? (see pkgtools-clean --help)"
    ),
    "pkgtools-clean --orphans": "argument --orphans: expected one argument (see pkgtools-clean --help)",
    "pkgtools-clean --orphans /no/dir": "/no/dir: no-source: no such file or directory",
    "pkgtools-clean --all": "unrecognized arguments: --all (see pkgtools-clean --help)",
    "pkgtools-clean --dry_run /opt": (
        "unrecognized arguments: --dry_run; did you mean --dry-run? (see pkgtools-clean --help)"
    ),
    "pkgtools-clean --root /no /opt": "/no: no such file or directory",
    "pkgtools-clean /opt/text": f"/opt/text: {NEITHER}",
    "pkgtools-clean -V x /opt": f"argument -V: version range 'x': {RANGE} (see pkgtools-clean --help)",
    "pkgtools-trigger /opt": "unrecognized arguments: /opt (see pkgtools-trigger --help)",
    "pkgtools-trigger ''": re.compile("(unrecognized arguments: .*|an argument is empty: .*)"),
    "pkgtools-trigger -p acme": "unrecognized arguments: -p acme (see pkgtools-trigger --help)",
    "pkgtools-trigger --al": "unrecognized arguments: --al; did you mean --all? (see pkgtools-trigger --help)",
    "pkgtools-trigger --all --rpm-stdin": "--all and --rpm-stdin exclude each other: a list is not everything",
    "pkgtools-trigger --json": "argument --json: expected one argument (see pkgtools-trigger --help)",
    "pkgtools-trigger -j none": "argument -j/--jobs: 'none' is not a number from 1 on (see pkgtools-trigger --help)",
    "pkgtools-trigger --root /no": "/no: no such file or directory",
    "py3compile -V x -p acme": f"argument -V: version range 'x': {RANGE} (see py3compile --help)",
    "py3compile --exlude x /x": "unrecognized arguments: --exlude; did you mean --exclude? (see py3compile --help)",
    "py3compile -p": "argument -p/--package: expected one argument (see py3compile --help)",
    "py3compile -X x -p acme": (
        "-X works with private directories only: use /usr/share/python3/bcep for public modules"
    ),
    "py3compile ''": "nothing named: give -p PACKAGE or a directory (see py3compile --help)",
    "py3clean": "nothing named: give -p PACKAGE or a directory (see py3clean --help)",
    "py3clean ''": "nothing named: give -p PACKAGE or a directory (see py3clean --help)",
    "py3clean --pakage acme": "unrecognized arguments: --pakage; did you mean --package? (see py3clean --help)",
    "py3clean -V 3,9 -p acme": f"argument -V: version range '3,9': {RANGE} (see py3clean --help)",
    "dh_pkgtools": "error: there is no debian/control here: run it in the source package's top directory",
    "dh_pkgtools --strategi=direct": (
        "error: unrecognized arguments: --strategi=direct; did you mean --strategy? (see dh_pkgtools --help)"
    ),
    "dh_pkgtools --strategy=nosuch": re.compile("error: argument --strategy: invalid choice: 'nosuch' .*"),
    "dh_pkgtools --compat=dh_python2": re.compile("error: argument --compat: invalid choice: 'dh_python2' .*"),
    "dh_pkgtools --compat=dh_python3 --strategy=direct": (
        "error: --strategy has no meaning with --compat=dh_python3, where py3compile does it: leave one out"
    ),
    "dh_pkgtools -X '('": re.compile(r"error: -X '\(' is not a regular expression: .*"),
    "dh_pkgtools -V 3,9": f"error: version range '3,9': {RANGE}",
    "dh_pkgtools -p": "error: argument -p/--package: expected one argument (see dh_pkgtools --help)",
    "dh_pkgtools --packages acme": (
        "error: unrecognized arguments: --packages; did you mean --package? (see dh_pkgtools --help)"
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_wrong_call_gets_one_sentence(call: str, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.write("/opt/m.py")
    sandbox.write("/opt/text")
    before = sandbox.below()
    program, *arguments = shlex.split(call)
    argv = [*(DH if program == "dh_pkgtools" else (str(TRIGGERS / program),)), *arguments]
    environment = {
        **CLEAN_ENVIRONMENT,
        "DPKG_ROOT": str(sandbox.root),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    place = tmp_path / "place"
    place.mkdir()
    done = subprocess.run(
        argv, capture_output=True, text=True, env=environment, cwd=place, check=False, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (2, "")
    line = done.stderr.removesuffix("\n").removeprefix(f"{program}: ")
    expected = CALLS[call]
    assert expected.fullmatch(line) if isinstance(expected, re.Pattern) else line == expected, line
    assert not re.search("Errno|Traceback", line)
    assert differences(before, sandbox.below()) == []


def test_empty_words_are_no_working_directory_for_the_stand_ins(sandbox: Sandbox) -> None:
    """A maintainer script that quotes an unset variable runs in /: all of the system would be compiled, or cleaned."""
    sandbox.write("/opt/m.py")
    sandbox.write("/srv/m.py")
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root), "DPKG_MAINTSCRIPT_NAME": "postinst"}
    argv = [str(TRIGGERS / "py3compile"), "", "/opt"]
    done = subprocess.run(argv, capture_output=True, env=environment, cwd=sandbox.root, check=False)
    assert done.returncode == 0
    assert (sandbox.root / "opt/__pycache__").is_dir()
    assert not (sandbox.root / "srv/__pycache__").exists()


def test_errors_of_the_system_are_words_of_dh_pkgtools(tmp_path: Path) -> None:
    (tmp_path / "debian/control").mkdir(parents=True)
    given = {**CLEAN_ENVIRONMENT, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(DH, capture_output=True, text=True, env=given, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dh_pkgtools: error: debian/control: is a directory\n"
