# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What scripts are planned to call: a table of it, and that the programs called understand what is meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pkgtools.model.manifest import BadSource, DeclaredPackage, Family, Strategy
from pkgtools.render.generate import TARGETS
from pkgtools.render.patterns import as_argument, private_pattern, public_pattern
from pkgtools.render.script_plan import Call, NamelessCalls, ScriptPlan, plan_nameless, plan_scripts
from pkgtools.runtime import stand_in as drop_in
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.options import Options, parse
from pkgtools.runtime.policy.configuration import (
    Exclusion,
    ExclusionKind,
    LeftPackage,
    PrivateDirectory,
    exclusion_of_option,
    parse_line,
    read_drop_ins,
)
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.runtime.system.trust import Tree
from tests.render import samples
from tests.render.samples import package, private

LIB = "/usr/(?:lib|lib64)/python3[^/]*/(?:dist|site)-packages/"
CENTRAL = "/usr/bin/pkgtools-compile --cache-prefix /var/cache/python"
PYZ = "/usr/lib/acme/pkgtools.pyz"
COMPILE, CLEAN = "/usr/bin/pkgtools-compile", "/usr/bin/pkgtools-clean"
TWO = (private("/usr/share/acme", "3.9-", ["old/"]), private("/opt/acme", plugins=True))

Row = tuple[DeclaredPackage, Family, list[str], list[str], list[str], list[str]]

ROWS: dict[str, Row] = {
    "trigger": (
        package(private=TWO),
        Family.DEB,
        [],
        [f"{COMPILE} /opt/acme", f"{CLEAN} -q --orphans=/opt/acme"],
        [f"{CLEAN} -q -p acme"],
        [f"{CLEAN} -q --orphans=/usr/share/acme --orphans=/opt/acme"],
    ),
    "trigger, public only": (package(), Family.RPM, [], [], [f"{CLEAN} -q -p acme"], []),
    "direct": (
        package(Strategy.DIRECT, private=TWO, levels=(0, 2), invalidation=InvalidationMode.CHECKED_HASH),
        Family.RPM,
        [
            f"{COMPILE} -O 0,2 --invalidation-mode checked-hash -p acme",
            f"{COMPILE} -O 0,2 --invalidation-mode checked-hash /opt/acme",
        ],
        [
            f"{COMPILE} -O 0,2 --invalidation-mode checked-hash /opt/acme",
            f"{CLEAN} -q --orphans=/opt/acme",
        ],
        [f"{CLEAN} -q -p acme"],
        [f"{CLEAN} -q --orphans=/usr/share/acme --orphans=/opt/acme"],
    ),
    "standalone": (
        package(Strategy.STANDALONE, private=TWO, exclude=["acme/t/"], bad_source=BadSource.FAIL),
        Family.DEB,
        [
            f"{PYZ} compile --strict -p acme -X {LIB}(?:acme/t/)",
            f"{PYZ} compile -X acme/t/ /opt/acme",
        ],
        [
            f"{PYZ} compile --strict -p acme -X {LIB}(?:acme/t/)",
            f"{PYZ} compile -X acme/t/ /opt/acme",
            f"{PYZ} clean -q --orphans=/opt/acme",
        ],
        [f"{PYZ} clean -q -p acme"],
        [],
    ),
    "cache-prefix, directories treated alike": (
        package(Strategy.CACHE_PREFIX, public=False, private=[private("/b"), private("/a", "3.11"), private("/c")]),
        Family.APK,
        [f"{CENTRAL} -p acme /b /c", f"{CENTRAL} -p acme -V 3.11 /a"],
        [f"{CENTRAL} -p acme /b /c", f"{CENTRAL} -p acme -V 3.11 /a"],
        [f"{CLEAN} --cache-prefix /var/cache/python -q -p acme", f"{CLEAN} -q -p acme"],
        [],
    ),
    "native": (
        package(Strategy.NATIVE, private=TWO, exclude=["acme/t/"]),
        Family.DEB,
        [
            "/usr/bin/py3compile -p acme",
            "/usr/bin/py3compile -p acme /usr/share/acme -V 3.9- -X acme/t/ -X old/",
            "/usr/bin/py3compile -p acme /opt/acme -X acme/t/",
        ],
        [],
        ["/usr/bin/py3clean -p acme"],
        [],
    ),
    "native elsewhere": (package(Strategy.NATIVE, private=TWO), Family.RPM, [], [], [], []),
    "shipped": (package(Strategy.SHIPPED, private=TWO), Family.DEB, [], [], [f"{CLEAN} -q -p acme"], []),
    "sourceless": (package(Strategy.SOURCELESS), Family.RPM, [], [], [], []),
    "cache-prefix": (
        package(Strategy.CACHE_PREFIX, bad_source=BadSource.IGNORE, cache_prefix="/c"),
        Family.RPM,
        [f"{COMPILE} --cache-prefix /c -q -p acme"],
        [f"{COMPILE} --cache-prefix /c -q -p acme"],
        [f"{CLEAN} --cache-prefix /c -q -p acme", f"{CLEAN} -q -p acme"],
        [],
    ),
    "none": (package(Strategy.NONE), Family.ALPM, [], [], [], []),
}


