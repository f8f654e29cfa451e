# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a batch is about where dpkg manages the packages: those that changed since the last one, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.runtime.batches import NEW, STATE, WHEN, batch, install, paths_of, remove, spoil
from tests.runtime.faults import require_strace
from tests.runtime.records import divert, know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of, reference_pyc


def test_a_package_that_comes_is_served_and_no_other(sandbox: Sandbox) -> None:
    (other,) = install(sandbox, "other", "m")
    batch(sandbox)
    spoilt = spoil(sandbox, other)
    sources = install(sandbox, "small", "m", "n")
    ran = batch(sandbox)
    assert paths_of(ran) == set(map(pyc_of, sources))
    assert {one.status for one in ran.told} == {"compiled"}
    assert sandbox.read(pyc_of(other)) == spoilt


def test_with_nothing_changed_nothing_is_looked_at(sandbox: Sandbox) -> None:
    sources = install(sandbox, "small", "m")
    batch(sandbox)
    spoil(sandbox, sources[0])
    before = sandbox.below("/usr", STATE)
    ran = batch(sandbox)
    assert (ran.status, ran.talk, ran.told, dict(ran.summary)) == (0, "", (), {})
    after = sandbox.below("/usr", STATE)
    assert {path for path, entry in after.items() if before.get(path) != entry} <= {f"{STATE}/trigger.json", STATE}


