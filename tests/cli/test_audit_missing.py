# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What `pkgtools audit` says of modules without bytecode, of systems and of images, and that its command helps."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.test_audit_fix import OTHER_VERSION, PROGRAM, RUNTIME, M, N, run, system
from tests.cli.test_audit_repairs import runtime
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, hashed, of_version, pyc

P = f"{PRIVATE}/lib/p.py"
DROP_IN = "/usr/share/pkgtools/private.d/acme.conf"
CONF = "/etc/pkgtools/bytecode.conf"
RANGE = f"3.{sys.version_info.minor}-3.{sys.version_info.minor + 1}"
NEWER = f"/usr/bin/python3.{OTHER_VERSION[1]}"


def said(top: Path, *arguments: str) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Return text and repair of each finding about modules without bytecode, by path and severity."""
    report = json.loads(run(top, "--no-compile", "--json", *arguments).stdout)
    found = [one for one in report["verdicts"][0]["findings"] if one["rule"] == "missing-bytecode"]
    return {(one["path"], one["severity"]): (one["text"], one["repair"]) for one in found}


def image_of(top: Path) -> Path:
    image = top.parent / "image.tar"
    subprocess.run(["tar", "-C", str(top), "--numeric-owner", "-cf", str(image), "."], check=True)
    return image


def everything(tmp_path: Path) -> Path:
    """Make a system with two interpreters, two levels, and one of each: compiled, missing, failed, for Python 2."""
    failures = [{"status": "failed", "reason": "too-deep", "source": N, "interpreter": one} for one in (PROGRAM, NEWER)]
    files: Mapping[str, str | bytes] = {
        RUNTIME: "",
        NEWER: "",
        CONF: "levels = 0,1\n",
        DROP_IN: f"compile|{RANGE}|{PRIVATE}\n",
        M: SOURCE,
        cached(M): pyc(M),
        cached(M, ".opt-1"): pyc(M),
        N: SOURCE,
        f"{PUBLIC}/old.py": "print 'x'\n",
        **{f"{PUBLIC}/{name}.py": SOURCE for name in ("a b", "c", "d\n")},
        P: SOURCE,
        cached(P): pyc(P),
        "/var/lib/pkgtools/trigger.json": json.dumps({"outcomes": failures}),
    }
    return system(tmp_path / "root", files)


def test_numbers_interpreters_levels_examples_and_reasons_are_told(tmp_path: Path) -> None:
    top = everything(tmp_path)
    both = sorted(((PROGRAM, 3), (NEWER, 4)), key=lambda one: int(one[0].rpartition(".")[2]))
    parts = [f"{number} of 6 modules have no pyc for {path}, level {one}" for path, number in both for one in (0, 1)]
    examples = "'a b.py', c.py, $'d\\012.py'"
    assert said(top) == {
        (PUBLIC, "warning"): (
            f"{'; '.join(parts)}: {examples}, ...",
            f"pkgtools-compile --root {top} {PUBLIC}",
        ),
        (PUBLIC, "info"): (
            "2 modules have no pyc and can't be compiled (1 Python 2, 1 too-deep): n.py, old.py",
            None,
        ),
        (PRIVATE, "warning"): (
            f"1 of 1 module has no pyc for {PROGRAM}, level 1: lib/p.py",
            f"pkgtools-compile --root {top} {PRIVATE}",
        ),
    }


def test_an_image_is_judged_as_its_directory_is(tmp_path: Path) -> None:
    top = everything(tmp_path)
    found = said(top)
    inside = {key: (text, command and command.replace(f" --root {top}", "")) for key, (text, command) in found.items()}
    assert said(image_of(top)) == inside
    os.symlink(os.path.basename(NEWER), f"{top}/usr/bin/python3")
    assert (PRIVATE, "warning") in said(image_of(top))  # its range leaves one, whatever the default is


def test_an_empty_central_cache_is_found_in_an_image_too(tmp_path: Path) -> None:
    """Nothing is in it yet, and everybody can put there what root runs."""
    top = system(tmp_path, {M: SOURCE, "/etc/environment": "PYTHONPYCACHEPREFIX=/var/cache/python\n"})
    (top / "var/cache/python").mkdir(parents=True)
    (top / "var/cache/python").chmod(0o777)
    for where in (top, image_of(top)):
        report = json.loads(run(where, "--no-compile", "--json", "-r", "cache-prefix-in-use").stdout)
        assert [one["severity"] for one in report["verdicts"][0]["findings"]] == ["danger"]


@pytest.mark.parametrize("levels", ["0", "0,1,2"])
def test_the_command_that_is_named_ends_the_finding(tmp_path: Path, levels: str) -> None:
    top = system(
        tmp_path, {RUNTIME: "", CONF: f"levels = {levels}\n", DROP_IN: f"compile||{PRIVATE}\n", M: SOURCE, P: SOURCE}
    )
    found = said(top)
    assert set(found) == {(PUBLIC, "warning"), (PRIVATE, "warning")}
    for _, command in found.values():
        assert command is not None
        runtime("compile", *shlex.split(command)[1:])
    assert said(top) == {}


def test_an_interpreter_of_the_administrators_compiles_itself(tmp_path: Path) -> None:
    """pkgtools-compile knows those in /usr/bin alone."""
    local = f"/usr/local/lib/python3.{OTHER_VERSION[1]}/site-packages"
    program = f"/usr/local/bin/python3.{OTHER_VERSION[1]}"
    top = system(tmp_path, {program: "", f"{local}/m.py": SOURCE})
    [(_, command)] = said(top).values()
    assert command == f"chroot {top} {program} -m compileall -q {local}"


@pytest.mark.parametrize(
    "content", [pyc(M), pyc(M, mtime=1), hashed(M), b"", of_version(pyc(M), OTHER_VERSION)], ids=str.__call__
)
def test_a_pyc_that_is_there_is_not_missing_whatever_it_holds(tmp_path: Path, content: bytes) -> None:
    """No record of the runtime is needed; what is wrong with it is other rules' to say."""
    assert said(system(tmp_path, {RUNTIME: "", M: SOURCE, cached(M): content})) == {}


