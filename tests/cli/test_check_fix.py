# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools check --fix` repairs a staged tree, shows first what it will do, and is done after one run."""

from __future__ import annotations

import json
import marshal
import os
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from pkgtools.check.registry import all_rules
from pkgtools.report.json import SCHEMA
from tests.cli.packages import run_here, write_deb
from tests.lab.tree import differences, read_tree
from tests.readers.test_root import make
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, hashed, of_version, pair, pyc

Files = Mapping[str, str | bytes]
M, N = f"{PUBLIC}/m.py", f"{PUBLIC}/n.py"
INFO = f"{PUBLIC}/acme-1.0.dist-info"
ELSEWHERE = "/usr/lib/python3.11/site-packages/acme-1.0.dist-info"
CONTROL = {"/DEBIAN/control": "Package: acme\nVersion: 1.0\nArchitecture: all\nDepends: python3:any\n"}
PROGRAM = "/usr/bin/acme"
A = f"{PRIVATE}/a.py"
SITE9 = "/usr/lib/python3.9/site-packages"
ENV = "#!/usr/bin/env python3\nprint(1)\n"
GONE = "/usr/share/acme/gone.py"


def fixed(top: Path, *arguments: str) -> dict[str, str]:
    """Repair, and return what came of each path."""
    report = json.loads(run_here(top, "check", "--fix", "--json", *arguments, ".").stdout)
    return {one["path"]: one["result"] for one in report["verdicts"][0]["repairs"]}


def findings(top: Path, *arguments: str) -> set[tuple[str, str]]:
    report = json.loads(run_here(top, "check", "--json", *arguments, ".").stdout)
    return {(one["rule"], one["path"]) for one in report["verdicts"][0]["findings"]}


def staged(top: Path, files: Files, modes: Mapping[str, int] = {}) -> Path:
    """Make a staged tree; what is not named has the modes that packages ship."""
    make(top, files)
    for directory, _, names in os.walk(top):
        os.chmod(directory, 0o755)
        for name in names:
            os.chmod(f"{directory}/{name}", 0o644)
    for path, mode in modes.items():
        os.chmod(f"{top}{path}", mode)
    return top


