# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Real builds: source packages through dpkg-buildpackage, with the debhelper of two releases."""

from __future__ import annotations

import re

import pytest

from tests.debhelper.conftest import BUILD_ROOTS, BuildIn, Builds
from tests.debhelper.pybuild_sources import BACKENDS
from tests.debhelper.sources import DIST, LEVELS, STRATEGIES
from tests.lab.source_builds import Deb

pytestmark = [pytest.mark.system, pytest.mark.slow]

PUBLIC = f"/{DIST}"


@pytest.fixture(scope="session", params=BUILD_ROOTS)
def builds(request: pytest.FixtureRequest, build_in: BuildIn) -> Builds:
    """Return what came of all source packages in one release."""
    return build_in(request.param)


def scripts(deb: Deb) -> set[str]:
    return set(deb.control) & {"preinst", "postinst", "prerm", "postrm", "triggers"}


def test_public_modules_from_three_places_and_scripts(builds: Builds) -> None:
    deb = builds.deb("kinds", "python3-alpha")
    assert deb.files == {
        "/usr/bin/alpha-shell": "0755",
        "/usr/bin/alpha-tool": "0755",
        f"{PUBLIC}/Alpha-1.0.egg-info/PKG-INFO": "0644",
        f"{PUBLIC}/alone.py": "0644",
        f"{PUBLIC}/alpha/__init__.py": "0644",
        f"{PUBLIC}/alpha/deep/module.py": "0644",
        f"{PUBLIC}/space/part/__init__.py": "0644",
    }
    assert not {path for path in deb.directories if "local" in path or "python3." in path}
    assert deb.depends == {"pkgtools-runtime", "python3:any"}
    assert scripts(deb) == {"prerm"}
    assert deb.read("/usr/bin/alpha-tool").startswith("#! /usr/bin/python3\n")
    assert deb.read("/usr/bin/alpha-shell").startswith("#!/bin/sh\n")


def test_private_directories(builds: Builds) -> None:
    deb, version = builds.deb("kinds", "alpha-app"), builds.python
    assert deb.read("/usr/share/pkgtools/private.d/alpha-app.conf").splitlines()[1:] == [
        "compile||/opt/alpha-app/lib",
        "compile||/usr/lib/alpha-app",
        f"compile|{version}|/usr/share/alpha-app",
    ]
    assert deb.depends == {"pkgtools-runtime", "python3:any", f"python{version}:any"}
    assert scripts(deb) == {"prerm", "postrm"}
    assert deb.read("/usr/share/alpha-app/main.py").startswith(f"#! /usr/bin/python{version}\n")
    assert deb.read("/usr/bin/alpha-app").startswith("#! /usr/bin/python3 -E\n")


def stable(tag: str) -> str:
    """Return the name of a module of the stable ABI: from 3.13 on interpreters load one with the architecture."""
    return "stable.abi3-x86_64-linux-gnu.so" if int(tag) >= 313 else "stable.abi3.so"


def test_extension_modules_get_their_tag(builds: Builds) -> None:
    deb, tag = builds.deb("kinds", "python3-fast"), builds.tag
    names = {f"fast.cpython-{tag}-x86_64-linux-gnu.so", stable(tag), "slow.py"}
    assert {path.removeprefix(f"{PUBLIC}/") for path in deb.files} == names
    major, minor = builds.python.split(".")
    assert f"python3 (<< {major}.{int(minor) + 1})" in deb.depends
    assert {"pkgtools-runtime", "python3:any"} < deb.depends


def test_debug_package_keeps_extension_modules_only(builds: Builds) -> None:
    deb, tag = builds.deb("kinds", "python3-fast-dbg"), builds.tag
    files = {path for path in deb.files if "/debug/" not in path}
    assert files == {f"{PUBLIC}/fast.cpython-{tag}d-x86_64-linux-gnu.so", f"{PUBLIC}/{stable(tag)}"}
    assert {relation.partition(" ")[0] for relation in deb.depends} == {"python3-dbg"}
    assert not scripts(deb)


def test_files_of_the_maintainer_are_obeyed(builds: Builds) -> None:
    deb = builds.deb("kinds", "python3-listed")
    info = f"{PUBLIC}/listed-1.0.dist-info"
    assert set(deb.files) == {
        *(f"{info}/{name}" for name in ("INSTALLER", "METADATA", "entry_points.txt")),
        *(f"{PUBLIC}/{name}.py" for name in ("acme/sub/two", "kept/b", "never", "src/four", "src/one")),
        "/usr/share/python3/bcep/python3-listed",
        "/usr/share/python3/dist/python3-listed",
    }
    assert deb.read(f"{info}/INSTALLER") == "debian\n"
    assert {"python3-by-override (>= 1.2)", "python3-by-override (<< 3)", "python3-of-old"} < deb.depends
    assert not {relation for relation in deb.depends if "colorama" in relation or "setuptools" in relation}
    assert any(relation.startswith("python3-packaging") for relation in deb.depends)
    assert "Recommends" not in deb.fields


