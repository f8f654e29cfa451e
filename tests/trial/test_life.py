# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The whole life of a package with an old version: every step does what it says, and the root stays as it is."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from pkgtools.model.trial import LifeStep
from tests.cli.packages import PKGTOOLS, environment
from tests.lab.debs import SampleFile, SamplePackage, build_deb, rebuild_deb
from tests.lab.ours import build_ours
from tests.lab.signals import end_while
from tests.trial.trials import DIST, Document, faults, package, play, pyc, root

pytestmark = pytest.mark.system
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
    old = build_deb(package("acme", files={f"{DIST}/acme/gone.py": "x = 1\n"}), place)
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


def test_asked_step_that_is_skipped_is_exit_2(place: Path) -> None:
    document = play("--steps", "upgrade", place / "acme_2_all.deb", status=2)
    (step,) = document["packages"][0]["steps"]
    assert (step["status"], step["reason"]) == ("skipped", "--with names no old version")


def test_interrupt_leaves_no_process_and_no_mount(place: Path, tmp_path: Path) -> None:
    script = "echo begun > /tmp/begun; sleep 1000\n"
    sleeper = build_deb(package("sleeper", script), tmp_path)
    argv = [*PKGTOOLS, "try", "--root", root(), "--steps", "install", sleeper]
    before = Path("/proc/self/mountinfo").read_text()
    asleep = lambda _running: bool(_processes(b"sleep\x001000\0"))  # noqa: E731 - as end_while wants it
    ended = end_while(argv, signal.SIGINT, asleep, to_all=True, env=environment())
    assert (ended.status, ended.said, ended.left) == (130, b"", ())
    assert _processes(b"sleep\x001000\0") == []
    assert Path("/proc/self/mountinfo").read_text() == before


def _processes(command: bytes) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == command:
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def test_ordinary_user_tries_with_subordinate_ids(place: Path, tmp_path: Path) -> None:
    """In a mount namespace whose /etc/subuid gives an account of its own 65,536 ids."""
    tmp_path.chmod(0o755)
    (tmp_path / "passwd").write_text(f"{Path('/etc/passwd').read_text()}trier:x:64999:64999::/nonexistent:/bin/sh\n")
    (tmp_path / "ids").write_text("trier:200000:65536\n")
    archive = tmp_path / "root.tar"
    subprocess.run(["tar", "--create", "--file", archive, "--directory", root(), "."], check=True)
    deb = tmp_path / "acme.deb"
    deb.write_bytes((place / "acme_2_all.deb").read_bytes())
    files = {"passwd": "passwd", "subuid": "ids", "subgid": "ids"}
    mounts = "".join(f"mount --bind {tmp_path}/{source} /etc/{name}\n" for name, source in files.items())
    call = 'exec setpriv --reuid=64999 --regid=64999 --clear-groups "$@"\n'
    argv = [*PKGTOOLS, "try", "--root", archive, "--steps", "install,remove,purge", deb]
    for parent in tmp_path.parents[:2]:
        os.chmod(parent, 0o755)
    given = {**environment(), "PYTHONDONTWRITEBYTECODE": "1"}
    shell = ["unshare", "--mount", "sh", "-ec", mounts + call, "sh", *argv]
    words = [*map(str, shell)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=given, timeout=300, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no faults" in done.stdout