def lines(calls: tuple[Call, ...]) -> list[str]:
    return [" ".join(call.words) for call in calls]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_calls_are_these(row: Row) -> None:
    declared, family, on_install, on_trigger, before_removal, after_removal = row
    plan = plan_scripts(declared, family)
    assert lines(plan.on_install) == on_install
    assert lines(plan.on_trigger) == on_trigger
    assert lines(plan.before_removal) == before_removal
    assert lines(plan.after_removal) == after_removal


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("strategy", Strategy)
def test_interpreters_are_watched_where_pkgtools_runtime_does_not(strategy: Strategy, family: Family) -> None:
    plan = plan_scripts(package(strategy, private=TWO), family)
    assert plan.watches_interpreters == (strategy in {Strategy.STANDALONE, Strategy.CACHE_PREFIX})
    assert (plan.embedded is not None) == (strategy is Strategy.STANDALONE)
    assert plan.is_built == (strategy in {Strategy.SHIPPED, Strategy.SOURCELESS})


def parsed(call: Call) -> Options:
    """Read a call's arguments as the program does that it calls."""
    name = call.program.rpartition("/")[2]
    if name == "pkgtools.pyz":
        return parse(call.arguments[0], list(call.arguments[1:]))
    if name == "py3compile":
        options = drop_in.parse_py3compile(list(call.arguments), None, None)
        assert options is not None
        return options
    if name == "py3clean":
        return drop_in.parse_py3clean(list(call.arguments), None)
    return parse(name.removeprefix("pkgtools-"), list(call.arguments))


def calls_of(plan: ScriptPlan) -> list[Call]:
    return [*plan.on_install, *plan.on_trigger, *plan.before_removal, *plan.after_removal]


def nameless_calls_of(nameless: NamelessCalls | None) -> list[Call]:
    if nameless is None:
        return []
    named = Call(
        program=nameless.compile_named.program, arguments=(*nameless.compile_named.arguments, "/usr/lib/python3")
    )
    listed = [nameless.compile_listed, nameless.clean_listed, named]
    return [*listed, *nameless.compile_directories, *nameless.clean_orphans]


@given(declared=samples.packages(), family=st.sampled_from(Family))
@example(declared=package(Strategy.CACHE_PREFIX, public=False, private=[private(exclude=["-old/"])]), family=Family.DEB)
@example(declared=package(Strategy.NATIVE, exclude=["acme/t/"]), family=Family.DEB)
def test_programs_understand_what_they_are_called_with(declared: DeclaredPackage, family: Family) -> None:
    plan = plan_scripts(declared, family)
    for call in (*calls_of(plan), *nameless_calls_of(plan_nameless(plan))):
        options = parsed(call)
        assert options.root == "/"
        assert set(options.paths) <= {one.directory for one in declared.private} | {"/usr/lib/python3"}
        assert options.packages in {(), (plan.name,)}
        if options.command == "compile" and call.program.rpartition("/")[2] != "py3compile":
            assert (options.levels or (0,)) == declared.levels
            assert (options.mode or InvalidationMode.TIMESTAMP) is declared.invalidation
            plugins = {one.directory for one in declared.private if one.plugins}
            own = not plugins.intersection(options.paths)
            assert options.strict == (declared.bad_source is BadSource.FAIL and own)
            assert (options.verbosity < 0) == (declared.bad_source is BadSource.IGNORE)
        beside = options.cache_prefix is None
        assert beside == (declared.variants[family].strategy is not Strategy.CACHE_PREFIX) or options.command == "clean"


