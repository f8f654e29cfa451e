# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The whole life of a package with an old version: every step does what it says, and the root stays as it is."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.model.trial import LifeStep
from tests.cli.packages import PKGTOOLS, environment
from tests.lab.debs import SampleFile, SamplePackage, build_deb, rebuild_deb
from tests.lab.needs import need_tools
from tests.lab.ours import build_ours
from tests.lab.signals import end_while, until
from tests.trial.trials import DIST, Document, faults, package, play, pyc, root

pytestmark = pytest.mark.system
HOLE = "truncate -s 500M /var/tmp/hole\n"
SKIPPED = {
    "interpreter-added": "--interpreter names no packages",
    "default-changed": "--interpreter names neither python3 nor python3-minimal",
    "interpreter-removed": "--interpreter names no packages",
    **dict.fromkeys(["runtime-added", "policy-off", "policy-on", "runtime-removed"], "--runtime names no packages"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with two versions of a package."""
    place = tmp_path_factory.mktemp("debs")
    old = build_deb(package("acme", HOLE, files={f"{DIST}/acme/gone.py": "x = 1\n"}), place)
    rebuild_deb(old, place, "2", edits={f"{DIST}/acme/__init__.py": "x = 'two'\n"})
    (place / "kept").mkdir()
    return place


@pytest.fixture(scope="module")
def life(place: Path) -> dict[str, Document]:
    """Play all steps."""
    old, new = place / "acme_1_all.deb", place / "acme_2_all.deb"
    document = play("--with", old, "--keep", place / "kept", new, status=0)
    (trial,) = document["packages"]
    assert (trial["name"], trial["package_version"], trial["old_version"]) == ("acme", "2", "1")
    return {step["step"]: step for step in trial["steps"]}


def test_every_step_is_played_or_skipped_with_a_reason(life: dict[str, Document]) -> None:
    assert list(life) == [step.value for step in LifeStep]
    assert {name: step["reason"] for name, step in life.items() if step["status"] == "skipped"} == SKIPPED
    assert {name for name, step in life.items() if step["status"] == "failed"} == set()
    assert faults(life.values()) == set()


def test_upgrade_and_back_make_the_bytecode_again(life: dict[str, Document]) -> None:
    for name in ("downgrade", "upgrade"):
        assert (pyc("acme"), "changed") in {(one["path"], one["change"]) for one in life[name]["changes"]}


def test_disk_is_full_while_scripts_run(life: dict[str, Document]) -> None:
    assert "No space left on device" in life["full-disk"]["output"]
    assert life["full-disk"]["pycs"] == life["install"]["pycs"] == 2


def test_dpkg_is_killed_in_the_middle(life: dict[str, Document]) -> None:
    said = life["killed"]["output"]
    assert said.count("Setting up acme (2)") == 2
    assert "status: acme: installed" not in said


def test_upgrade_fails_and_is_taken_back(life: dict[str, Document]) -> None:
    assert "pre-installation script subprocess returned error" in life["failed-upgrade"]["output"]


def test_kept_archive_is_the_system_at_the_end(life: dict[str, Document], place: Path) -> None:
    assert life
    assert (place / "kept/acme_2_all.deb.tar").stat().st_size < 500 << 20
    with tarfile.open(place / "kept/acme_2_all.deb.tar") as archive:
        names = set(archive.getnames())
        passwd = archive.getmember("./etc/passwd")
    assert "./var/lib/dpkg/status" in names
    assert (passwd.uid, stat.S_IMODE(passwd.mode)) == (0, 0o644)


def test_interpreter_comes_and_goes(place: Path, tmp_path: Path) -> None:
    program = SamplePackage(name="python3.12-minimal", files={"/usr/bin/python3.12": SampleFile("", 0o755)})
    default = SamplePackage(name="python3", version="99", files={"/usr/share/doc/python3/x": ""})
    steps = "interpreter-added,default-changed,interpreter-removed"
    given = [word for one in (program, default) for word in ("--interpreter", build_deb(one, tmp_path))]
    (trial,) = play(*given, "--steps", steps, place / "acme_2_all.deb", status=2)["packages"]
    added, changed, removed = trial["steps"]
    assert "Setting up python3.12-minimal" in added["output"]
    assert "Setting up python3 (99)" in changed["output"]
    assert (removed["status"], removed["reason"]) == ("skipped", "it is the default now")
    (trial,) = play(*given[:2], "--steps", steps, place / "acme_2_all.deb", status=2)["packages"]
    assert [step["status"] for step in trial["steps"]] == ["passed", "skipped", "passed"]
    assert "Purging configuration" in trial["steps"][2]["output"] or "Removing" in trial["steps"][2]["output"]


@pytest.mark.slow
def test_runtime_comes_and_goes_and_obeys_the_policy(tmp_path: Path) -> None:
    (runtime,) = (build_ours().deb("pkgtools-runtime"),)
    bare = build_deb(package("acme", prerm=""), tmp_path)
    steps = "runtime-added,policy-off,policy-on,runtime-removed,purge"
    (trial,) = play("--runtime", runtime, "--steps", steps, bare)["packages"]
    played = {step["step"]: step for step in trial["steps"]}
    assert {step["status"] for step in played.values()} <= {"passed", "failed"}
    assert "pkgtools-runtime" in {one["by"] for one in played["runtime-added"]["changes"]}


def test_bytecode_that_py3compile_truncates_on_a_full_disk_is_seen(tmp_path: Path) -> None:
    """What 23 of 40 packages of Debian 12 come to: py3compile writes under the final name, and never looks again."""
    large = {f"{DIST}/large/m{number}.py": f"x = {list(range(2000))}\n" for number in range(16)}
    (trial,) = play("--steps", "full-disk", build_deb(package("large", files=large), tmp_path), status=1)["packages"]
    checks = {check for _, check in faults(trial["steps"])}
    assert {"broken-pyc", "import-failed"} <= checks


def test_asked_step_that_is_skipped_is_exit_2(place: Path) -> None:
    document = play("--steps", "upgrade", place / "acme_2_all.deb", status=2)
    (step,) = document["packages"][0]["steps"]
    assert (step["status"], step["reason"]) == ("skipped", "--with names no old version")


def test_interrupt_leaves_no_process_and_no_mount(place: Path, tmp_path: Path) -> None:
    script = "sleep 98765\n"  # as no other test sleeps
    sleeper = build_deb(package("sleeper", script), tmp_path)
    argv = [*PKGTOOLS, "try", "--root", root(), "--steps", "install", sleeper]
    before = Path("/proc/self/mountinfo").read_text()
    asleep = lambda _running: bool(_processes(b"sleep\x0098765\0"))  # noqa: E731 - as end_while wants it
    ended = end_while(argv, signal.SIGINT, asleep, to_all=True, env=environment())
    assert (ended.status, ended.said, ended.left) == (130, b"", ())
    assert _processes(b"sleep\x0098765\0") == []
    assert Path("/proc/self/mountinfo").read_text() == before


def test_nothing_runs_on_after_the_command_is_killed(place: Path, tmp_path: Path) -> None:
    sleeper = build_deb(package("killed", "sleep 98764\n"), tmp_path)
    argv = [*PKGTOOLS, "try", "--root", root(), "--steps", "install", sleeper]
    asleep = lambda _running: bool(_processes(b"sleep\x0098764\0"))  # noqa: E731 - as end_while wants it
    ended = end_while(argv, signal.SIGKILL, asleep, env=environment())  # until its outputs are closed by all
    assert ended.status == -signal.SIGKILL
    until(lambda: not _processes(b"sleep\x0098764\0"))


def _processes(command: bytes) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == command:
                found.append(path.parent.name)
        except OSError:
            continue
    return found


AS_TRIER = ("setpriv", "--reuid=64999", "--regid=64999", "--clear-groups")


@pytest.fixture
def public() -> Iterator[Path]:
    """Return a directory that everybody can look into; those of pytest are closed to others."""
    need_tools(["setpriv", "newuidmap"])
    argv = [*AS_TRIER, *PKGTOOLS, "--version"]
    if subprocess.run(argv, check=False, capture_output=True, env=environment()).returncode:
        pytest.skip("other users can't run this Python, or read this checkout")
    with tempfile.TemporaryDirectory(prefix="pkgtools-trier-") as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


def test_ordinary_user_tries_with_subordinate_ids(place: Path, public: Path) -> None:
    """In a mount namespace whose /etc/subuid gives an account of its own 65,536 ids."""
    (public / "passwd").write_text(f"{Path('/etc/passwd').read_text()}trier:x:64999:64999::/nonexistent:/bin/sh\n")
    (public / "ids").write_text("trier:200000:65536\n")
    archive, deb = public / "root.tar", public / "acme.deb"
    subprocess.run(["tar", "--create", "--file", archive, "--directory", root(), "."], check=True)
    shutil.copyfile(place / "acme_2_all.deb", deb)
    files = {"passwd": "passwd", "subuid": "ids", "subgid": "ids"}
    mounts = "".join(f"mount --bind {public}/{source} /etc/{name}\n" for name, source in files.items())
    call = (*AS_TRIER, *PKGTOOLS, "try", "--root", archive, "--steps", "install,remove,purge", deb)
    shell = ["unshare", "--mount", "sh", "-ec", f'{mounts}exec "$@"\n', "sh", *map(str, call)]
    given = {**environment(), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(shell, check=False, capture_output=True, text=True, env=given, timeout=300, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no faults" in done.stdout


def test_files_of_a_directory_that_cannot_be_read_are_told(public: Path) -> None:
    for name in ("open", "closed", "closed2"):
        (public / "system/etc").mkdir(parents=True, exist_ok=True)
        (public / "system/etc" / name).touch(mode=0o600 if "closed" in name else 0o644)
    program = """import sys
from pathlib import Path
from pkgtools.trial.unpacking import opened_root
with opened_root(Path(sys.argv[1])) as opened:
    opened.stream.read()
    print(opened.unread())
"""
    argv = [*AS_TRIER, sys.executable, "-c", program, str(public / "system")]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, env=environment())
    number, _, first = done.stdout.partition(" files could not be read, and are missing: ")
    assert number == "2"
    assert "/etc/closed" in first


def test_ordinary_user_without_subordinate_ids_is_told_before_anything_starts(place: Path, public: Path) -> None:
    shutil.copyfile(place / "acme_2_all.deb", public / "acme.deb")
    call = (*AS_TRIER, *PKGTOOLS, "try", "--root", public, public / "acme.deb")
    done = subprocess.run([*map(str, call)], check=False, capture_output=True, text=True, env=environment(), cwd="/")
    expected = "no line gives 64999 65,536 ids: `usermod --add-subuids 100000-165535 64999`\n"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"pkgtools try: /etc/subuid: {expected}"
