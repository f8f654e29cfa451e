# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Wrong calls of all commands: each gets one sentence, with the name as given and a way on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pkgtools.cli.__main__ import _run
from tests.cli.packages import write_deb

NO_FILE = "no such file or directory"
CALLS = {
    # the group
    "chek": "pkgtools: no command chek; did you mean check? see `pkgtools --help`",
    "xyzzy": "pkgtools: no command xyzzy; see `pkgtools --help`",
    "--jsn": "pkgtools: no option --jsn; see `pkgtools --help`",
    # check
    "check": "pkgtools check: FILE|TREE|POOL... is missing; see `pkgtools check --help`",
    "check -o /nonexist/x.json x.deb": f"pkgtools check: /nonexist/x.json: {NO_FILE}",
    "check -o / x.deb": "pkgtools check: /: is a directory",
    "check --state /no/s x.deb": f"pkgtools check: /no/s: {NO_FILE}",
    "check --from0 /no": "pkgtools check: no option --from0; did you mean --format? see `pkgtools check --help`",
    "check -r nosuchrule x.deb": "pkgtools check: no rule nosuchrule; `pkgtools rules list` lists them",
    "check -r stale-pyk x.deb": "pkgtools check: no rule stale-pyk; did you mean stale-pyc?",
    "check http://example.org/x.deb": (
        "pkgtools check: http://example.org/x.deb is a URL: download the file, then name it here"
    ),
    "check --json -f html x.deb": ("pkgtools check: --json and --format html contradict each other: give one of them"),
    "check --no-compile --python X x.deb": (
        "pkgtools check: no option --no-compile; did you mean --compile? see `pkgtools check --help`"
    ),
    "check -f htm x.deb": re.compile(r"pkgtools check: --format: 'htm' is not one of 'text', .*; see .*"),
    "check --fail-on fatal x.deb": re.compile(r"pkgtools check: --fail-on: 'fatal' is not one of .*"),
    "check --persona me x.deb": re.compile(
        r"pkgtools check: --persona: 'me' is not one of 'maintainer', 'auditor'; .*"
    ),
    "check -j0 x.deb": re.compile(r"pkgtools check: --jobs: '0' is not a number from 1 on; see .*"),
    "check -j two x.deb": re.compile(r"pkgtools check: --jobs: 'two' is not a number from 1 on; .*"),
    "check -j": re.compile(r"pkgtools( check)?: option '-j' requires an argument; .*"),
    "check --manifest /no/m.toml x.deb": f"pkgtools check: /no/m.toml: {NO_FILE}",
    "check --state s -f json x.deb": (
        "pkgtools check: --state goes with --format text: other formats report all packages, not of those left"
    ),
    "check -n x.deb": "pkgtools check: --dry-run goes with --fix: without it nothing is changed",
    "check --fix x.deb": re.compile(r"pkgtools check: x\.deb is a package, and --fix needs a staged tree or .*"),
    "check --fix --state s .": (
        "pkgtools check: --fix and --state contradict each other: a tree that is repaired is looked at each time"
    ),
    # audit and verify
    "audit --json /no/x": f"pkgtools audit: /no/x: {NO_FILE}",
    "audit --root /no": "pkgtools audit: no option --root; see `pkgtools audit --help`",
    "audit -n": "pkgtools audit: --dry-run goes with --fix: without it nothing is changed",
    "audit --no-compile --python X": (
        "pkgtools audit: --python and --no-compile contradict each other: an interpreter compiles to compare"
    ),
    "audit /usr/bin/ls": (
        "pkgtools audit: /usr/bin/ls: not an image as `podman save` or `docker save` writes it: bad checksum"
    ),
    "audit / /": "pkgtools audit: got unexpected extra argument (/); see `pkgtools audit --help`",
    "audit docker://debian:12": "pkgtools audit: docker://debian:12 is a URL: download the file, then name it here",
    "audit -o /no/x.json empty": re.compile("pkgtools audit: (empty: no system|/no/x.json).*"),
    "audit --python /no/python3 empty": "pkgtools audit: /no/python3: no Python that runs on this machine",
    "audit --fix x.deb": "pkgtools audit: x.deb: --fix needs the system itself, not its image",
    "verify /no": f"pkgtools verify: /no: {NO_FILE}",
    "verify --fix": "pkgtools verify: no option --fix; see `pkgtools verify --help`",
    "verify empty": re.compile("pkgtools verify: empty: no system.*"),
    "verify --jobs 0": re.compile("pkgtools verify: --jobs: '0' is not a number from 1 on; .*"),
    "verify s3://bucket/image.tar": (
        "pkgtools verify: s3://bucket/image.tar is a URL: download the file, then name it here"
    ),
    # inspect and diff
    "inspect": "pkgtools inspect: FILE|TREE|ROOT is missing; see `pkgtools inspect --help`",
    "inspect nofile": f"pkgtools inspect: nofile: {NO_FILE}",
    "inspect text.txt": re.compile("pkgtools inspect: text.txt: not an image .*"),
    "inspect a b": "pkgtools inspect: got unexpected extra argument (b); see `pkgtools inspect --help`",
    "inspect --format json x.deb": re.compile("pkgtools inspect: no option --format; .*"),
    "diff x.deb": "pkgtools diff: NEW is missing; see `pkgtools diff --help`",
    "diff x.deb nofile": f"pkgtools diff: nofile: {NO_FILE}",
    "diff": "pkgtools diff: OLD is missing; see `pkgtools diff --help`",
    # rules and explain
    "explain": "pkgtools explain: ID is missing; see `pkgtools explain --help`",
    "explain -r stale-pyc": re.compile("pkgtools explain: no option -r; .*"),
    "explain stale-pic": "pkgtools explain: no rule stale-pic; did you mean stale-pyc?",
    "explain xyzzy": "pkgtools explain: no rule xyzzy; `pkgtools rules list` lists them",
    "rules lst": "pkgtools rules: no command lst; did you mean list? see `pkgtools rules --help`",
    "rules list --persona nobody": re.compile("pkgtools rules list: --persona: 'nobody' is not one of .*"),
    # templates
    "templates show deb/postinst": "pkgtools templates: no template deb/postinst; did you mean deb/postinst.sh.j2?",
    "templates show ../../etc/passwd": (
        "pkgtools templates: no template ../../etc/passwd; `pkgtools templates list` names all"
    ),
    "templates shw x": "pkgtools templates: no command shw; did you mean show? see `pkgtools templates --help`",
    "templates show": "pkgtools templates show: NAME is missing; see `pkgtools templates show --help`",
    "templates copy deb/postinst.sh.j2": re.compile("pkgtools templates copy: NAME... is missing; .*"),
    "templates copy deb/postinst.sh.j2 text.txt": re.compile(
        "pkgtools templates copy: DIRECTORY: .*text.txt' is a file; .*"
    ),
    # generate, init and stage
    "generate -o out": re.compile("pkgtools generate: --target is missing: one of deb, .*; see .*"),
    "generate -t dbe -o out": re.compile("pkgtools generate: --target: 'dbe' is not one of 'deb', .*"),
    "generate -t deb": "pkgtools generate: --output is missing; see `pkgtools generate --help`",
    "generate -t deb -o text.txt -m good.toml": "pkgtools generate: text.txt is a file: --output names a directory",
    "generate -t deb -o out": re.compile("pkgtools generate: .*no manifest.*"),
    "generate -t deb -o out -m /no/m.toml": f"pkgtools generate: /no/m.toml: {NO_FILE}",
    "generate -t deb -o out -m bad.toml": re.compile("pkgtools generate: bad.toml: .*"),
    "generate -t deb -o out -m good.toml -p nosuch": re.compile("pkgtools generate: .*nosuch.*"),
    "generate -t deb -o out -m good.toml --templates /no/t": (
        "pkgtools generate: /no/t: no directory with templates is there; `pkgtools templates copy` makes one"
    ),
    "init -o /no/x": f"pkgtools init: /no/x: {NO_FILE}",
    "init /no/project": f"pkgtools init: /no/project: {NO_FILE}",
    "stage": re.compile("pkgtools stage: .* is missing.*"),
    "stage -m good.toml": re.compile("pkgtools stage: .* is missing.*"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a package and files of other kinds."""
    place = tmp_path_factory.mktemp("place")
    write_deb(place / "x.deb", "x")
    (place / "empty").mkdir()
    (place / "text.txt").write_text("text\n")
    (place / "bad.toml").write_text("[packages\n")
    (place / "good.toml").write_text('[packages.acme]\nstrategy = "trigger"\n')
    return place


def _say(call: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["pkgtools", *call])
    try:
        return _run()
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("call", CALLS)
def test_wrong_call_gets_one_sentence(
    call: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    status = _say(call.split(), monkeypatch)
    told = capsys.readouterr()
    expected = CALLS[call]
    assert (status, told.out) == (2, "")
    line = told.err.removesuffix("\n")
    assert expected.fullmatch(line) if isinstance(expected, re.Pattern) else line == expected, line
    assert "Errno" not in line


def test_wrong_name_reaches_no_terminal_as_it_is(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    for call in (["\x1b]0;x\x07"], ["check", "--\x1b[31m"], ["check", "-f", "\x1b[31m", "x"], ["explain", "\x1b[1m"]):
        assert _say(call, monkeypatch) == 2
        assert "\x1b" not in capsys.readouterr().err