def test_package_that_asks_for_no_relation_gets_none(builds: Builds) -> None:
    assert builds.deb("kinds", "alpha-misc").depends == set()
    assert "package alpha-misc nowhere mentions ${pkgtools:Depends}" in builds["kinds"].log


def test_package_without_python_gets_nothing(builds: Builds) -> None:
    for deb in (builds.deb("kinds", "alpha-doc"), builds.deb("plain", "plain")):
        assert "Depends" not in deb.fields
        assert not scripts(deb)


def test_helper_is_skipped_where_there_is_nothing_at_all(builds: Builds) -> None:
    called = {name: "   dh_pkgtools" in builds[name].log for name in ("plain", "nothing")}
    assert called == {"plain": True, "nothing": False}
    assert builds["nothing"].succeeded


@pytest.mark.parametrize("what", ["indep", "arch"])
def test_half_a_build_makes_the_same_packages(builds: Builds, what: str) -> None:
    whole, half = builds["kinds"].debs, builds[f"kinds-{what}"].debs
    wanted = {name for name, deb in whole.items() if (deb.fields["Architecture"] == "all") == (what == "indep")}
    assert set(half) == wanted
    for name, deb in half.items():
        assert (deb.files, deb.depends, scripts(deb)) == (
            whole[name].files,
            whole[name].depends,
            scripts(whole[name]),
        )


