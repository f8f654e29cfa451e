# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The dependency generator on made-up distributions, by its function and as rpmbuild runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pkgtools.rpmbuild.distdeps import DependencyQuestion, MetadataError, answer, version_of

PROVIDES = DependencyQuestion(provides=True, default="3.11")
REQUIRES = DependencyQuestion(provides=False)
ABI = "python(abi) = 3.11"


def make(
    root: Path,
    *requires: str,
    name: str = "Zope.Interface",
    version: str = "5.0",
    extras: tuple[str, ...] = (),
    where: str = "usr/lib/python3.11/site-packages",
) -> str:
    """Make a dist-info and return its path."""
    info = root / where / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras] + [f"Requires-Dist: {one}" for one in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(info)


def test_distribution_provides_its_name_for_its_python_and_for_the_major_version(tmp_path: Path) -> None:
    assert answer([make(tmp_path)], PROVIDES) == [
        "python3.11dist(zope-interface) = 5",
        "python3dist(zope-interface) = 5",
    ]


def test_major_version_is_the_default_interpreters_alone(tmp_path: Path) -> None:
    """What requires python3dist(x) is to be imported by /usr/bin/python3."""
    other = make(tmp_path, where="usr/lib64/python3.13/site-packages")
    assert answer([other], PROVIDES) == ["python3.13dist(zope-interface) = 5"]
    assert answer([other], PROVIDES._replace(default="")) == ["python3.13dist(zope-interface) = 5"]


@pytest.mark.parametrize("name", ["dist-packages", "site-packages"])
def test_metadata_beside_modules_for_every_version_are_the_default_interpreters(name: str, tmp_path: Path) -> None:
    info = make(tmp_path, "a; python_version < '3.12'", where=f"usr/lib/python3/{name}")
    assert answer([info], PROVIDES) == ["python3.11dist(zope-interface) = 5", "python3dist(zope-interface) = 5"]
    assert answer([info], REQUIRES._replace(default="3.11")) == [ABI, "python3.11dist(a)"]
    with pytest.raises(MetadataError, match="for which Python"):
        answer([info], REQUIRES)


@pytest.mark.parametrize("version", ["0", "0.0.0"])
def test_version_zero_breaks_the_build_unless_it_is_allowed(version: str, tmp_path: Path) -> None:
    info = make(tmp_path, version=version)
    with pytest.raises(MetadataError, match="_python_dist_allow_version_zero"):
        answer([info], PROVIDES)
    assert answer([info], PROVIDES._replace(allow_zero=True))[0] == "python3.11dist(zope-interface) = 0"


def test_version_of_an_interpreter_is_in_the_name_that_its_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "python3.12").touch()
    (tmp_path / "python3").symlink_to("python3.12")
    assert version_of(str(tmp_path / "python3")) == "3.12"
    script = tmp_path / "mine"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    script.chmod(0o755)
    assert version_of(str(script)) == "{}.{}".format(*sys.version_info)
    with pytest.raises(MetadataError, match=r"%pkgtools_python is .*none"):
        version_of(str(tmp_path / "none"))


def test_name_may_keep_its_dots(tmp_path: Path) -> None:
    legacy = PROVIDES._replace(legacy_names=True)
    assert answer([make(tmp_path)], legacy)[0] == "python3.11dist(zope.interface) = 5"


def test_both_forms_of_a_name_are_provided_on_request(tmp_path: Path) -> None:
    """While packages that require one form become packages that require the other."""
    names = ["python3.11dist(zope-interface) = 5", "python3.11dist(zope.interface) = 5"]
    info = make(tmp_path)
    for legacy in (False, True):
        question = PROVIDES._replace(legacy_names=legacy, both_names=True, default="")
        assert answer([info], question) == names


@pytest.mark.parametrize(
    ("version", "kind", "needed"), [("3.9", "egg", True), ("3.10", "egg", False), ("3.9", "dist", False)]
)
@pytest.mark.parametrize("group", ["console_scripts", "gui_scripts"])
def test_programs_of_old_eggs_need_setuptools(
    version: str, kind: str, needed: bool, group: str, tmp_path: Path
) -> None:
    info = tmp_path / f"usr/lib/python{version}/site-packages/x-1.{kind}-info"
    info.mkdir(parents=True)
    (info / ("PKG-INFO" if kind == "egg" else "METADATA")).write_text("Name: x\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\nx = x:main\n")
    wanted = [f"python{version}dist(setuptools)"] if needed else []
    assert answer([str(info)], REQUIRES) == [f"python(abi) = {version}", *wanted]


def test_requirements_of_one_name_are_one_dependency(tmp_path: Path) -> None:
    """So that one package must fulfil all of them."""
    info = make(tmp_path, "a>=1", "a<2; python_version >= '3'")
    assert answer([info], REQUIRES) == ["(python3.11dist(a) < 2~~ with python3.11dist(a) >= 1)", ABI]


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("Flask>=1.0", ["python3.11dist(flask) >= 1"]),
        ("a.b_c", ["python3.11dist(a-b-c)"]),
        ("a; python_version >= '3.8' and sys_platform == 'linux'", ["python3.11dist(a)"]),
        ("a; '3.8' <= python_version", ["python3.11dist(a)"]),
        ("a; python_version in '3.11 3.12'", ["python3.11dist(a)"]),
        ("a; python_version < '3.11'", []),
        ("a; sys_platform != 'linux'", []),
        ("a; python_full_version >= '3.12.0'", []),
        ("a; extra == 'test'", []),
        ("a[Some_Extra]>=2", ["python3.11dist(a) >= 2", "python3.11dist(a[some-extra]) >= 2"]),
        ("a @ https://example.org/a.whl", ["python3.11dist(a)"]),
    ],
)
def test_requirement_is_required_where_it_applies(requirement: str, expected: list[str], tmp_path: Path) -> None:
    assert answer([make(tmp_path, requirement)], REQUIRES) == sorted([ABI, *expected])