CASES: dict[str, tuple[Files, Mapping[str, int], dict[str, str]]] = {
    "stale": ({M: SOURCE, cached(M): pyc(M, mtime=1)}, {}, {cached(M): "removed"}),
    "code-differs": ({M: SOURCE, cached(M): pyc(M, "x = 1\n", size=len(SOURCE))}, {}, {cached(M): "removed"}),
    "broken": ({M: SOURCE, cached(M): b"x"}, {}, {cached(M): "removed"}),
    "of-another-version": ({M: SOURCE, cached(M): of_version(pyc(M), (3, 9))}, {}, {cached(M): "removed"}),
    "stale-elsewhere": ({A: SOURCE, cached(A): pyc(A, mtime=1)}, {}, {cached(A): "compiled"}),
    "hash-elsewhere": ({A: SOURCE, cached(A): hashed(A, of="x")}, {}, {cached(A): "compiled"}),
    "broken-elsewhere": ({A: SOURCE, cached(A): b"x"}, {}, {cached(A): "compiled"}),
    "build-path-elsewhere": ({A: SOURCE, cached(A): pyc(f"/build{A}")}, {}, {cached(A): "compiled"}),
    "level-elsewhere": ({A: SOURCE, cached(A, ".opt-2"): b"x"}, {}, {cached(A, ".opt-2"): "compiled"}),
    "no-interpreter": (
        {A: SOURCE, cached(A, tag="cpython-36"): b"x"},
        {},
        {cached(A, tag="cpython-36"): "removed", f"{PRIVATE}/__pycache__": "removed"},
    ),
    "of-another-directory": (
        {f"{SITE9}/m.py": SOURCE, cached(f"{SITE9}/m.py"): pyc(f"{SITE9}/m.py")},
        {},
        {cached(f"{SITE9}/m.py"): "removed"},
    ),
    "without-source": ({cached(GONE): pyc(GONE), M: SOURCE}, {}, {cached(GONE): "removed"}),
    "beside-its-source": ({M: SOURCE, f"{M}c": pyc(M)}, {}, {f"{M}c": "removed"}),
    "pyo": ({M: SOURCE, f"{N}o": pyc(N)}, {}, {f"{N}o": "removed"}),
    "of-a-test-run": (
        {M: SOURCE, f"{PUBLIC}/__pycache__/m.cpython-311-pytest-7.2.1.pyc": pyc(M)},
        {},
        {f"{PUBLIC}/__pycache__/m.cpython-311-pytest-7.2.1.pyc": "removed"},
    ),
    "temporary": ({**pair(M), f"{cached(M)}.140231": "x"}, {}, {f"{cached(M)}.140231": "removed"}),
    "debian": ({**CONTROL, **pair(M)}, {}, {cached(M): "removed", f"{PUBLIC}/__pycache__": "removed"}),
    "build-path": ({M: SOURCE, cached(M): pyc(f"/build/acme{M}")}, {}, {cached(M): "removed"}),
    "pip": (
        {M: SOURCE, f"{INFO}/INSTALLER": "pip\n", f"{INFO}/REQUESTED": "", f"{INFO}/RECORD": "m.py,,\n"},
        {},
        {f"{INFO}/INSTALLER": "repaired", f"{INFO}/REQUESTED": "removed", f"{INFO}/RECORD": "removed"},
    ),
    "pip-not-for-debian": (
        {f"{ELSEWHERE}/INSTALLER": "pip\n", f"{ELSEWHERE}/direct_url.json": '{"url": "file:///build/acme"}'},
        {},
        {f"{ELSEWHERE}/INSTALLER": "removed", f"{ELSEWHERE}/direct_url.json": "removed"},
    ),
    "doctrees": (
        {"/usr/share/doc/acme/.doctrees/a/b.doctree": "x", "/usr/share/doc/acme/.doctrees/environment.pickle": "x"},
        {},
        {
            "/usr/share/doc/acme/.doctrees/a/b.doctree": "removed",
            "/usr/share/doc/acme/.doctrees/environment.pickle": "removed",
            "/usr/share/doc/acme/.doctrees/a": "removed",
            "/usr/share/doc/acme/.doctrees": "removed",
        },
    ),
    "module-mode": ({M: SOURCE}, {M: 0o666, PUBLIC: 0o777}, {M: "repaired", PUBLIC: "repaired"}),
    "way-mode": ({M: SOURCE}, {"/usr/lib": 0o1777, "/usr": 0o757}, {"/usr": "repaired"}),
    "cache-mode": (
        pair(f"{PRIVATE}/m.py"),
        {cached(f"{PRIVATE}/m.py"): 0o666, f"{PRIVATE}/__pycache__": 0o700},
        {cached(f"{PRIVATE}/m.py"): "repaired", f"{PRIVATE}/__pycache__": "repaired"},
    ),
    "registration": (
        {"/usr/share/pkgtools/private.d/acme.conf": "compile||/usr/share/acme\n", f"{PRIVATE}/m.py": SOURCE},
        {"/usr/share/pkgtools/private.d/acme.conf": 0o666},
        {"/usr/share/pkgtools/private.d/acme.conf": "repaired"},
    ),
    "shebang": ({PROGRAM: ENV, M: SOURCE}, {PROGRAM: 0o755}, {PROGRAM: "repaired"}),
}
LAUNCHER = "#!/bin/sh\n'''exec' /build/acme/debian/acme/opt/acme/bin/python3 \"$0\" \"$@\"\n' '''\n"
LEFT: dict[str, tuple[str, Files, str]] = {
    "launcher": ("wrong-shebang", {PROGRAM: LAUNCHER}, PROGRAM),
    "sourceless": ("build-path-in-pyc", {f"{PRIVATE}/m.pyc": pyc(f"/build/acme{PRIVATE}/m.py")}, f"{PRIVATE}/m.pyc"),
}