CHOICES: dict[str, tuple[set[str], set[str]]] = {
    "trigger": ({"pkgtools-runtime"}, {"prerm"}),
    "direct": ({"pkgtools-runtime"}, {"postinst", "prerm"}),
    "standalone": ({"python3"}, {"postinst", "prerm", "triggers"}),
    "native": ({"python3"}, {"postinst", "prerm"}),
    "shipped": (set(), {"prerm"}),
    "sourceless": (set(), set()),
    "cache-prefix": ({"pkgtools-runtime"}, {"postinst", "prerm", "triggers"}),
    "none": (set(), set()),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_strategy_by_an_option(builds: Builds, strategy: str) -> None:
    deb = builds.deb("choices", f"choice-{strategy}")
    needs, has = CHOICES[strategy]
    versions = {relation for relation in deb.depends if relation.startswith("python3 (")}
    assert deb.depends - versions == {"python3:any", *needs}
    assert bool(versions) == (strategy == "sourceless")
    assert scripts(deb) == has
    source = f"{PUBLIC}/choice_{strategy.replace('-', '_')}.py"
    assert (source in deb.files) == (strategy != "sourceless")
    assert (f"{source}c" in deb.files) == (strategy == "sourceless")
    assert any("__pycache__" in path for path in deb.files) == (strategy == "shipped")


def test_options_in_an_override(builds: Builds) -> None:
    deb = builds.deb("choices", "choice-options")
    assert deb.read("/usr/bin/choice-options").startswith("#! /usr/bin/python3 -s\n")
    assert deb.depends == {"pkgtools-runtime", "python3:any (>= 3.9~)", "python3-packaging"}
    assert deb.fields["Suggests"] == "python3-wheel"
    assert "setuptools" in deb.fields["Recommends"] or "pkg-resources" in deb.fields["Recommends"]
    assert "/usr/share/pkgtools/private.d/choice-options.conf" not in deb.files


def test_directories_of_one_package_by_several_calls(builds: Builds) -> None:
    deb = builds.deb("choices", "choice-dirs")
    lines = deb.read("/usr/share/pkgtools/private.d/choice-dirs.conf").splitlines()[1:]
    assert sorted(lines) == [
        "compile|3.9-|/opt/dirs",
        "compile||/opt/choice-dirs",
        r"exclude||/opt/dirs|template\.py",
    ]


def test_remaining_packages_are_those_that_no_call_has_done(builds: Builds) -> None:
    debs = builds["choices"].debs
    assert f"{PUBLIC}/choice_left.py" in debs["choice-left"].files
    assert f"/usr/lib/python{builds.python}/dist-packages/choice_alone.py" in debs["choice-alone"].files
    scripts_of_one = debs["choice-direct"].control["postinst"]
    assert scripts_of_one.count("Automatically added by dh_pkgtools") == 1


def test_verbose_build_tells_what_is_done(builds: Builds) -> None:
    log, old = builds["choices"].log, f"usr/lib/python{builds.python}/dist-packages"
    assert f"choice-left: move {old}/choice_left.py to {DIST}/choice_left.py" in log
    assert ": move " not in builds["kinds"].log


def test_versions_manifest_and_options_of_the_environment(builds: Builds) -> None:
    debs = builds["ranged"].debs
    assert set(debs) == {"python3-ranged", "ranged-declared"}
    for deb in debs.values():
        assert deb.depends == {"pkgtools-runtime", "python3:any (>= 3.9~)"}
    assert "pkgtools-compile -p ranged-declared" in debs["ranged-declared"].control["postinst"]
    assert scripts(debs["python3-ranged"]) == {"prerm"}
    assert debs["python3-ranged"].read(f"{PUBLIC}/ranged.py").endswith("\nprint\n")


def test_no_act_changes_nothing(builds: Builds) -> None:
    built = builds["ranged"]
    assert built.read("before") == built.read("after")
    assert "python3-ranged: prerm: strategy trigger\n" in built.read("no-act")
    assert built.read("no-act") == built.read("no-act-option")


@pytest.mark.parametrize("level", LEVELS)
def test_levels_of_debhelper(builds: Builds, level: int) -> None:
    deb = builds.deb(f"level-{level}", "python3-level")
    assert deb.files == {f"{PUBLIC}/level.py": "0644"}
    assert deb.depends == {"pkgtools-runtime", "python3:any"}
    assert scripts(deb) == {"prerm"}
    assert "#DEBHELPER#" not in deb.control["prerm"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_backends_by_pybuild(builds: Builds, backend: str) -> None:
    deb = builds.deb(f"by-{backend}", f"python3-by-{backend}")
    info = f"{PUBLIC}/by_{backend}-1.0.dist-info"
    extension = f"_fast.cpython-{builds.tag}-x86_64-linux-gnu.so"
    own = {f"{PUBLIC}/by_setuptools/{extension}", f"{info}/top_level.txt"} if backend == "setuptools" else set()
    assert set(deb.files) == {
        f"/usr/bin/by-{backend}",
        f"{PUBLIC}/by_{backend}/__init__.py",
        *(f"{info}/{name}" for name in ("INSTALLER", "METADATA", "entry_points.txt")),
        *own,
    }
    assert {"pkgtools-runtime", "python3:any", "python3-packaging"} <= deb.depends
    first = deb.read(f"/usr/bin/by-{backend}").partition("\n")[0]
    assert re.fullmatch(r"#! ?/usr/bin/python3", first)


EXPLAINED = re.compile(
    r"-py3\.\d+\.egg-info/|\.dist-info/(?:RECORD|WHEEL|direct_url\.json)$|\.rtupdate$|Alpha-1\.0\.egg-info/|/\.coverage$"
)
"""Files where dh_python3 of one of the releases leaves what it takes away, or renames, otherwise."""


def _without_lower_bound(relations: frozenset[str] | set[str]) -> set[str]:
    """Leave out how far python3 goes back: dh_python3 says 3 where there is a module of the stable ABI, too."""
    return {one for one in relations if not re.fullmatch(r"python3 \(>= 3(\.\d+)?~\)", one)}


def test_compat_makes_the_packages_that_dh_python3_makes(builds: Builds) -> None:
    if builds.python == "3.14":
        pytest.skip("dh_python3 7 refuses to build a package that has a module called tests")
    theirs, ours = builds["compared-theirs"].debs, builds["compared-ours"].debs
    assert set(theirs) == set(ours)
    for name, deb in theirs.items():
        own = ours[name]
        different = {item[0] for item in deb.files.items() ^ own.files.items()}
        assert not {path for path in different if not EXPLAINED.search(path)}
        assert scripts(deb) == scripts(own)
        assert {script: calls(deb, script) for script in scripts(deb)} == {
            script: calls(own, script) for script in scripts(own)
        }
        if name != "python3-listed":  # where ranges of overrides and markers decide, and dh_python3 is wrong
            assert _without_lower_bound(deb.depends) == _without_lower_bound(own.depends)
        update = f"/usr/share/python3/runtime.d/{name}.rtupdate"
        if update in deb.files:
            assert deb.read(update).replace(" || true", "") == own.read(update).replace(" || true", "")


def calls(deb: Deb, script: str) -> list[str]:
    lines = (line.strip() for line in deb.control[script].splitlines())
    return [line for line in lines if line and not line.startswith("# ")]


def test_strict_build_fails_and_names_the_line(builds: Builds) -> None:
    built = builds["lossy"]
    assert not built.succeeded
    assert re.search(r"dh_pkgtools: lost: debian/python3-lossy/.*/METADATA:4: .*there", built.log)


def test_bad_field_fails_the_build_and_names_the_line(builds: Builds) -> None:
    built = builds["bad-range"]
    assert not built.succeeded
    assert "dh_pkgtools: error: debian/control:8: X-Python3-Version: 'new'" in built.log
