# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What files ask of the interpreter, as relations and as calls of py3compile."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pkgtools.debhelper.main import parse
from pkgtools.debhelper.records import Modules, Shebang, TreeContents
from pkgtools.debhelper.requirements.depends import Demand, interpreter_notes, interpreter_relations
from pkgtools.debhelper.scripts.snippets import compat_scripts, update_script
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.version_range import parse_version_range
from tests.debhelper.trees import PYTHONS

PRIVATE = InstalledPath("/usr/share/foo")
OLD, NEW = Minor(3, 11), Minor(3, 12)


def modules(
    *, compiles: bool = False, shebangs: Iterable[str] = (), versions: Iterable[Minor] = (), untagged: bool = False
) -> Modules:
    return Modules(
        compile=compiles,
        shebangs=frozenset(Shebang(path=f"/usr/bin/python{v}", version=v, debug=False) for v in shebangs),
        extension_versions=frozenset(versions),
        untagged_extensions=frozenset({"usr/share/foo/x.so"} if untagged else ()),
    )


def demand(
    public: Modules | None = None,
    private: Modules | None = None,
    *,
    versions: str | None = None,
    package: str = "foo",
    public_versions: Iterable[Minor] = (),
    dev: bool = True,
) -> Demand:
    found = TreeContents(
        public=public or modules(),
        public_versions=frozenset(public_versions),
        private={PRIVATE: private} if private else {},
        requires_txt=(),
        egg_info=(),
        dist_info=(),
        notes=(),
    )
    return Demand(
        package=package,
        found=found,
        versions=parse_version_range(versions) if versions else None,
        pythons=PYTHONS,
        build_depends={"python3-all-dev": ""} if dev else {},
    )


CASES = {
    "nothing": (demand(), []),
    "modules": (demand(modules(compiles=True)), ["python3:any"]),
    "modules from a version on": (
        demand(modules(compiles=True), versions="3.10-"),
        ["python3:any", "python3:any (>= 3.10~)"],
    ),
    "modules for a range": (
        demand(modules(compiles=True), versions="3.10-3.13"),
        ["python3:any", "python3:any (<< 3.13)", "python3:any (>= 3.10~)"],
    ),
    "modules for one": (demand(modules(compiles=True), versions="3.11"), ["python3.11", "python3:any"]),
    "extensions": (demand(modules(versions=[OLD])), ["python3 (<< 3.12)", "python3 (>= 3.11~)"]),
    "extensions of two versions": (
        demand(modules(versions=[OLD, NEW], compiles=True)),
        ["python3 (<< 3.13)", "python3 (>= 3.11~)", "python3:any"],
    ),
    "extensions of a later version": (demand(modules(versions=[NEW])), ["python3 (<< 3.13)"]),
    "scripts": (demand(modules(shebangs=["3", "3.11"])), ["python3.11:any", "python3:any"]),
    "private modules": (demand(private=modules(compiles=True)), ["python3:any"]),
    "private script of a version": (
        demand(private=modules(compiles=True, shebangs=["3.12"])),
        ["python3.12:any", "python3:any"],
    ),
    "private script of a lacking version": (demand(private=modules(compiles=True, shebangs=["3.7"])), ["python3:any"]),
    "private extensions": (
        demand(private=modules(versions=[OLD])),
        ["python3 (<< 3.12)", "python3 (>= 3.11~)"],
    ),
    "private extensions of no version": (
        demand(private=modules(untagged=True)),
        ["python3 (<< 3.12)", "python3 (>= 3.11~)"],
    ),
    "private libraries that Python isn't needed for": (demand(private=modules(untagged=True), dev=False), []),
    "extensions for all versions": (demand(modules(untagged=True)), ["python3 (>= 3~)"]),
    "extensions for all versions and for one": (
        demand(modules(untagged=True, versions=[OLD])),
        ["python3 (<< 3.12)", "python3 (>= 3.11~)"],
    ),
    "debug package": (
        demand(modules(versions=[OLD]), package="foo-dbg"),
        ["python3-dbg (<< 3.12)", "python3-dbg (>= 3.11~)"],
    ),
    "directories of a version": (
        demand(public_versions=[NEW], versions="3.10-"),
        ["python3:any (>= 3.10~)"],
    ),
}


@pytest.mark.parametrize(("case", "relations"), CASES.values(), ids=CASES)
def test_relations_to_the_interpreter(case: Demand, relations: list[str]) -> None:
    assert list(interpreter_relations(case)) == relations


def test_script_of_a_lacking_version_is_told() -> None:
    (note,) = interpreter_notes(demand(private=modules(shebangs=["3.7"])))
    assert note.loss
    assert "3.7" in note.text


@pytest.mark.parametrize(
    ("case", "arguments", "calls"),
    [
        pytest.param(demand(modules(compiles=True)), [], [""], id="public"),
        pytest.param(demand(modules(compiles=True), versions="3.10-"), [], ["-V 3.10-"], id="range"),
        pytest.param(demand(private=modules(compiles=True)), [], [PRIVATE], id="private"),
        pytest.param(
            demand(private=modules(compiles=True), versions="3.10-"), [], [f"{PRIVATE} -V 3.10-"], id="private range"
        ),
        pytest.param(
            demand(private=modules(compiles=True, shebangs=["3.12"]), versions="3.10-"),
            [],
            [f"{PRIVATE} -V 3.12"],
            id="script's version",
        ),
        pytest.param(
            demand(private=modules(compiles=True, shebangs=["3.12"])),
            ["--ignore-shebangs"],
            [PRIVATE],
            id="script's version ignored",
        ),
        pytest.param(
            demand(private=modules(compiles=True, untagged=True)), [], [f"{PRIVATE} -V 3.11"], id="untagged extension"
        ),
        pytest.param(
            demand(private=modules(compiles=True, versions=[OLD, NEW])),
            [],
            [f"{PRIVATE} -V 3.11-3.12"],
            id="extensions of two versions",
        ),
        pytest.param(
            demand(modules(compiles=True), modules(compiles=True)),
            ["-X", "it's"],
            ["", f"{PRIVATE} -X 'it'\\''s'"],
            id="exclusions for private ones",
        ),
        pytest.param(demand(private=modules(shebangs=["3"])), [], [], id="nothing to compile"),
    ],
)
def test_calls_of_py3compile(case: Demand, arguments: list[str], calls: list[str]) -> None:
    assert list(compat_scripts(case, parse(arguments, {})).compile) == calls


def test_update_script_cleans_and_compiles() -> None:
    scripts = compat_scripts(demand(private=modules(compiles=True), versions="3.10-"), parse([], {}))
    text = update_script("foo", scripts.updates, None, compile_all=False)
    assert text.splitlines() == [
        "#! /bin/sh",
        "set -e",
        "",
        'if [ "$1" = rtupdate ]; then',
        "\tpy3clean -p foo /usr/share/foo",
        "\tpy3compile -p foo -V 3.10- /usr/share/foo || true",
        "fi",
    ]
    assert update_script("foo", scripts.updates, text, compile_all=False) == text
