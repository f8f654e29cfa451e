# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What manifests mean, and where they are found."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pkgtools.config import ConfigError, Problem, find_manifest, read_manifest
from pkgtools.model.manifest import BadSource, DeclaredDirectory, Family, Hook, Strategy, Variant, When
from pkgtools.runtime.facts import InstalledPath, InvalidationMode

from . import parse

SMALLEST = "[packages.acme]\n"

FULL = """
strategy = "direct"
levels = [2.0, 0]
invalidation-mode = "checked-hash"
bad-source = "fail"
exclude = ["a/.*"]
depends = false
python = "3.9-"
cache-prefix = "/var/pyc/"
runtime-directory = "/opt/rt/"

[packages.a1]
[packages.a2]
public = false
exclude = []
python = "3.11"
[packages.a2.deb]
name = "python3-a2"
strategy = "sourceless"
depends = true
[[packages.a2.private]]
directory = "/opt/a2/"
exclude = ["x"]
plugins = true
[[packages.a2.private]]
directory = "/opt/a b"
python = "-"
[[packages.a2.snippets]]
hook = "pre-install"
when = "before"
families = ["rpm", "deb"]
text = ":"
"""


def test_smallest_manifest_has_all_defaults() -> None:
    (package,) = parse(SMALLEST).packages
    variant = Variant(name="acme", strategy=Strategy.TRIGGER, depends=True)
    assert package.variants == dict.fromkeys(Family, variant)
    assert (package.key, package.public, package.private, package.snippets) == ("acme", True, (), ())
    assert (package.levels, package.exclude, package.python) == ((0,), (), "")
    assert (package.invalidation, package.bad_source) == (InvalidationMode.TIMESTAMP, BadSource.REPORT)
    assert (package.cache_prefix, package.runtime_directory) == ("/var/cache/python", "/usr/lib/acme")


def test_package_has_the_defaults_of_the_top_unless_it_says_otherwise() -> None:
    text = FULL.replace('strategy = "sourceless"\n', "")
    first, second = parse(text).packages
    direct = Variant(name="a1", strategy=Strategy.DIRECT, depends=False, is_chosen=True)
    assert first.variants[Family.DEB] == direct
    assert second.variants[Family.DEB] == replace(direct, name="python3-a2", depends=True)
    assert second.variants[Family.APK] == replace(direct, name="a2")
    assert (first.levels, first.exclude, first.python) == ((0, 2), ("a/.*",), "")
    assert (second.levels, second.exclude, second.python) == ((0, 2), (), "3.11")
    assert (first.invalidation, first.bad_source) == (InvalidationMode.CHECKED_HASH, BadSource.FAIL)
    assert (first.cache_prefix, second.runtime_directory) == ("/var/pyc", "/opt/rt")


def test_private_directory_has_the_packages_versions_unless_it_says_otherwise() -> None:
    package = parse(FULL.replace('strategy = "sourceless"\n', "")).packages[1]
    assert package.private == (
        DeclaredDirectory(directory=InstalledPath("/opt/a2"), versions="3.11", exclude=("x",), plugins=True),
        DeclaredDirectory(directory=InstalledPath("/opt/a b"), versions="", exclude=(), plugins=False),
    )


def test_private_directory_may_have_an_interpreter_of_its_own() -> None:
    text = '[packages.a1]\n[[packages.a1.private]]\ndirectory = "/opt/a"\ninterpreter = "/opt/a/bin/python3.13"\n'
    assert [one.interpreter for one in parse(text).packages[0].private] == ["/opt/a/bin/python3.13"]


def test_snippet_is_for_its_hook_and_families() -> None:
    package = parse(FULL.replace('strategy = "sourceless"\n', "")).packages[1]
    (snippet,) = package.snippets_of(Family.RPM, Hook.PRE_INSTALL, When.BEFORE)
    assert (snippet.text, snippet.origin) == (":\n", "packages.a2.snippets[0]")
    assert snippet.families == {Family.DEB, Family.RPM}
    assert not list(package.snippets_of(Family.APK, Hook.PRE_INSTALL, When.BEFORE))


def test_values_that_are_the_default_stand_with_any_strategy() -> None:
    text = 'levels = [0]\ninvalidation-mode = "timestamp"\nbad-source = "report"\n[packages.a1]\nstrategy = "none"\n'
    assert parse(text).packages[0].variants[Family.DEB].strategy is Strategy.NONE