def test_everything_is_looked_at_on_request(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    unowned = sandbox.write(f"{PUBLIC}/local.py")
    batch(sandbox)
    os.unlink(sandbox.path(pyc_of(unowned)))
    spoil(sandbox, source)
    assert batch(sandbox).told == ()
    assert paths_of(batch(sandbox, "--all")) == {pyc_of(source), pyc_of(unowned)}


def test_upgrade_is_noticed_by_its_version_alone(sandbox: Sandbox) -> None:
    """Two builds may have file lists of one size and one time, and modules likewise: what is in them decides."""
    install(sandbox, "small", "m")
    batch(sandbox)
    (source,) = install(sandbox, "small", "m", version="2", text=NEW)
    assert paths_of(batch(sandbox)) == {pyc_of(source)}
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_a_copy_of_the_system_is_the_same_system(sandbox: Sandbox) -> None:
    """Inodes and change times are other ones in a derived image, and fractions of seconds are gone."""
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    spoilt = spoil(sandbox, source)
    for path in sandbox.below("/var/lib/dpkg"):
        name = sandbox.path(path)
        if os.path.isfile(name):
            found = os.stat(name)
            shutil.copyfile(name, f"{name}.copy")
            os.replace(f"{name}.copy", name)
            os.utime(name, (found.st_mtime // 1, found.st_mtime // 1))
    assert batch(sandbox).told == ()
    assert sandbox.read(pyc_of(source)) == spoilt


def test_what_dpkg_has_not_merged_into_its_status_yet_counts(sandbox: Sandbox) -> None:
    """While dpkg runs triggers, the packages of the run stand in files of their own."""
    (source,) = install(sandbox, "small", "m", version="1")
    batch(sandbox)
    update = b"Package: small\nStatus: install ok installed\nArchitecture: all\nVersion: 2\n"
    sandbox.write("/var/lib/dpkg/updates/0001", update)
    sandbox.write(source, NEW, mtime=WHEN)
    assert paths_of(batch(sandbox)) == {pyc_of(source)}
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    know(sandbox, [f"{PUBLIC}/small", source], "small", version="2", mtime=WHEN)
    os.unlink(sandbox.path("/var/lib/dpkg/updates/0001"))
    assert batch(sandbox).told == ()


@pytest.mark.parametrize("ahead", [0, 3600])
def test_a_list_whose_second_is_not_over_is_looked_at_again(ahead: int, sandbox: Sandbox) -> None:
    """The same version of another build may come in that second, with a list of the same size."""
    (source,) = install(sandbox, "small", "m")
    when = int(time.time()) + 1 + ahead
    know(sandbox, [f"{PUBLIC}/small", source], "small", mtime=when)
    batch(sandbox)
    sandbox.write(source, NEW, mtime=WHEN)
    assert paths_of(batch(sandbox)) == {pyc_of(source)}
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


@pytest.mark.parametrize("state", ["unpacked", "half-configured", "half-installed"])
def test_a_package_whose_scripts_are_still_to_run_is_served_again(state: str, sandbox: Sandbox) -> None:
    """Its postinst may edit a module, of which the file list says nothing."""
    (source,) = install(sandbox, "small", "m")
    know(sandbox, [f"{PUBLIC}/small", source], "small", state=state, mtime=WHEN)
    batch(sandbox)
    know(sandbox, [f"{PUBLIC}/small", source], "small", mtime=WHEN)
    sandbox.write(source, NEW, mtime=WHEN)
    assert paths_of(batch(sandbox)) == {pyc_of(source)}
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert batch(sandbox).told == ()


def test_what_a_package_leaves_goes_and_nothing_beside_it(sandbox: Sandbox) -> None:
    kept = install(sandbox, "other", "m")
    sources = install(sandbox, "small", "m", "sub/n")
    beside = sandbox.write(f"{PUBLIC}/other/unowned.py")
    batch(sandbox)
    os.unlink(sandbox.path(beside))
    remove(sandbox, "small", sources)
    ran = batch(sandbox)
    assert {ran.of(pyc_of(source)) for source in sources} == {("removed", "orphan")}
    assert not sandbox.exists(f"{PUBLIC}/small")
    assert sandbox.pycs("/") == {pyc_of(kept[0]), pyc_of(beside)}


def test_what_an_upgrade_no_longer_has_goes(sandbox: Sandbox) -> None:
    one, two = install(sandbox, "small", "one", "sub/two")
    batch(sandbox)
    os.unlink(sandbox.path(two))
    install(sandbox, "small", "one", version="2")
    assert batch(sandbox).of(pyc_of(two)) == ("removed", "orphan")
    assert sandbox.pycs("/") == {pyc_of(one)}
    assert not sandbox.exists(f"{PUBLIC}/small/sub")


def test_a_module_that_moves_to_another_package_keeps_its_bytecode(sandbox: Sandbox) -> None:
    one, two = install(sandbox, "small", "one", "two")
    batch(sandbox)
    before = sandbox.below(PUBLIC)
    know(sandbox, [one], "small", version="2")
    know(sandbox, [two], "other")
    ran = batch(sandbox)
    assert (ran.status, {one.status for one in ran.told} - {"fresh"}) == (0, set())
    assert sandbox.below(PUBLIC) == before


LOST = ["packages", "sources-", "both"]


@pytest.mark.parametrize("what", LOST)
@pytest.mark.parametrize("how", ["gone", "damaged", "empty"])
def test_a_lost_record_is_one_look_at_everything_reported_once(what: str, how: str, sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    names = [
        n
        for n in os.listdir(sandbox.path(STATE))
        if n.startswith(("packages", "sources-")) and what in (n[: len(what)], "both")
    ]
    for name in names:
        path = Path(sandbox.path(f"{STATE}/{name}"))
        data = path.read_bytes()
        path.unlink()
        if how != "gone":
            path.write_bytes(data[:-1] + b"x" if how == "damaged" else b"")
            path.chmod(0o600)
    os.unlink(sandbox.path(pyc_of(source)))
    know(sandbox, [source], "small", version="2")
    ran = batch(sandbox)
    assert (ran.status, ran.talk.count("\n"), ran.talk.count("lost-record")) == (0, 1, 1)
    assert ran.of(pyc_of(source)) == ("compiled", "missing")
    spoil(sandbox, source)
    again = batch(sandbox)
    assert (again.talk, again.told) == ("", ())


def test_the_first_batch_says_nothing_of_a_record(sandbox: Sandbox) -> None:
    install(sandbox, "small", "m")
    assert batch(sandbox).talk == ""


def test_a_batch_after_the_removal_of_all_says_nothing_of_a_record(sandbox: Sandbox) -> None:
    install(sandbox, "small", "m")
    batch(sandbox)
    assert batch(sandbox, "--remove-all").talk == ""
    assert batch(sandbox).talk == ""


def test_a_batch_that_was_refused_is_made_up_for(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    (other,) = install(sandbox, "other", "m")
    os.chmod(sandbox.path(f"{PUBLIC}/other"), 0o777)
    assert batch(sandbox).status == 2
    os.chmod(sandbox.path(f"{PUBLIC}/other"), 0o755)
    spoilt = spoil(sandbox, source)
    assert paths_of(batch(sandbox)) == {pyc_of(other)}
    assert sandbox.read(pyc_of(source)) == spoilt
    assert batch(sandbox).told == ()


def test_a_package_that_was_cleaned_and_did_not_go_is_served_again(sandbox: Sandbox) -> None:
    """An upgrade that is given up after the old prerm leaves the file list as it was."""
    (source,), (other,) = install(sandbox, "small", "m"), install(sandbox, "other", "m")
    batch(sandbox)
    for path in (source, other):
        os.unlink(sandbox.path(pyc_of(path)))
    sandbox.write(f"{STATE}/cleaned", "small\n", mode=0o600)
    assert paths_of(batch(sandbox)) == {pyc_of(source)}
    assert not sandbox.exists(f"{STATE}/cleaned")


def test_a_setting_that_changes_is_for_all(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    sandbox.write("/etc/pkgtools/bytecode.conf", "levels = 0,1\n")
    assert paths_of(batch(sandbox)) == {pyc_of(source, 1)}
    assert batch(sandbox).told == ()


def test_a_diversion_that_comes_and_goes_is_followed(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    batch(sandbox)
    away = f"{PUBLIC}/small/m_away.py"
    os.rename(sandbox.path(source), sandbox.path(away))
    divert(sandbox, source, away)
    assert batch(sandbox).status == 0
    assert sandbox.pycs("/") == {pyc_of(away)}
    os.rename(sandbox.path(away), sandbox.path(source))
    sandbox.write("/var/lib/dpkg/diversions", "")
    assert batch(sandbox).status == 0
    assert sandbox.pycs("/") == {pyc_of(source)}


def test_a_module_that_its_package_no_longer_lists_and_that_stands_is_compared_by_content(sandbox: Sandbox) -> None:
    one, two = install(sandbox, "small", "one", "two")
    batch(sandbox)
    install(sandbox, "small", "one", version="2")
    sandbox.write(two, NEW, mtime=WHEN)
    assert batch(sandbox).of(pyc_of(two))[0] == "compiled"
    assert sandbox.read(pyc_of(two)) == reference_pyc(sandbox, two)
    os.unlink(sandbox.path(pyc_of(two)))
    install(sandbox, "small", version="3")
    assert batch(sandbox).status == 0
    assert sandbox.pycs("/") == {pyc_of(one)}


def test_a_diverted_module_goes_with_its_package(sandbox: Sandbox) -> None:
    """The diversion came between two batches, and stays when the package goes."""
    source, beside = install(sandbox, "small", "m", "n")
    (other,) = install(sandbox, "other", "m")
    batch(sandbox)
    spoilt = spoil(sandbox, beside)
    away = f"{PUBLIC}/small/m_away.py"
    os.rename(sandbox.path(source), sandbox.path(away))
    divert(sandbox, source, away)
    batch(sandbox)
    assert (sandbox.pycs("/"), sandbox.read(pyc_of(beside))) == ({pyc_of(away), pyc_of(beside), pyc_of(other)}, spoilt)
    remove(sandbox, "small", [away, beside])
    assert batch(sandbox).status == 0
    assert sandbox.pycs("/") == {pyc_of(other)}


def test_an_exclusion_that_goes_is_about_what_it_named(sandbox: Sandbox) -> None:
    one, two = install(sandbox, "small", "one", "two")
    exclusion = sandbox.write("/usr/share/python3/bcep/small", f"file|-|{one}\n")
    batch(sandbox)
    spoilt = spoil(sandbox, two)
    os.unlink(sandbox.path(exclusion))
    assert paths_of(batch(sandbox)) == {pyc_of(one)}
    assert sandbox.read(pyc_of(two)) == spoilt


def test_an_exclusion_that_comes_is_about_what_it_names(sandbox: Sandbox) -> None:
    """The next version of its package is not compiled; what there is of this one is right, and stays."""
    one, two = install(sandbox, "small", "one", "two")
    batch(sandbox)
    sandbox.write(one, NEW, mtime=WHEN)
    spoilt = spoil(sandbox, two)
    sandbox.write("/usr/share/python3/bcep/small", f"file|-|{one}\n")
    assert batch(sandbox).all_of(pyc_of(one)) == {("removed", "replaced-source")}
    assert (sandbox.pycs("/"), sandbox.read(pyc_of(two))) == ({pyc_of(two)}, spoilt)


CLEANS = [
    pytest.param("py3clean -p small", {"one", "two"}, id="py3clean"),
    pytest.param("\tpy3clean -p small:amd64 ", {"one", "two"}, id="architecture"),
    pytest.param(f"py3clean -p small {PUBLIC}/small/two.py", {"two"}, id="named"),
    pytest.param("pkgtools_run /usr/lib/small/pkgtools.pyz clean -q -p small || true", {"one", "two"}, id="embedded"),
    pytest.param("pkgtools-clean -q -p small", set(), id="ours"),
    pytest.param("py3clean -p other", set(), id="another-package"),
    pytest.param("# py3clean", set(), id="comment"),
]


@pytest.mark.parametrize(("line", "kept"), CLEANS)
def test_what_a_package_cleans_itself_stays_when_the_runtime_goes(line: str, kept: set[str], sandbox: Sandbox) -> None:
    """Nothing would bring it back; what nobody cleans would be left for ever."""
    one, two = install(sandbox, "small", "one", "two")
    unowned = sandbox.write(f"{PUBLIC}/small/unowned.py")
    sandbox.write("/var/lib/dpkg/info/small.prerm", f"#!/bin/sh\nset -e\n{line}\n")
    batch(sandbox)
    assert sandbox.pycs("/") == {pyc_of(path) for path in (one, two, unowned)}
    assert batch(sandbox, "--remove-all").status == 0
    assert sandbox.pycs("/") == {pyc_of(f"{PUBLIC}/small/{name}.py") for name in kept}
    assert batch(sandbox).status == 0
    assert sandbox.pycs("/") == {pyc_of(path) for path in (one, two, unowned)}


def test_nothing_that_batches_made_stays_where_nothing_is_to_be_compiled(sandbox: Sandbox) -> None:
    install(sandbox, "small", "one")
    sandbox.write("/var/lib/dpkg/info/small.prerm", "#!/bin/sh\nset -e\npy3clean -p small\n")
    batch(sandbox)
    sandbox.write("/etc/pkgtools/bytecode.conf", "compile = no\n")
    batch(sandbox)
    assert len(sandbox.pycs("/")) == 1  # it still fits
    assert batch(sandbox, "--remove-all").status == 0
    assert sandbox.pycs("/") == set()


def test_only_the_lists_of_changed_packages_are_read(sandbox: Sandbox) -> None:
    require_strace()
    for number in range(20):
        install(sandbox, f"other{number}", "m")
    batch(sandbox)
    install(sandbox, "small", "m")
    log = sandbox.root.parent / "log"
    sandbox.run("pkgtools-trigger", wrapper=("/usr/bin/strace", "-f", "-o", str(log), "--trace=openat"))
    opened = [line for line in log.read_text(errors="replace").splitlines() if "ENOENT" not in line]
    assert {line.split('"')[1] for line in opened if '.list"' in line} == {"small.list"}
    assert [line for line in opened if "other" in line] == []


def test_dry_run_leaves_the_record_as_it_is(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "small", "m")
    assert paths_of(batch(sandbox, "--dry-run")) == {pyc_of(source)}
    assert paths_of(batch(sandbox)) == {pyc_of(source)}
    assert json.loads(sandbox.read(f"{STATE}/trigger.json"))["summary"] == {"compiled": 1}


def test_a_source_in_a_cache_directory_is_no_module(sandbox: Sandbox) -> None:
    install(sandbox, "small", "__pycache__/odd", "sub/__pycache__/sub/odd")
    batch(sandbox)
    assert batch(sandbox, "--all").status == 0
    assert sandbox.pycs("/") == set()