@given(declared=samples.packages(), family=st.sampled_from(Family))
def test_each_private_directory_is_compiled_for_its_own_versions(declared: DeclaredPackage, family: Family) -> None:
    plan = plan_scripts(declared, family)
    if plan.strategy is not Strategy.CACHE_PREFIX:
        return
    done = {path: options for options in map(parsed, plan.on_install) for path in options.paths}
    assert done.keys() == {one.directory for one in declared.private}
    for one in declared.private:
        versions = done[one.directory].versions
        assert versions == (parse_version_range(one.versions) if one.versions else None)
        assert done[one.directory].packages == (() if one.plugins else (plan.name,))
        assert sorted(done[one.directory].exclude) == sorted(map(as_argument, (*declared.exclude, *one.exclude)))


@given(declared=samples.packages(), family=st.sampled_from(Family))
def test_drop_in_is_read_back_without_a_problem(declared: DeclaredPackage, family: Family) -> None:
    plan = plan_scripts(declared, family)
    entries = [parse_line(line, ours=plan.strategy is not Strategy.NATIVE) for line in plan.drop_in]
    registered = [entry for entry in entries if isinstance(entry, PrivateDirectory)]
    if plan.strategy in {Strategy.TRIGGER, Strategy.DIRECT, Strategy.STANDALONE}:
        assert [(one.directory, one.versions) for one in registered] == [
            (one.directory, parse_version_range(one.versions)) for one in declared.private
        ]
        private_ones = sum(len(declared.exclude) + len(one.exclude) for one in declared.private)
        public_ones = len(declared.exclude) if declared.public and plan.strategy is not Strategy.STANDALONE else 0
        assert len(entries) - len(registered) == private_ones + public_ones
    elif plan.strategy is Strategy.NATIVE and family is Family.DEB and declared.public:
        assert len(entries) == len(declared.exclude)
    elif plan.strategy in {Strategy.NONE, Strategy.CACHE_PREFIX} and family in {Family.DEB, Family.RPM}:
        assert entries == ([LeftPackage(plan.name, plan.strategy.value)] if declared.public else [])
    else:
        assert entries == []


@pytest.mark.parametrize("strategy", [Strategy.TRIGGER, Strategy.NATIVE])
def test_system_reads_the_drop_in_file(strategy: Strategy, tmp_path: Path) -> None:
    declared = package(
        strategy, private=[private(path, exclude=["a|b", " "]) for path in samples.HOSTILE], exclude=["acme/t/"]
    )
    files = samples.render(TARGETS["deb"], declared)
    folder = "acme/root"
    for path, file in files.items():
        if path.startswith(folder):
            target = tmp_path / path.removeprefix(f"{folder}/")
            target.parent.mkdir(parents=True)
            target.write_bytes(file.content)
    tree = Tree(str(tmp_path), frozenset({0, tmp_path.stat().st_uid}))
    found = read_drop_ins(tree)
    tree.close()
    assert found.problems == ()
    if strategy is Strategy.TRIGGER:
        assert found.directories() == samples.HOSTILE
        assert len(found.exclusions) == 3 * len(samples.HOSTILE) + 1
    else:
        assert [(one.kind, one.place) for one in found.exclusions] == [
            (ExclusionKind.PATTERN, "/usr/lib/python3/dist-packages")
        ]


LIBRARIES = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib/python3.12/site-packages",
    "/usr/lib64/python3.12/site-packages",
    "/usr/lib/python3.9/dist-packages",
)
INTENDED = {
    "acme/tests/": {"acme/tests/a.py", "acme/tests/b/c.py"},
    "^acme/tests/": {"acme/tests/a.py", "acme/tests/b/c.py"},
    r"\Aacme/tests/a": {"acme/tests/a.py"},
    "(?i)ACME/TESTS/": {"acme/tests/a.py", "acme/tests/b/c.py"},
    "acme/tests/a|acme/x": {"acme/tests/a.py", "acme/x.py"},
    "^acme/tests/a|^acme/x": {"acme/tests/a.py", "acme/x.py"},
    r"acme/x\.py$": {"acme/x.py"},
    r"acme/[^/]+\.py": {"acme/x.py", "acme/y.py", "acme/-z.py"},
    r"acme/([xy])\.p\Z|acme/(y)\.py": {"acme/y.py"},
    r"(a)cme/tests/\1": {"acme/tests/a.py"},
    "tests/": set[str](),
    "": {"acme/tests/a.py", "acme/tests/b/c.py", "acme/x.py", "acme/y.py", "acme/-z.py"},
}
MODULES = INTENDED[""]