@pytest.mark.parametrize(
    ("name", "text", "origin", "directory"),
    [
        ("pkgtools.toml", SMALLEST, "pkgtools.toml", ""),
        ("debian/pkgtools.toml", SMALLEST, "debian/pkgtools.toml", ""),
        ("pyproject.toml", "[tool.pkgtools.packages.acme]", "pyproject.toml", ""),
        ("debian/other.toml", SMALLEST, "other.toml", "debian"),
    ],
)
def test_project_is_where_the_manifest_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, origin: str, directory: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    monkeypatch.chdir(path.parent)
    for spelling in (path, Path(path.name)):
        manifest = read_manifest(spelling)
        assert (manifest.origin, manifest.directory) == (origin, str(tmp_path / directory))


@pytest.mark.parametrize("name", ["pkgtools.toml", "debian/pkgtools.toml"])
def test_snippet_file_is_relative_to_the_project(tmp_path: Path, name: str) -> None:
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian/refresh.sh").write_text("echo 'é'")
    path = tmp_path / name
    path.write_text('[packages.a1]\nsnippets = [{hook = "post-install", file = "debian/refresh.sh"}]')
    assert read_manifest(path).packages[0].snippets[0].text == "echo 'é'\n"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"echo \xe9", "line 1 is not UTF-8 (byte 0xe9)"),
        (b"a\r\nb\r\n", "line 1 has CRLF line ends"),
        (b"a\nb\rc\n", "line 2 has a carriage return"),
        (b"a\n\0", "line 2 has a NUL"),
        (b"", "no command"),
    ],
)
def test_snippet_file_is_text(tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "x.sh").write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        parse('[packages.a1]\nsnippets = [{hook = "post-install", file = "x.sh"}]', tmp_path)
    (found,) = raised.value.problems
    assert found.key == "packages.a1.snippets[0].file"
    assert word in found.text


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"a = 1\nb = = 2\n", "line 2, column 5: not valid TOML:"),
        (b"a = 1\nb = [", "line 2, column 6: not valid TOML:"),
        (b"a = 1\n\xff", "line 2 is not UTF-8"),
        (b"a = " + b"[" * 5000, "arrays or tables are nested too deeply"),
        (b"a = " + b"9" * 5000, "not valid TOML:"),
        (b"#" * (1 << 21), "it is larger than 1 MiB"),
    ],
    ids=["syntax", "end", "UTF-8", "depth", "digits", "size"],
)
def test_what_is_no_toml_is_said_with_its_place(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "pkgtools.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        read_manifest(path)
    assert [one.key for one in raised.value.problems] == [""]
    assert str(raised.value).startswith(f"{path}: {word}")


def test_deep_and_long_values_are_judged_like_others(tmp_path: Path) -> None:
    deep = "[" * 250 + "]" * 250
    path = tmp_path / "pkgtools.toml"
    path.write_text(f"exclude = [{deep}, {deep}{', true' * 50_000}]\n[packages.a1.{'.'.join('a' * 200)}]")
    with pytest.raises(ConfigError) as raised:
        read_manifest(path)
    assert len(raised.value.problems) == 50_002 + 49_999 + 1


def test_manifest_must_be_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, word in (("", "directory"), ("fifo", "isn't a regular file"), ("none", "no such file")):
        with pytest.raises(ConfigError, match=word):
            read_manifest(tmp_path / name)


def test_pyproject_without_our_table_is_no_manifest(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "acme"\n')
    with pytest.raises(ConfigError, match="pkgtools init"):
        read_manifest(path)
    with pytest.raises(ConfigError, match="pkgtools init"):
        find_manifest(tmp_path)
    path.write_text("[tool.pkgtools]\nx = 1")
    with pytest.raises(ConfigError) as raised:
        read_manifest(find_manifest(tmp_path))
    assert raised.value.problems[0] == Problem(text="the key `packages` is missing")
    assert str(raised.value).startswith(f"{path}: [tool.pkgtools]: ")


@pytest.mark.parametrize("name", ["debian/pkgtools.toml", "pkgtools.toml", "pyproject.toml"])
def test_the_one_manifest_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "debian").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\n')
    (tmp_path / name).write_text("[tool.pkgtools]" if name == "pyproject.toml" else SMALLEST)
    assert find_manifest(tmp_path) == tmp_path / name


def test_two_manifests_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "debian").mkdir()
    for name in ("debian/pkgtools.toml", "pkgtools.toml"):
        (tmp_path / name).write_text(SMALLEST)
    with pytest.raises(ConfigError, match=r"debian/pkgtools\.toml, pkgtools\.toml; say with --manifest"):
        find_manifest(tmp_path)