@pytest.mark.parametrize(("rule", "files", "path"), LEFT.values(), ids=LEFT)
def test_what_takes_another_build_is_left_and_found(rule: str, files: Files, path: str, tmp_path: Path) -> None:
    top = staged(tmp_path / "acme", files, {path: 0o755})
    assert fixed(top, "--rule", rule) == {}
    assert findings(top, "--rule", rule) == {(rule, path)}
    assert "`check --fix`" in {one.facts.id: one.facts for one in all_rules()}[rule].page.fix


@pytest.mark.parametrize(("files", "modes", "repairs"), CASES.values(), ids=CASES)
def test_each_fix(files: Files, modes: Mapping[str, int], repairs: dict[str, str], tmp_path: Path) -> None:
    top = staged(tmp_path, files, modes)
    before, found = read_tree(top, ["/"]), findings(top, "--rule", *_joined(top))
    assert found
    planned = fixed(top, "-n")
    assert planned.keys() >= repairs.keys()
    assert set(planned.values()) == {"planned"}
    assert differences(before, read_tree(top, ["/"])) == []
    done = fixed(top)
    assert {path: done.get(path) for path in repairs} == repairs
    assert done.keys() == planned.keys()
    assert findings(top) & found == set()
    after = read_tree(top, ["/"])
    assert fixed(top) == {}
    assert differences(after, read_tree(top, ["/"])) == []


def _joined(top: Path) -> list[str]:
    """Return the rules that --fix repairs here, as arguments behind the first `--rule`."""
    report = json.loads(run_here(top, "check", "--fix", "-n", "--json", ".").stdout)
    texts = {one["text"].rpartition(", for ")[2] for one in report["verdicts"][0]["repairs"]}
    rules = sorted({rule for text in texts for rule in text.split(" and ")})
    return [word for rule in rules for word in (rule, "--rule")][:-1]


LINES = {
    "env": ("#!/usr/bin/env python3", "#!/usr/bin/python3"),
    "env-with-options": ("#!/usr/bin/env -S python3 -E", "#!/usr/bin/python3 -E"),
    "env-of-a-version": ("#!/usr/bin/env python3.11", "#!/usr/bin/python3.11"),
    "unversioned": ("#!/usr/bin/env python", "#!/usr/bin/python3"),
    "administrators": ("#! /usr/local/bin/python3 -s", "#!/usr/bin/python3 -s"),
    "of-the-build": ("#!/build/venv/bin/python", "#!/usr/bin/python3"),
    "its-own": ("#!/build/acme-1/debian/acme/opt/acme/bin/python3", "#!/opt/acme/bin/python3"),
    "windows": ("#!/usr/bin/env python3\r", "#!/usr/bin/python3"),
    "two-options": ("#!/usr/bin/env -S python3 -E -s", ""),
    "python2": ("#!/usr/bin/env python2", ""),
    "pypy": ("#!/usr/bin/env pypy3", ""),
    "of-another-package": ("#!/opt/other/bin/python3", ""),
    "long": (f"#!/usr/bin/env python3 {'x' * 255}", ""),
}