def covered(exclusions: tuple[Exclusion, ...], place: str) -> set[str]:
    return {name for name in MODULES if any(one.covers(InstalledPath(f"{place}/{name}")) for one in exclusions)}


@pytest.mark.parametrize("place", LIBRARIES)
@pytest.mark.parametrize("pattern", INTENDED)
def test_pattern_leaves_out_the_public_modules_that_were_meant(pattern: str, place: str) -> None:
    plan = plan_scripts(package(Strategy.STANDALONE, exclude=[pattern]), Family.DEB)
    option = parsed(plan.on_install[0]).exclude[0]
    assert covered(exclusion_of_option(option, ()), place) == INTENDED[pattern]
    [line] = plan_scripts(package(exclude=[pattern]), Family.DEB).drop_in
    entry = parse_line(line, ours=True)
    assert isinstance(entry, Exclusion)
    assert covered((entry,), place) == INTENDED[pattern]
    assert covered((entry,), "/usr/share/acme") == covered((entry,), f"/usr{place}") == set()
    if place == LIBRARIES[0]:
        [line] = plan_scripts(package(Strategy.NATIVE, exclude=[pattern]), Family.DEB).drop_in
        entry = parse_line(line, ours=False)
        assert isinstance(entry, Exclusion)
        assert covered((entry,), place) == INTENDED[pattern]


@pytest.mark.parametrize("place", ["/usr/share/acme", "/opt/it's (a+b) [x] 100%"])
@pytest.mark.parametrize("pattern", INTENDED)
def test_pattern_leaves_out_the_private_modules_that_were_meant(pattern: str, place: str) -> None:
    declared = package(Strategy.CACHE_PREFIX, public=False, private=[private(place, exclude=[pattern])])
    options = parsed(plan_scripts(declared, Family.DEB).on_install[0])
    assert covered(exclusion_of_option(options.exclude[0], options.paths), place) == INTENDED[pattern]
    declared = package(public=False, private=[private(place, exclude=[pattern])])
    entries = [parse_line(line, ours=True) for line in plan_scripts(declared, Family.DEB).drop_in]
    exclusions = tuple(entry for entry in entries if isinstance(entry, Exclusion))
    assert covered(exclusions, place) == INTENDED[pattern]
    assert covered(exclusions, "/usr/lib/python3/dist-packages") == set()
    at_build = re.compile(private_pattern(InstalledPath(place), pattern))
    assert {name for name in MODULES if at_build.match(f"{place}/{name}")} == INTENDED[pattern]


@pytest.mark.parametrize("pattern", ["/usr/lib/python3/dist-packages/acme/x", "/opt/x"])
def test_pattern_for_whole_paths_stays_as_it_is(pattern: str) -> None:
    assert public_pattern(pattern) == private_pattern(InstalledPath("/opt"), pattern) == pattern


def test_pattern_with_a_dash_in_front_is_no_option() -> None:
    declared = package(Strategy.CACHE_PREFIX, public=False, private=[private(exclude=["-z/", "--help"])])
    options = parsed(plan_scripts(declared, Family.DEB).on_install[0])
    paths = [f"/usr/share/acme/{name}" for name in ("-z/a.py", "--help", "z/a.py")]
    exclusions = [one for pattern in options.exclude for one in exclusion_of_option(pattern, options.paths)]
    assert [any(one.covers(InstalledPath(path)) for one in exclusions) for path in paths] == [True, True, False]


def test_pattern_that_fits_behind_nothing_is_an_error() -> None:
    with pytest.raises(UsageError, match="can't be matched below a directory"):
        public_pattern("(?x)acme/ # the rest is a comment")
