# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Caches without a source, the central cache, and what a package owns."""

from __future__ import annotations

import os
import shutil
from functools import partial

import pytest

from pkgtools.runtime.clean.observe import CleanPlace, names_in, observe_places
from pkgtools.runtime.clean.plan import Above, orphans, plan_clean
from pkgtools.runtime.facts import InstalledPath
from tests.lab.tree import differences
from tests.runtime.records import know
from tests.runtime.sandbox import APP, PUBLIC, TAG, Sandbox, pyc_of

PREFIX = "/var/cache/python"


def _central(source: str, level: int = 0) -> str:
    suffix = f".opt-{level}" if level else ""
    return f"{PREFIX}{source[:-3]}.{TAG}{suffix}.pyc"


def test_t11_orphans_go_with_the_directories_that_held_nothing_else(sandbox: Sandbox) -> None:
    kept = sandbox.write(f"{APP}/kept.py")
    for name in ("gone.py", "pkg/a.py", "pkg/sub/b.py"):
        sandbox.write(f"{APP}/{name}")
    sandbox.compile("-O", "0,1", APP)
    foreign = sandbox.write(f"{APP}/pkg/data.txt")
    for name in ("gone.py", "pkg/a.py", "pkg/sub/b.py"):
        os.unlink(sandbox.path(f"{APP}/{name}"))
    ran = sandbox.clean("--orphans", APP)
    assert (ran.status, ran.talk) == (0, "")
    left = {path for path, entry in sandbox.below(APP).items() if entry.kind != "directory"}
    assert left == {kept, pyc_of(kept), pyc_of(kept, 1), foreign}
    assert not sandbox.exists(f"{APP}/pkg/sub")
    assert sandbox.exists(f"{APP}/pkg")


def test_t18_orphans_never_take_a_pyc_only_module_or_a_foreign_name(sandbox: Sandbox) -> None:
    for name in ("only.pyc", "pkg/__init__.pyc", "__pycache__/notes.txt", "__pycache__/only.pyc", "so.cpython-311.so"):
        sandbox.write(f"{APP}/{name}", b"bytes")
    before = sandbox.below()
    assert sandbox.clean("--orphans", APP).status == 0
    assert differences(before, sandbox.below()) == []


