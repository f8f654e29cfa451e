# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools audit`: each danger is found with its owner and repair, --fix repairs, and a clean system stays quiet."""

from __future__ import annotations

import json
import marshal
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.cli.audit import audit
from pkgtools.cli.verify import verify
from tests.lab.archive import fetch
from tests.lab.cli import cli_runner
from tests.lab.debs import SamplePackage
from tests.lab.needs import need_tools
from tests.lab.places import workspace
from tests.lab.roots import root_directory
from tests.lab.rpms import build_rpm
from tests.lab.system import Bind, System
from tests.readers.images import docker_image, layer
from tests.readers.test_root import make
from tests.rules.bytecode import SOURCE, cached, pair, pyc
from tests.runtime.acl import ACCESS, set_acl

M = "/usr/share/acme/m.py"
STDLIB = "/usr/lib/python3.11"
PLANTED = pyc(M, SOURCE.replace("42", "43"))
SUITES = ["bookworm", "trixie", "forky"]


def run(*arguments: str | Path) -> Result:
    return cli_runner().invoke(audit, [*map(str, arguments)], catch_exceptions=False)


def findings(*arguments: str | Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return rule and path of each finding, and what more is said of it."""
    report = json.loads(run(*arguments, "--json").stdout)
    return {(one["rule"], one["path"]): one for verdict in report["verdicts"] for one in verdict["findings"]}


def test_a_clean_system(tmp_path: Path) -> None:
    done = run(make(tmp_path, pair(M)))
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "1 system: no findings; compared 1 of 1 pyc")


def test_what_was_not_looked_at_is_said(tmp_path: Path) -> None:
    assert "note: not looked at: /dev, /home, " in run(make(tmp_path, pair(M))).stdout


def test_without_comparison_only_the_headers_count(tmp_path: Path) -> None:
    top = make(tmp_path, {M: SOURCE, cached(M): PLANTED})
    assert [rule for rule, _ in findings(top)] == ["code-differs"]
    assert findings(top, "--no-compile") == {}


def test_an_image_is_audited_and_cannot_be_fixed(tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    image.write_bytes(docker_image(layer((M[1:], SOURCE.encode()), (cached(M)[1:], PLANTED))))
    assert [rule for rule, _ in findings(image)] == ["code-differs"]
    done = run(image, "--fix")
    assert done.exit_code == 2
    assert "--fix needs the system itself" in done.stderr


def test_modules_that_are_bytecode_alone_are_told_and_not_condemned(tmp_path: Path) -> None:
    done = run(make(tmp_path, {"/opt/acme/m.pyc": pyc(M)}), "--fail-on", "warning")
    assert done.exit_code == 0
    assert "sourceless-module" in done.stdout


@pytest.mark.parametrize("arguments", [["/nowhere"], ["/", "--python", "/bin/true"]])
def test_what_cannot_be_done_is_said(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("pkgtools audit: ")


@pytest.fixture
def bookworm() -> Iterator[Path]:
    """Yield a Debian 12 to be spoilt."""
    need_tools(("mmdebstrap", "zstd"))
    top = workspace() / "audited"
    subprocess.run(["cp", "-a", str(root_directory("bookworm")), str(top)], check=True)
    yield top
    shutil.rmtree(top)


def spoil(top: Path) -> dict[str, str]:
    """Do to a system what nobody should, and return which rule has to find it where."""
    caches = f"{top}{STDLIB}/__pycache__"

    def file(module: str, tag: str = "cpython-311") -> str:
        return f"{caches}/{module}.{tag}.pyc"

    def inside(module: str, tag: str = "cpython-311") -> str:
        return file(module, tag).removeprefix(str(top))

    good = Path(file("base64")).read_bytes()
    code = marshal.loads(Path(file("calendar")).read_bytes()[16:])
    planted = Path(file("calendar")).read_bytes()[:16] + marshal.dumps(code.replace(co_consts=(*code.co_consts, 1)))
    Path(file("calendar")).write_bytes(planted)
    damaged = bytearray(Path(file("bisect")).read_bytes())
    damaged[200] ^= 1
    Path(file("bisect")).write_bytes(damaged)
    Path(file("base64")).write_bytes(good[:8] + bytes(4) + good[12:])
    Path(file("base64", "cpython-39")).write_bytes(good)
    Path(file("gone")).write_bytes(good)
    os.chmod(file("abc"), 0o666)
    os.chown(file("ast"), 1234, 1234)
    set_acl(file("bdb"), ACCESS, owner=6, user=(1234, 6), group=4, mask=6, other=4)
    os.chmod(f"{top}{STDLIB}/json/__pycache__", 0o777)
    os.chmod(f"{top}{STDLIB}/email", 0o777)
    Path(f"{top}{STDLIB}/xml/__pycache__").rename(f"{top}/var/tmp/cache")
    Path(f"{top}{STDLIB}/xml/__pycache__").symlink_to("/var/tmp/cache")
    Path(f"{top}{STDLIB}/zz_planted.py").write_text("")
    Path(f"{top}/etc/environment").write_text("PYTHONPYCACHEPREFIX=/tmp/cache\n")
    return {
        inside("calendar"): "code-differs",
        inside("bisect"): "code-differs",
        inside("base64"): "stale-pyc",
        inside("base64", "cpython-39"): "leftover-tag",
        inside("gone"): "pyc-without-source",
        inside("abc"): "wrong-cache-mode",
        inside("ast"): "wrong-cache-owner",
        inside("bdb"): "acl-on-cache",
        f"{STDLIB}/json/__pycache__": "wrong-cache-mode",
        f"{STDLIB}/email": "untrusted-path",
        f"{STDLIB}/xml/__pycache__": "linked-cache",
        f"{STDLIB}/zz_planted.py": "unowned-module",
        "/etc/environment": "cache-prefix-in-use",
    }


LEFT_TO_PEOPLE = {
    "untrusted-path",
    "modules-writable-by-others",
    "unowned-module",
    "linked-cache",
    "cache-prefix-in-use",
}
"""What no command of ours repairs, for it isn't bytecode."""


@pytest.mark.system
def test_everything_is_found_and_repaired(bookworm: Path) -> None:
    assert findings(bookworm) == {}
    expected = spoil(bookworm)
    found = findings(bookworm)
    assert {(rule, path) for path, rule in expected.items()} <= set(found)
    assert found["code-differs", f"{STDLIB}/__pycache__/calendar.cpython-311.pyc"]["package"] == "libpython3.11-minimal"
    assert {one["severity"] for (rule, _), one in found.items() if rule in {"code-differs", "untrusted-path"}} == {
        "danger"
    }
    assert [rule for (rule, _), one in found.items() if rule not in LEFT_TO_PEOPLE and not one.get("repair")] == []

    before = {str(path): os.lstat(path).st_ctime_ns for path in bookworm.rglob("*")}
    planned = run(bookworm, "--fix", "--dry-run", "--fail-on", "info", "--json")
    assert {str(path): os.lstat(path).st_ctime_ns for path in bookworm.rglob("*")} == before
    assert planned.exit_code == 1
    fixable = {path for (rule, path), one in found.items() if (one["repair"] or "").startswith("pkgtools-")}
    plan = json.loads(planned.stdout)["verdicts"][0]
    assert {one["path"] for one in (*plan["repairs"], *plan["findings"])} >= fixable
    assert [one["path"] for one in plan["repairs"] if one["result"] == "planned"] != []

    os.chmod(f"{bookworm}{STDLIB}/email", 0o755)
    assert {rule for rule, _ in repaired(bookworm, "danger")} == {
        "code-differs",
        "wrong-cache-mode",
        "wrong-cache-owner",
    }
    mild = {"stale-pyc", "leftover-tag", "pyc-without-source", "acl-on-cache"}
    assert mild <= {rule for rule, _ in findings(bookworm)}
    assert {rule for rule, _ in repaired(bookworm, "info")} >= mild
    assert {rule for rule, _ in findings(bookworm)} <= LEFT_TO_PEOPLE
    assert repaired(bookworm, "info") == set()


def repaired(top: Path, fail_on: str) -> set[tuple[str, str]]:
    """Repair once, and return what was found before and is no more; what was done is in the report, and all of it."""
    before, changed = set(findings(top)), snapshot(top)
    report = json.loads(run(top, "--fix", "--fail-on", fail_on, "--json").stdout)
    told = {one["path"] for one in report["verdicts"][0]["repairs"] if one["result"] != "left"}
    assert {path for path, state in snapshot(top).items() if changed.get(path) != state} <= told
    return before - set(findings(top))


def snapshot(top: Path) -> dict[str, tuple[int, int, int]]:
    """Return mode, owner and time of change of all pycs below a directory."""
    found = {str(path).removeprefix(str(top)): path.lstat() for path in top.rglob("*.pyc")}
    return {path: (one.st_mode, one.st_uid, one.st_ctime_ns) for path, one in found.items()}


def compiled_in_every_way(system: System) -> None:
    """Compile modules by Debian's tool, by compileall, by import, with relative names, and by pip."""
    system.write("/usr/lib/python3/dist-packages/by_import.py", "NAMES = {'a', 'b', 'c'}\nPATH = '/srv/x.py'\n")
    system.run("python3", "-c", "import by_import")
    system.write("/opt/relative/pkg/m.py", "def f(x):\n    return x in {'a', 'b', 1, None}, x[1:2]\n")
    system.run("sh", "-c", "cd /opt/relative && python3 -m compileall -q pkg && python3 -O -m compileall -q .")
    system.write("/opt/hashed/m.py", "x = 1\n")
    for mode in ("checked-hash", "unchecked-hash"):
        system.run("python3", "-m", "compileall", "-q", "-f", "--invalidation-mode", mode, "/opt/hashed")
    system.run("sh", "-c", "cp -r $(ls -d /usr/lib/python3.*/json | head -1) /opt/json && rm -rf /opt/json/__pycache__")
    system.run("python3", "-O", "-m", "compileall", "-q", "-o", "0", "-o", "1", "-o", "2", "/opt/json")


@pytest.mark.system
@pytest.mark.parametrize("suite", SUITES)
def test_a_clean_system_with_real_packages_raises_no_alarm(suite: str, tmp_path: Path) -> None:
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    names = ("python3-requests", "python3-django") if suite == "bookworm" else ()
    debs = fetch(suite, *names)[0].parent if names else tmp_path
    with System(root_directory(suite), binds=(Bind(source=debs, target="/srv/debs"),)) as system:
        if names:
            system.run("sh", "-c", "dpkg -i /srv/debs/*.deb")
        compiled_in_every_way(system)
        top = system.outside
        python = tmp_path / "python3"
        python.write_text(f'#!/bin/sh\nexec chroot {top} /usr/bin/python3 "$@"\n')
        python.chmod(0o755)
        verdict = cli_runner().invoke(verify, [str(top), "--json", "--all", "--python", str(python)])
        counts = json.loads(verdict.stdout)["counts"]
        assert (counts["different"], counts["stale"], counts["no-source"]) == (0, 0, 0)
        assert counts["identical"] + counts["equal"] > 500
        if suite != "forky":  # which has interpreters beside the one that was named
            assert counts["unchecked"] == 0
        notable = {key: one for key, one in findings(top, "--python", python).items() if one["severity"] != "info"}
        assert {rule for rule, _ in notable} <= {"unowned-module"}
        image = tmp_path / "image.tar"
        subprocess.run(["tar", "-C", str(top), "--one-file-system", "-cf", str(image), "."], check=True)
        again = cli_runner().invoke(verify, [str(image), "--json", "--python", str(python)])
        assert json.loads(again.stdout)["counts"] == counts


@pytest.mark.system
def test_owners_on_a_system_of_rpm(tmp_path: Path) -> None:
    need_tools(("mmdebstrap", "zstd", "nsenter", "rpmbuild"))
    package = SamplePackage(name="acme", files={M: SOURCE, cached(M): pyc(M)})
    rpm = build_rpm(package, tmp_path)
    with System(root_directory("rpm-bookworm"), binds=(Bind(source=rpm.parent, target="/srv/rpms"),)) as system:
        system.run("rpm", "--force-debian", "--dbpath", "/var/lib/rpm", "-U", "--nodeps", f"/srv/rpms/{rpm.name}")
        system.write(M, SOURCE.replace("42", "43"))
        found = findings(system.outside)
        tar = tmp_path / "image.tar"
        subprocess.run(["tar", "-C", str(system.outside), "-cf", str(tar), "usr", "var/lib"], check=True)
        of_image = findings(tar)
    for one in (found, of_image):
        assert one["digest-mismatch", M]["package"] == "acme"
        assert one["stale-pyc", cached(M)]["package"] == "acme"