def test_an_image_with_py3compile_alone_is_told_that_command(tmp_path: Path) -> None:
    owned = {"/var/lib/dpkg/info/acme.list": f"{M}\n", "/usr/bin/py3compile": ""}
    top = system(tmp_path / "root", {M: SOURCE, **owned})
    assert [repair for _, repair in said(image_of(top)).values()] == [f"py3compile {PUBLIC}"]
    assert [repair for _, repair in said(top).values()] == [f"pkgtools-compile --root {top} {PUBLIC}"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("def f(:\n", "syntax-error"), ("# coding: nosuch\n", "unknown-encoding"), ("print 'x'\n", "Python 2")],
)
def test_what_no_interpreter_compiles_is_told_apart(text: str, reason: str, tmp_path: Path) -> None:
    """py3compile leaves no report of what failed, and its command would end nothing."""
    top = system(tmp_path / "root", {RUNTIME: "", M: text, N: SOURCE})
    report = json.loads(run(top, "--json", "--allow-unchecked").stdout)
    found = {
        one["severity"]: one["text"] for one in report["verdicts"][0]["findings"] if one["rule"] == "missing-bytecode"
    }
    assert found == {
        "warning": f"1 of 2 modules has no pyc for {PROGRAM}, level 0: n.py",
        "info": f"1 module has no pyc and can't be compiled (1 {reason}): m.py",
    }


def test_a_source_in_a_cache_directory_is_no_module(tmp_path: Path) -> None:
    odd = f"{PUBLIC}/__pycache__/odd.py"
    top = system(tmp_path / "root", {RUNTIME: "", odd: SOURCE, "/var/lib/dpkg/info/acme.list": "/usr\n"})
    report = json.loads(run(top, "--json").stdout)
    assert [(one["rule"], one["path"]) for one in report["verdicts"][0]["findings"]] == [("unowned-module", odd)]


@pytest.mark.parametrize(
    ("ours", "missing"),
    [("", "level 1"), ("levels = 0\n", None)],
    ids=["Debian's file decides", "ours comes before it"],
)
def test_levels_of_debians_own_settings_are_heeded(ours: str, missing: str | None, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        RUNTIME: "",
        "/etc/python3/debian_config": "[DEFAULT]\nbyte-compile = standard, optimize\n",
        M: SOURCE,
        cached(M): pyc(M),
    }
    top = system(tmp_path / "root", {**files, **({CONF: ours} if ours else {})})
    told = said(top).get((PUBLIC, "warning"), ("", None))[0]
    assert (missing in told) if missing else not told
