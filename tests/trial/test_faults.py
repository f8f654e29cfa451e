# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages that are broken on purpose: each fault is seen in the step in which it shows; a good package has none."""

from __future__ import annotations

import pytest

from tests.lab.debs import SampleFile, SamplePackage, build_deb
from tests.trial.trials import DIST, Document, faults, package, play, pyc

pytestmark = pytest.mark.system

_INSTALL = '[ "$1" != configure ] || '
ONCE = SamplePackage(
    name="once",
    files={f"{DIST}/once/__init__.py": "x = 1\n"},
    scripts={"postinst": '[ -n "$2" ] || py3compile -p once\n', "prerm": "py3clean -p once\n"},
)
UNTOUCHED = SamplePackage(name="untouched", files={f"{DIST}/untouched/__init__.py": "x = 1\n"})
NEW_SOURCE = f"{_INSTALL}touch -d 2030-01-01 {DIST}/stale/__init__.py\n"
FOREIGN = f"cp {pyc('foreign')} {DIST}/foreign/__pycache__/m.cpython-37.pyc\n"
LOCKED = {f"{DIST}/locked/m.py": SampleFile("x = 1\n", 0o600)}
SAMPLES: dict[str, tuple[SamplePackage, set[tuple[str, str]]]] = {
    "good": (package("good"), set()),
    "bytecode stays at removal": (package("stays", prerm=""), {("remove", "left-behind"), ("remove", "warned")}),
    "file stays at purge": (
        package("file", "mkdir -p /var/lib/file; echo > /var/lib/file/x\n"),
        {("purge", "left-behind")},
    ),
    "mode": (package("mode", f"chmod 0600 {pyc('mode')}\n"), {("install", "wrong-cache-mode")}),
    "owner": (package("owner", f"chown 65534:65534 {pyc('owner')}\n"), {("install", "wrong-cache-owner")}),
    "missing": (UNTOUCHED, {("install", "missing-bytecode")}),
    "stale": (package("stale", NEW_SOURCE), {("install", "stale-pyc"), ("install", "not-from-cache")}),
    "broken": (package("broken", f"truncate -s 20 {pyc('broken')}\n"), {("install", "broken-pyc")}),
    "foreign": (
        package("foreign", f"cp {pyc('foreign')} {DIST}/foreign/__pycache__/m.cpython-37.pyc\n"),
        {("install", "pyc-without-source")},
    ),
    "fails": (package("fails", "exit 3\n"), {("install", "step-failed")}),
    "others": (package("others", "rm -r /usr/lib/python3.11/__pycache__/os.*\n"), {("install", "others-changed")}),
    "import": (
        package("import1", files={f"{DIST}/import1/m.py": SampleFile("x = 1\n", 0o600)}),
        {("install", "import-failed")},
    ),
    "once": (ONCE, {("reinstall", "not-restored"), ("reinstall", "missing-bytecode")}),
}


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """Play all packages, two at once; only some are installed again."""
    place = tmp_path_factory.mktemp("debs")
    debs = {name: build_deb(sample, place) for name, (sample, _) in SAMPLES.items()}
    again = {name: deb for name, deb in debs.items() if name in {"good", "mode", "once"}}
    others = {name: deb for name, deb in debs.items() if name not in again}
    played = play("-j2", "--steps", "install,reinstall,remove,purge", *again.values())["packages"]
    played += play("-j2", "--steps", "install,remove,purge", *others.values())["packages"]
    return dict(zip([*again, *others], played, strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_fault_is_seen_in_the_step_in_which_it_shows(name: str, lives: dict[str, Document]) -> None:
    life = lives[name]
    assert life["error"] is None
    found = faults(life["steps"])
    assert SAMPLES[name][1] <= found
    if not SAMPLES[name][1]:
        assert found == set()
        assert [step["status"] for step in life["steps"]] == ["passed"] * 4


def test_who_compiled_with_which_mode_and_owner(lives: dict[str, Document]) -> None:
    install, reinstall, remove, purge = lives["good"]["steps"]
    assert [(one["path"], one["change"], one["by"], one["mode"], one["owner"]) for one in install["changes"]] == [
        (pyc("good"), "new", "scripts", "0644", "0:0")
    ]
    assert [one["change"] for one in reinstall["changes"]] == ["changed"]
    assert [one["change"] for one in remove["changes"]] == ["gone"]
    assert purge["changes"] == []
    assert (install["pycs"], remove["pycs"]) == (1, 0)


def test_imports_tell_their_pyc_and_their_time_without_it(lives: dict[str, Document]) -> None:
    (one,) = lives["good"]["steps"][0]["imports"]
    assert (one["module"], one["error"], one["has_cache"], one["from_cache"]) == ("good", "", True, True)
    assert one["seconds"] > 0  # it was measured; how long it took is no matter
    assert one["seconds_without"] > 0


def test_fault_is_said_once(lives: dict[str, Document]) -> None:
    steps = lives["mode"]["steps"]
    assert [any(one["check"] == "wrong-cache-mode" for one in step["faults"]) for step in steps] == [
        *(True, False, False, False)
    ]
