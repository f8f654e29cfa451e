# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Wrong calls of all commands: each gets one sentence, with the name as given and a way on."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from click import Context

from pkgtools.cli.__main__ import _run
from pkgtools.cli.group import main as group
from tests.cli.packages import write_deb

NO_KIND = "no package of a kind that pkgtools reads: .deb, .rpm, .apk or .pkg.tar.zst"
NO_FILE = "no such file or directory"
NEITHER = "no package (.deb, .rpm, .apk, .pkg.tar.zst), and no image as `podman save` or `docker save` writes it"
PACKAGE = "is a package, not a system: `pkgtools check` judges packages, `pkgtools verify` compares their bytecode"
EMPTY = "an argument is empty: the variable that it was to come from may be unset; see `pkgtools --help`"
NO_TREE = "no package found, and it isn't a staged tree: there is no file below usr/ or the like"
TARGETS = "deb, debhelper, rpm, rpm-ostree, zypper-classic, nfpm, fpm, alpm, apk"
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
    "check -f htm x.deb": re.compile(r"pkgtools check: --format: 'htm' is not one of .*; did you mean html\? see .*"),
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
    "audit /usr/bin/ls": (f"pkgtools audit: /usr/bin/ls: {NEITHER}: bad checksum"),
    "audit / /": "pkgtools audit: got unexpected extra argument (/); see `pkgtools audit --help`",
    "audit docker://debian:12": "pkgtools audit: docker://debian:12 is a URL: download the file, then name it here",
    "audit -o /no/x.json empty": re.compile("pkgtools audit: (empty: no system|/no/x.json).*"),
    "audit --python /no/python3 empty": "pkgtools audit: /no/python3: no Python that runs on this machine",
    "audit --fix x.deb": f"pkgtools audit: x.deb {PACKAGE}",
    "verify /no": f"pkgtools verify: /no: {NO_FILE}",
    "verify --fix": "pkgtools verify: no option --fix; see `pkgtools verify --help`",
    "verify empty": re.compile("pkgtools verify: empty: no system.*"),
    "verify --jobs 0": re.compile("pkgtools verify: --jobs: '0' is not a number from 1 on; .*"),
    "verify s3://bucket/image.tar": (
        "pkgtools verify: s3://bucket/image.tar is a URL: download the file, then name it here"
    ),
    # archive
    "archive": re.compile("pkgtools archive: COMMAND is missing: one of check, report, try, verify; .*"),
    "archive chek": re.compile("pkgtools archive: no command chek; did you mean check\\? .*"),
    "archive check": re.compile("pkgtools archive check: (MIRROR|--store) is missing; .*"),
    "archive check empty --store s": (
        "pkgtools archive: --keyring is missing: name the keys of the archive, or --allow-unsigned to trust the mirror"
    ),
    "archive check empty --store s --keyring /no/k": f"pkgtools archive: /no/k: the keyring can't be read: {NO_FILE}",
    "archive check empty --store s --keyring k --allow-unsigned": (
        "pkgtools archive: --keyring and --allow-unsigned contradict each other: give one of them"
    ),
    "archive check /no/m --store s --allow-unsigned": (
        "pkgtools archive: /no/m: no such directory; a mirror has dists/ or repodata/ at its top"
    ),
    "archive check empty --store s --allow-unsigned": (
        "pkgtools archive: repodata/repomd.xml: the mirror has no such file; name the --suite of a Debian archive"
    ),
    "archive check empty --store s --allow-unsigned --suite x": (
        "pkgtools archive: dists/x/Release: the mirror has no such file"
    ),
    "archive report --store /no/s -o out": f"pkgtools archive: /no/s: {NO_FILE}",
    # try
    "try": re.compile("pkgtools try: (PACKAGE... is missing|--root is missing); see `pkgtools try --help`"),
    "try x.deb": "pkgtools try: --root is missing; see `pkgtools try --help`",
    "try --root /no x.deb": f"pkgtools try: /no: {NO_FILE}",
    "try --root empty no.deb": f"pkgtools try: no.deb: {NO_FILE}",
    "try --root empty --with empty x.deb": "pkgtools try: empty: not a package: a directory or device",
    "try --root empty --steps instal x.deb": re.compile(
        r"pkgtools try: --steps: no step 'instal'; did you mean install\?; there are install, .*"
    ),
    "try --root empty --keep /no x.deb": "pkgtools try: --keep /no: not a directory",
    "try --root empty -j0 x.deb": re.compile("pkgtools try: --jobs: '0' is not a number from 1 on; .*"),
    "try --root empty --json -f html x.deb": (
        "pkgtools try: --json and --format html contradict each other: give one of them"
    ),
    # inspect and diff
    "inspect": "pkgtools inspect: FILE|TREE|ROOT is missing; see `pkgtools inspect --help`",
    "inspect nofile": f"pkgtools inspect: nofile: {NO_FILE}",
    "inspect text.txt": f"pkgtools inspect: text.txt: {NEITHER}: truncated header",
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
    "": "pkgtools: COMMAND is missing: one of archive, audit, check, diff, explain, generate, init, inspect, lsp, "
    "migrate, rules, stage, templates, try, verify; see `pkgtools --help`",
    "help": "pkgtools: no command help; did you mean --help? see `pkgtools --help`",
    "version": "pkgtools: no command version; did you mean --version? see `pkgtools --help`",
    "-v": "pkgtools: no option -v; did you mean --version? see `pkgtools --help`",
    "--verison": "pkgtools: no option --verison; did you mean --version? see `pkgtools --help`",
    "Check x.deb": "pkgtools: no command Check; did you mean check? see `pkgtools --help`",
    "lint x.deb": "pkgtools: no command lint; did you mean check? see `pkgtools --help`",
    "compile /opt": "pkgtools: no command compile; did you mean pkgtools-compile? see `pkgtools --help`",
    "check ''": f"pkgtools: {EMPTY}",
    "check -o '' x.deb": f"pkgtools: {EMPTY}",
    "check --output= x.deb": f"pkgtools: {EMPTY}",
    "explain ''": f"pkgtools: {EMPTY}",
    "check y.deb": f"pkgtools check: y.deb: {NO_FILE}",
    "check '*.deb'": f"pkgtools check: *.deb: {NO_FILE}",
    "check empty": f"pkgtools check: empty: {NO_TREE}",
    "check text.txt": f"pkgtools check: text.txt: {NO_KIND}",
    "check cut.deb": re.compile("pkgtools check: cut.deb: at byte 300: no Debian package, or a broken one: .*"),
    "check /dev/null": "pkgtools check: /dev/null: not a regular file",
    "check -f json -o empty x.deb": "pkgtools check: empty: is a directory",
    "check -r stale-pyc,wrong-magic x.deb": (
        "pkgtools check: no rule stale-pyc,wrong-magic: give --rule once for each"
    ),
    "check -r x.deb": "pkgtools check: FILE|TREE|POOL... is missing; see `pkgtools check --help`",
    "check --json=out.json x.deb": (
        "pkgtools check: option '--json' does not take a value; did you mean --output? see `pkgtools check --help`"
    ),
    "check --rul stale-pyc x.deb": "pkgtools check: no option --rul; did you mean --rule? see `pkgtools check --help`",
    "check --manifest typo.toml x.deb": (
        "pkgtools check: typo.toml: packages.acme.strategi: unknown key; did you mean `strategy`?"
    ),
    "check --manifest bad.toml x.deb": re.compile(
        "pkgtools check: bad.toml: line 1, column [0-9]+: not valid TOML: .*"
    ),
    "check --python 9.99 x.deb": (
        "pkgtools check: 9.99: no such interpreter; --python takes a path, as /usr/bin/python3.11"
    ),
    "check --python python3 x.deb": re.compile(
        "pkgtools check: python3: no such interpreter; did you mean /.*/python3\\?"
    ),
    "check --summary -f html x.deb": (
        "pkgtools check: --summary goes with text and JSON: --format html is for what needs the findings"
    ),
    "audit /no/root": f"pkgtools audit: /no/root: {NO_FILE}",
    "audit x.deb": f"pkgtools audit: x.deb {PACKAGE}",
    "audit empty": re.compile("pkgtools audit: empty: no system: .*"),
    "audit --fix --write-baseline b.json empty": (
        "pkgtools audit: --fix and --write-baseline contradict each other: a baseline keeps what --fix repairs"
    ),
    "audit --baseline /no/b.json empty": f"pkgtools audit: /no/b.json: {NO_FILE}",
    "audit --baseline text.txt empty": re.compile(
        "pkgtools audit: /.*/text.txt is not used, since others could change it or put another in its place .*"
    ),
    "audit --config /no/a.toml empty": f"pkgtools audit: /no/a.toml: {NO_FILE}",
    "audit --exclude usr/lib empty": (
        "pkgtools audit: invalid --exclude 'usr/lib': expected an absolute path in ROOT, or a pattern for one"
    ),
    "audit -r nosuch empty": "pkgtools audit: no rule nosuch; `pkgtools rules list` lists them",
    "audit --fxi": "pkgtools audit: no option --fxi; did you mean --fix? see `pkgtools audit --help`",
    "audit --json out.json": (
        f"pkgtools audit: out.json: {NO_FILE}; --json takes no file: `> out.json` behind the command does"
    ),
    "audit --summary -f sarif empty": (
        "pkgtools audit: --summary goes with text and JSON: --format sarif is for what needs the findings"
    ),
    "verify x y": "pkgtools verify: got unexpected extra argument (y); see `pkgtools verify --help`",
    "verify text.txt": f"pkgtools verify: text.txt: {NEITHER}: truncated header",
    "verify --python /etc/passwd empty": "pkgtools verify: /etc/passwd: no Python that runs on this machine",
    "verify -r stale-pyc": "pkgtools verify: no option -r; see `pkgtools verify --help`",
    "inspect empty": f"pkgtools inspect: empty: {NO_TREE}",
    "inspect --root x.deb": "pkgtools inspect: x.deb is a package: --root goes with the directory of a system",
    "inspect --json x.json": (
        f"pkgtools inspect: x.json: {NO_FILE}; --json takes no file: `> x.json` behind the command does"
    ),
    "diff x.deb text.txt": f"pkgtools diff: text.txt: {NEITHER}: truncated header",
    "diff --json -f html x.deb x.deb": (
        "pkgtools diff: --json and --format html contradict each other: give one of them"
    ),
    "diff -f sarif x.deb x.deb": (
        "pkgtools diff: --format: 'sarif' is not one of 'text', 'json', 'html'; see `pkgtools diff --help`"
    ),
    "diff -o / x.deb x.deb": re.compile("pkgtools diff: /: is a directory"),
    "diff -o /no/d.html x.deb x.deb": f"pkgtools diff: /no/d.html: {NO_FILE}",
    "diff x.deb x.deb x.deb": "pkgtools diff: got unexpected extra argument (x.deb); see `pkgtools diff --help`",
    "explain STALE-PYC": "pkgtools explain: no rule STALE-PYC; did you mean stale-pyc?",
    "rules --json": "pkgtools rules: no option --json; see `pkgtools rules --help`",
    "templates": "pkgtools templates: COMMAND is missing: one of copy, list, show; see `pkgtools templates --help`",
    "templates list --templates /no": (
        "pkgtools templates: /no: no directory with templates is there; `pkgtools templates copy` makes one"
    ),
    "generate deb -o out": f"pkgtools generate: --target is missing: one of {TARGETS}; see `pkgtools generate --help`",
    "generate -t nfmp -o out": re.compile(
        "pkgtools generate: --target: 'nfmp' is not one of .*; did you mean nfpm\\? .*"
    ),
    "generate -t deb -o out -m empty": "pkgtools generate: empty: this is a directory; name a file",
    "generate -t deb -o out -p": (
        "pkgtools generate: option '-p' requires an argument; see `pkgtools generate --help`"
    ),
    "lsp file.toml": re.compile("pkgtools lsp: .*unexpected extra argument.*file.toml.*"),
    "lsp --port 1": re.compile("pkgtools lsp: no option --port.*"),
    "migrate /no/source": (
        "pkgtools migrate: /no/source/debian/control: no such file; name or enter the top directory of a source package"
    ),
    "migrate --back --strategy native .": "pkgtools migrate: --strategy is for dh_pkgtools: leave it out with --back",
    "migrate --strategy nativ .": re.compile(
        "pkgtools migrate: --strategy: 'nativ' is not one of .*did you mean native.*"
    ),
    "init --force": "pkgtools init: --force goes with --output: without it nothing is overwritten",
    "init -o empty": "pkgtools init: empty is a directory: --output names a file",
    "init -o text.txt": "pkgtools init: text.txt is there already; --force overwrites it",
    "init text.txt": f"pkgtools init: text.txt: {NO_KIND}",
    "stage -t deb empty": re.compile("pkgtools stage: .: there is no manifest: .*; `pkgtools init` writes one to .*"),
    "stage -t deb -m good.toml nosuch": re.compile("pkgtools stage: TREE: directory 'nosuch' does not exist; .*"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a package and files of other kinds."""
    place = tmp_path_factory.mktemp("place")
    write_deb(place / "x.deb", "x")
    (place / "empty").mkdir()
    (place / "text.txt").write_text("text\n")
    (place / "cut.deb").write_bytes((place / "x.deb").read_bytes()[:300])
    (place / "bad.toml").write_text("[packages\n")
    (place / "typo.toml").write_text('[packages.acme]\nstrategi = "trigger"\n')
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
    status = _say(shlex.split(call), monkeypatch)
    told = capsys.readouterr()
    expected = CALLS[call]
    assert (status, told.out) == (2, "")
    line = told.err.removesuffix("\n")
    assert expected.fullmatch(line) if isinstance(expected, re.Pattern) else line == expected, line
    assert "Errno" not in line


def test_calls_are_of_every_command() -> None:
    commands = {call.partition(" ")[0] for call in CALLS}
    assert set(group.list_commands(Context(group))) <= commands
    assert len(CALLS) >= 100


def test_wrong_name_reaches_no_terminal_as_it_is(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    for call in (["\x1b]0;x\x07"], ["check", "--\x1b[31m"], ["check", "-f", "\x1b[31m", "x"], ["explain", "\x1b[1m"]):
        assert _say(call, monkeypatch) == 2
        assert "\x1b" not in capsys.readouterr().err