def test_orphans_keep_the_directory_that_was_named(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    sandbox.compile(APP)
    os.unlink(sandbox.path(source))
    assert sandbox.clean("--orphans", APP).status == 0
    assert (sandbox.exists(APP), sandbox.below(APP)) == (True, {})


@pytest.mark.parametrize("others", [(), (APP,)])
def test_orphans_of_a_directory_that_is_not_there_are_an_error(sandbox: Sandbox, others: tuple[str, ...]) -> None:
    source = sandbox.write(f"{APP}/gone.py")
    sandbox.compile(APP)
    os.unlink(sandbox.path(source))
    ran = sandbox.clean(*(f"--orphans={one}" for one in (*others, "/opt/nothing")))
    assert ran.status == 2
    assert ran.of("/opt/nothing") == ("error", "no-source")
    assert "pkgtools-clean: /opt/nothing: no-source: no such file or directory" in ran.talk
    assert sandbox.exists(pyc_of(source)) is not bool(others)


def test_scripts_that_look_for_orphans_of_a_directory_that_went_say_nothing(sandbox: Sandbox) -> None:
    """A package's postrm names its private directory, which dpkg may have removed."""
    assert sandbox.clean("-q", "--orphans=/opt/nothing").talk == ""


def test_a_central_cache_may_have_orphans_of_a_directory_that_is_gone(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/gone.py")
    sandbox.compile("--cache-prefix", PREFIX, APP)
    shutil.rmtree(sandbox.path(APP))
    ran = sandbox.clean("--cache-prefix", PREFIX, "--orphans", APP)
    assert (ran.status, sandbox.exists(_central(source))) == (0, False)
    assert sandbox.clean("--cache-prefix", PREFIX, "--orphans", "/opt/nothing").status == 2


def test_t12_central_cache_is_laid_out_compiled_judged_and_cleaned(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/{name}") for name in ("m.py", "pkg/__init__.py", "pkg/sub/b.py")]
    sandbox.write(f"{PUBLIC}/p.py")
    sandbox.directory(f"{APP}/pkg/sub", 0o750, (0, 65533))
    sandbox.directory(PREFIX)
    before = sandbox.below()
    ran = sandbox.compile("--cache-prefix", PREFIX, "-O", "0,2", APP, PUBLIC)
    assert (ran.status, ran.talk) == (0, "")
    expected = {_central(s, level) for s in [*sources, f"{PUBLIC}/p.py"] for level in (0, 2)}
    assert sandbox.pycs("/") == expected
    found = sandbox.below(PREFIX)[f"{PREFIX}{APP}/pkg/sub"]
    assert (found.mode, found.uid, found.gid) == (0o750, 0, 65533)
    assert sandbox.compile("--cache-prefix", PREFIX, "-O", "0,2", APP, PUBLIC).summary == {"fresh": 8}
    cleaned = sandbox.clean("--cache-prefix", PREFIX, APP, PUBLIC)
    assert (cleaned.status, cleaned.talk) == (0, "")
    assert differences(before, sandbox.below()) == []


def test_t12_orphans_of_the_central_cache_go(sandbox: Sandbox) -> None:
    kept = sandbox.write(f"{APP}/kept.py")
    gone = [sandbox.write(f"{APP}/{name}") for name in ("gone.py", "pkg/a.py", "pkg/deep/er/b.py")]
    sandbox.directory(PREFIX)
    sandbox.compile("--cache-prefix", PREFIX, APP)
    for source in gone:
        os.unlink(sandbox.path(source))
    for directory in ("pkg/deep/er", "pkg/deep", "pkg"):
        os.rmdir(sandbox.path(f"{APP}/{directory}"))
    ran = sandbox.clean("--cache-prefix", PREFIX, "--orphans", APP)
    assert (ran.status, ran.talk) == (0, "")
    left = {path for path, entry in sandbox.below(PREFIX).items()}
    assert left == {f"{PREFIX}/opt", f"{PREFIX}{APP}", _central(kept)}


@pytest.mark.parametrize("prefix", ["", "/"], ids=["empty", "root"])
def test_t12_prefix_that_is_no_directory_of_its_own_is_a_usage_error(prefix: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    before = sandbox.below()
    for run in (sandbox.compile, sandbox.clean):
        ran = run("--cache-prefix", prefix, APP)
        assert (ran.status, ran.talk.count("\n"), "Traceback" in ran.talk) == (2, 1, False)
    assert differences(before, sandbox.below()) == []


def test_t12_source_directory_called_pycache_works_with_a_central_cache(sandbox: Sandbox) -> None:
    source = sandbox.write("/opt/__pycache__/m.py")
    sandbox.directory(PREFIX)
    how = ("--cache-prefix", PREFIX, "--from0", "-")
    assert sandbox.compile(*how, given=source.encode()).of(_central(source)) == ("compiled", "missing")
    assert sandbox.compile(*how, given=source.encode()).summary == {"fresh": 1}
    assert sandbox.clean(*how, given=source.encode()).status == 0
    assert sandbox.below(PREFIX) == {}


def test_t22_central_cache_that_others_can_write_is_refused(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    sandbox.directory(PREFIX, 0o1777)
    ran = sandbox.compile("--cache-prefix", PREFIX, APP)
    assert (ran.status, {(one.status, one.reason) for one in ran.told}) == (2, {("refused", "writable-by-others")})
    assert sandbox.below(PREFIX) == {}


OWNED = {
    "cache directory": ("pkg/sub/__pycache__", {"", "/pkg", "/pkg/sub", "/pkg/sub/__pycache__"}),
    "its parent": ("pkg/sub", {"", "/pkg", "/pkg/sub"}),
    "a directory further up": ("pkg", {"", "/pkg"}),
    "another directory": ("other", {""}),
}


@pytest.mark.parametrize("what", OWNED)
def test_t18_directory_that_a_package_owns_stays_and_so_do_those_above(what: str, sandbox: Sandbox) -> None:
    sandbox.write(pyc_of(f"{APP}/pkg/sub/gone.py"), b"bytes")
    directory, left = OWNED[what]
    know(sandbox, [f"{APP}/{directory}"])
    assert sandbox.clean("--orphans", APP).status == 0
    assert {APP, *sandbox.below(APP)} == {f"{APP}{path}" for path in left}


def test_dry_run_tells_no_directory_above_one_that_stays(sandbox: Sandbox) -> None:
    sandbox.write(pyc_of(f"{APP}/pkg/sub/gone.py"), b"bytes")
    sandbox.write(pyc_of(f"{APP}/other/gone.py"), b"bytes")
    know(sandbox, [f"{APP}/pkg/sub"])
    told = {one.path for one in sandbox.clean("--dry-run", "--orphans", APP).told if one.reason == "empty-directory"}
    assert told == {f"{APP}/pkg/sub/__pycache__", f"{APP}/other/__pycache__", f"{APP}/other"}


def test_no_directory_above_one_that_a_package_owns_goes(sandbox: Sandbox) -> None:
    sandbox.write(pyc_of(f"{APP}/a/b/c/d/gone.py"), b"bytes")
    tree, app = sandbox.tree(), InstalledPath(APP)
    places = [CleanPlace(app, InstalledPath(f"{APP}/a/b/c/d"))]

    def owned(paths: list[InstalledPath]) -> frozenset[InstalledPath]:
        return frozenset(path for path in paths if path == f"{APP}/a/b/c")

    plan = plan_clean(observe_places(tree, places)[0], orphans, owned, Above(app, partial(names_in, tree)))
    tree.close()
    assert [one.directory for one in plan.directories[1:]] == [f"{APP}/a/b/c/d"]


def test_place_that_is_refused_keeps_no_other_from_being_cleaned(sandbox: Sandbox) -> None:
    sandbox.write(pyc_of(f"{APP}/z/gone.py"), b"bytes")
    os.symlink("z", sandbox.path(f"{APP}/a"))
    os.lchown(sandbox.path(f"{APP}/a"), 1000, 1000)
    tree, app = sandbox.tree(), InstalledPath(APP)
    found, problems = observe_places(tree, [CleanPlace(app, InstalledPath(f"{APP}/{name}")) for name in "az"])
    tree.close()
    assert [(one.reason.value, one.path) for one in problems] == [("symlink", f"{APP}/a")]
    assert [one.place.directory for one in found] == [f"{APP}/z"]


def test_owners_are_asked_for_once_however_many_directories_go(sandbox: Sandbox) -> None:
    for number in range(7):
        sandbox.write(pyc_of(f"{APP}/a{number}/b/c/d/gone.py"), b"bytes")
    tree = sandbox.tree()
    app = InstalledPath(APP)
    places = [CleanPlace(app, InstalledPath(f"{APP}/a{number}/b/c/d")) for number in range(7)]
    asked: list[int] = []

    def owned(paths: list[InstalledPath]) -> frozenset[InstalledPath]:
        asked.append(len(paths))
        return frozenset()

    plan = plan_clean(observe_places(tree, places)[0], orphans, owned, Above(app, partial(names_in, tree)))
    tree.close()
    assert (len(plan.directories), asked) == (35, [42])


def test_t12_central_cache_that_compiling_made_goes_when_it_is_empty(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/m.py"), sandbox.write("/srv/app/n.py")]
    before = sandbox.below("/var/cache")
    sandbox.compile("--cache-prefix", PREFIX, APP, "/srv/app")
    assert sandbox.read(f"{PREFIX}/CACHEDIR.TAG").startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    assert sandbox.compile("--cache-prefix", PREFIX, APP).summary == {"fresh": 1}
    assert PREFIX not in sandbox.clean("--cache-prefix", PREFIX, APP).by_path()
    foretold = sandbox.clean("--cache-prefix", PREFIX, "--dry-run", "/srv/app")
    assert sandbox.exists(_central(sources[1]))
    done = sandbox.clean("--cache-prefix", PREFIX, "/srv/app")
    assert (done.status, done.of(PREFIX)) == (0, ("removed", "empty-directory"))
    assert [one.path for one in foretold.told] == [one.path for one in done.told]
    assert differences(before, sandbox.below("/var/cache")) == []


@pytest.mark.parametrize("content", [b"Signature: 8a477f597d28d172789f06886806bc55\n", b""], ids=["another's", "empty"])
def test_t12_central_cache_with_a_mark_of_others_stays(content: bytes, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    sandbox.write(f"{PREFIX}/CACHEDIR.TAG", content)
    sandbox.compile("--cache-prefix", PREFIX, APP)
    assert sandbox.clean("--cache-prefix", PREFIX, APP).status == 0
    assert sandbox.read(f"{PREFIX}/CACHEDIR.TAG") == content


def test_t12_central_cache_in_which_nothing_was_written_does_not_stay(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py", "def\n")
    before = sandbox.below("/var/cache")
    sandbox.compile("--cache-prefix", PREFIX, APP)
    assert differences(before, sandbox.below("/var/cache")) == []