@pytest.mark.parametrize(("line", "wanted"), LINES.values(), ids=LINES)
def test_a_first_line_keeps_its_options_or_is_left(line: str, wanted: str, tmp_path: Path) -> None:
    text = f"{line}\nprint('\udcff')\n".encode("utf-8", "surrogateescape")
    top = staged(tmp_path, {PROGRAM: text, "/opt/acme/bin/python3": "", M: SOURCE}, {PROGRAM: 0o755})
    before = os.lstat(f"{top}{PROGRAM}")
    assert fixed(top) == ({PROGRAM: "repaired"} if wanted else {})
    content = Path(f"{top}{PROGRAM}").read_bytes()
    assert content == (wanted.encode() + b"\nprint('\xff')\n" if wanted else text)
    found = os.lstat(f"{top}{PROGRAM}")
    assert (found.st_mode, found.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_the_change_of_a_text_is_shown_before_it_is_made(tmp_path: Path) -> None:
    top = staged(tmp_path, {PROGRAM: ENV, M: SOURCE, cached(M): b"x"}, {PROGRAM: 0o755})
    dry = run_here(top, "check", "--fix", "--dry-run", ".")
    assert "      -#!/usr/bin/env python3\n      +#!/usr/bin/python3\n" in dry.stdout
    assert f"  planned: {cached(M)}: remove it, for broken-pyc\n" in dry.stdout
    assert "note: the findings are those that would be left" in dry.stdout
    done = run_here(top, "check", "--fix", ".")
    assert done.stdout.index("+#!/usr/bin/python3") < done.stdout.index(f"  repaired: {PROGRAM}: ")
    assert f"  removed: {cached(M)}: remove it, for broken-pyc\n" in done.stdout


def test_json_says_what_changed_and_how(tmp_path: Path) -> None:
    top = staged(tmp_path, {PROGRAM: ENV, M: SOURCE}, {PROGRAM: 0o755})
    changed = [json.loads(run_here(top, "check", "--fix", "--json", *more, ".").stdout) for more in (["-n"], [], [])]
    assert [one["changed"] for one in changed] == [False, True, False]
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for one in changed:
        jsonschema.validate(one, schema)
    diff = changed[1]["verdicts"][0]["repairs"][0]["diff"]
    assert diff.splitlines()[2:] == ["@@ -1 +1 @@", "-#!/usr/bin/env python3", "+#!/usr/bin/python3"]


def test_the_status_is_that_of_what_is_left(tmp_path: Path) -> None:
    hidden = f"{PRIVATE}/hidden"
    top = staged(tmp_path, {M: SOURCE, cached(M): pyc(M, size=1)})
    assert run_here(top, "check", "--fail-on", "warning", ".").returncode == 1
    for arguments in (["-n"], []):
        assert run_here(top, "check", "--fix", *arguments, "--fail-on", "warning", ".").returncode == 0
    staged(top, {f"{hidden}.py": SOURCE, f"{hidden}/__init__.pyc": pyc(f"{hidden}.py"), f"{N}o": "x"})
    for arguments in (["-n"], []):
        assert run_here(top, "check", "--fix", *arguments, ".").returncode == 1
    assert {path for _, path in findings(top)} == {f"{hidden}/__init__.pyc"}


@pytest.mark.parametrize(
    ("content", "flags"),
    [(pyc(A, mtime=1), 0), (hashed(A, of="x"), 3), (hashed(A, of="x", checked=False), 1)],
    ids=["timestamp", "checked", "unchecked"],
)
def test_a_pyc_that_is_compiled_again_is_of_the_same_sort(content: bytes, flags: int, tmp_path: Path) -> None:
    top = staged(tmp_path, {A: SOURCE, cached(A): content})
    before = read_tree(top, ["/"])
    assert fixed(top) == {cached(A): "compiled"}
    assert read_tree(top, ["/"]).keys() == before.keys()
    written = Path(f"{top}{cached(A)}").read_bytes()
    assert int.from_bytes(written[4:8], "little") == flags
    assert marshal.loads(written[16:]) == marshal.loads(pyc(A)[16:])
    assert os.lstat(f"{top}{cached(A)}").st_mtime_ns == os.lstat(f"{top}{A}").st_mtime_ns


def test_a_pyc_whose_source_does_not_compile_goes(tmp_path: Path) -> None:
    top = staged(tmp_path, {A: "def\n", cached(A): pyc(A, mtime=1)})
    report = json.loads(run_here(top, "check", "--fix", "--json", ".").stdout)["verdicts"][0]
    assert {(one["path"], one["result"]) for one in report["repairs"]} == {(cached(A), "removed")}
    assert "syntax-error" in report["repairs"][0]["text"]
    assert not os.path.exists(f"{top}{cached(A)}")
    assert fixed(top) == {}


def test_a_pyc_that_a_new_first_line_makes_stale_is_made_in_the_same_run(tmp_path: Path) -> None:
    path = "/usr/share/acme/m.py"
    source = f"#!/usr/local/bin/python3\n{SOURCE}"
    top = staged(tmp_path, pair(path, source), {path: 0o755, cached(path): 0o644})
    expected = {path, cached(path)}
    assert fixed(top, "-n").keys() == expected
    assert fixed(top).keys() == expected
    assert fixed(top) == {}


def test_what_is_ignored_or_not_asked_for_is_not_repaired(tmp_path: Path) -> None:
    ignore = '[[packages.acme.ignores]]\nrule = "bytecode-in-deb"\nreason = "as it has to be"\n'
    manifest = tmp_path / "accepted.toml"
    manifest.write_text(f"[packages.acme]\n{ignore}", encoding="utf-8")
    top = staged(tmp_path / "acme", {**CONTROL, **pair(M), f"{M}c": "x"})
    report = json.loads(run_here(tmp_path, "check", "--fix", "--json", "-m", manifest, "acme").stdout)["verdicts"][0]
    assert [one["path"] for one in report["repairs"]] == [f"{M}c"]
    assert fixed(top, "--rule", "stale-pyc") == {}
    assert fixed(top).keys() == {cached(M), f"{PUBLIC}/__pycache__"}


def test_a_tree_of_debhelper_loses_bytecode_that_others_get_again(tmp_path: Path) -> None:
    for name, result in (("debian/acme", "removed"), ("buildroot/acme", "compiled")):
        staged(tmp_path / name, {A: SOURCE, cached(A): b"x"})
        report = json.loads(run_here(tmp_path, "check", "--fix", "--json", name).stdout)["verdicts"][0]
        assert report["repairs"][0]["result"] == result


def test_what_else_a_cache_directory_holds_stays(tmp_path: Path) -> None:
    other = f"{PUBLIC}/__pycache__/m.nbi"
    top = staged(tmp_path, {**CONTROL, **pair(M), other: "x"})
    assert fixed(top) == {cached(M): "removed"}
    assert Path(f"{top}{other}").read_text(encoding="utf-8") == "x"


def test_a_source_package_loses_caches_and_upstreams_text_is_left(tmp_path: Path) -> None:
    files: Files = {
        "/debian/control": "Source: acme\n",
        "/debian/bin/run": ENV,
        "/acme/m.py": SOURCE,
        "/acme/m.pyc": "x",
        "/acme/__pycache__/gone.cpython-311.pyc": pyc("/acme/gone.py"),
        "/run": ENV,
    }
    top = staged(tmp_path, files, {"/run": 0o755, "/debian/bin/run": 0o755})
    assert fixed(top) == {
        "/acme/__pycache__": "removed",
        "/acme/__pycache__/gone.cpython-311.pyc": "removed",
        "/acme/m.pyc": "removed",
        "/debian/bin/run": "repaired",
        "/run": "left",
    }


REFUSED = {
    "deb": ("acme_1_all.deb", "acme_1_all.deb is a package, and --fix needs a staged tree or a source package"),
    "file": ("x.tar", "x.tar is a file, and --fix needs a staged tree or a source package"),
    "pool": ("pool", "pool is a directory of packages, and --fix needs a staged tree or a source package"),
    "image": ("image", "image is an image, and --fix needs a staged tree or a source package"),
    "system": ("/", "/ is an installed system: `pkgtools audit --fix` repairs its bytecode"),
    "chroot": ("chroot", "chroot is an installed system: `pkgtools audit --fix` repairs its bytecode"),
}


@pytest.mark.parametrize(("name", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_tree_is_refused_before_anything_is_done(name: str, text: str, tmp_path: Path) -> None:
    write_deb(tmp_path / "acme_1_all.deb", "acme")
    write_deb(tmp_path / "pool/acme_1_all.deb", "acme")
    make(tmp_path, {"/x.tar": "x", "/image/oci-layout": "{}", "/chroot/var/lib/dpkg/status": "", "/t/usr/m.pyo": "x"})
    done = run_here(tmp_path, "check", "--fix", "t", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pkgtools check: {text}")
    assert (tmp_path / "t/usr/m.pyo").exists()


@pytest.mark.parametrize("arguments", [["-n", "."], ["--fix", "--state", "s", "."]], ids=["no-fix", "state"])
def test_options_that_contradict(arguments: list[str], tmp_path: Path) -> None:
    done = run_here(staged(tmp_path, {M: SOURCE}), "check", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