def test_package_named_for_an_extra_requires_what_the_extra_adds(tmp_path: Path) -> None:
    info = make(tmp_path, "a", "b; extra == 'Fast_IO'", extras=("Fast_IO",))
    extra = DependencyQuestion(provides=False, package="python3-zope-interface+fast-io")
    assert answer([info], extra) == [ABI, "python3.11dist(b)"]
    assert "python3dist(zope-interface[fast-io]) = 5" in answer([info], PROVIDES._replace(package=extra.package))


def test_extras_of_an_egg_info_are_sections_of_its_requires_txt(tmp_path: Path) -> None:
    """As old setuptools write it: no Provides-Extra, and no Requires-Dist."""
    info = tmp_path / "usr/lib/python3.11/site-packages/Old-1-py3.11.egg-info"
    info.mkdir(parents=True)
    (info / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: Old\nVersion: 1\n")
    (info / "requires.txt").write_text(
        'a>=1\n\n[:python_version < "3"]\nnever\n\n[Fast_IO]\nb\n\n'
        '[test:python_version >= "3"]\nc\n[ test : os_name == "nt"]\nd\n'
    )
    assert answer([str(info)], REQUIRES) == [ABI, "python3.11dist(a) >= 1"]
    fast = REQUIRES._replace(package="python3-old+fast-io")
    assert answer([str(info)], fast) == [ABI, "python3.11dist(b)"]
    assert answer([str(info)], REQUIRES._replace(package="python3-old+test")) == [ABI, "python3.11dist(c)"]
    with pytest.raises(MetadataError, match="it has fast-io, test"):
        answer([str(info)], REQUIRES._replace(package="python3-old+none"))


def test_extra_that_there_is_not_breaks_the_build(tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match="'speed', it has fast"):
        answer([make(tmp_path, extras=("fast",))], DependencyQuestion(provides=False, package="python3-x+speed"))


def test_many_distributions_and_their_files_are_answered_once(tmp_path: Path) -> None:
    infos = [make(tmp_path, "shared>=1", name=f"n{number}") for number in range(60)]
    paths = [path for info in infos for path in (info, f"{info}/METADATA", f"{info}/RECORD")]
    assert answer(paths, REQUIRES) == [ABI, "python3.11dist(shared) >= 1"]


def test_paths_tell_the_abi() -> None:
    assert answer(["/b/usr/lib64/python3.9/site-packages/m.py"], REQUIRES) == ["python(abi) = 3.9"]
    assert answer(["/b/usr/bin/python3.12", "/b/usr/bin/python3.12-config"], PROVIDES) == ["python(abi) = 3.12"]
    assert answer(["/b/usr/share/app/m.py"], REQUIRES) == []


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        pytest.param("a>=1.0.*", "'a>=1.0.*': ", id="wrong version"),
        pytest.param("a; os_name ~= 'x'", "can't be evaluated", id="no order"),
        pytest.param("a; " + "(" * 3000 + "os_name == 'x'" + ")" * 3000, "characters", id="deep"),
        pytest.param("a; " + "(" * 300 + "os_name == 'x'" + ")" * 300, "parentheses", id="less deep"),
    ],
)
def test_requirement_that_means_nothing_breaks_the_build(requirement: str, message: str, tmp_path: Path) -> None:
    info = make(tmp_path, requirement)
    with pytest.raises(MetadataError, match=message) as told:
        answer([info], REQUIRES)
    assert str(told.value).startswith(f"{info}: requirement 'a")
    assert len(str(told.value)) < 500


@pytest.mark.parametrize(
    "metadata",
    [
        *("", "Name: x\n", "Version: 1\n", "Name: x\nVersion: 1\nRequires-Dist: ???\n", "Name: x\nVersion: no.no\n"),
        *("Name: x) or (y\nVersion: 1\n", "Name: x\n bash\nVersion: 1\n", "Name: %{x}\nVersion: 1\n"),
    ],
)
def test_bad_metadata_break_the_build_with_their_path(metadata: str, tmp_path: Path) -> None:
    info = Path(make(tmp_path))
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    command = (sys.executable, "-m", "pkgtools.rpmbuild.distdeps", "--provides")
    ran = subprocess.run(command, input=f"{info}\n", capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stdout.startswith("***")
    assert str(info) in ran.stderr


@pytest.mark.parametrize("extra", [":python_version < '3'", "", "a b", "all;", "a) = 1 or b"])
def test_extras_whose_names_are_none_do_no_harm(extra: str, tmp_path: Path) -> None:
    """Old wheels have them; no package can be named for one."""
    info = make(tmp_path, "a", extras=(extra, "fast"))
    assert answer([info], REQUIRES) == [ABI, "python3.11dist(a)"]
    with pytest.raises(MetadataError, match="it has fast"):
        answer([info], REQUIRES._replace(package="python3-x+slow"))


def test_metadata_of_another_encoding_are_named(tmp_path: Path) -> None:
    info = make(tmp_path)
    Path(info, "METADATA").write_bytes(b"Name: x\nVersion: 1\nAuthor: Ren\xe9\n")
    with pytest.raises(MetadataError, match=r"Zope\.Interface-5\.0\.dist-info: its metadata are not UTF-8"):
        answer([info], PROVIDES)
