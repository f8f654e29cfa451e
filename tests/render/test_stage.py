# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools stage` on made-up trees: what the package ships is there, and nothing outside the tree is touched."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.tree import read_tree
from tests.render.staged import MODULE, Project
from tests.render.tools import need
from tests.runtime.sandbox import CLEAN_ENVIRONMENT, HOST_PYTHON, TAG

VERSION = "{}.{}".format(*sys.version_info[:2])
PUBLIC = "/usr/lib/python3/dist-packages/acme"
APP = "/usr/share/acme"
UNCHECKED, CHECKED = 1, 3


@pytest.fixture
def project(tmp_path: Path) -> Project:
    need("python3")
    made = Project(top=tmp_path)
    made.tree.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/module.py").write_text(MODULE)
    return made


def shipped(extra: str = "", private: str = "") -> str:
    return (
        f'strategy = "shipped"\n{extra}\n[packages.acme]\n[[packages.acme.private]]\ndirectory = "{APP}"\n{private}\n'
    )


def sourceless(extra: str = "") -> str:
    text = f'strategy = "sourceless"\npython = "{VERSION}"\n{extra}\n[packages.acme]\n'
    return f'{text}[[packages.acme.private]]\ndirectory = "{APP}"\n'


def cached(source: str, level: int = 0) -> str:
    directory, _, name = source.rpartition("/")
    return f"{directory}/__pycache__/{name[:-3]}.{TAG}{f'.opt-{level}' if level else ''}.pyc"


def flags(pyc: Path) -> int:
    return int.from_bytes(pyc.read_bytes()[4:8], "little")


SOURCES = (f"{PUBLIC}/a.py", f"{PUBLIC}/sub/b.py", f"{APP}/c.py")


def fill(project: Project) -> None:
    for source in SOURCES:
        project.write(source)


@pytest.mark.parametrize("levels", [[0], [1], [0, 2], [0, 1, 2]], ids=str)
def test_shipped_bytecode_lies_where_interpreters_look(levels: list[int], project: Project) -> None:
    fill(project)
    project.declare(shipped(f"levels = {levels}"))
    assert sorted(project.run()) == [f"compile {path}" for path in (f"{PUBLIC.rpartition('/dist')[0]}", APP)]
    assert project.pycs() == {cached(source, level) for source in SOURCES for level in levels}
    assert set(SOURCES) <= project.files().keys()


@pytest.mark.parametrize(
    ("mode", "target", "expected"),
    [
        ("timestamp", "deb", 0),
        ("checked-hash", "deb", CHECKED),
        ("unchecked-hash", "rpm", UNCHECKED),
        ("timestamp", "alpm", CHECKED),
        ("unchecked-hash", "alpm", UNCHECKED),
    ],
)
def test_shipped_bytecode_is_invalidated_as_asked(mode: str, target: str, expected: int, project: Project) -> None:
    fill(project)
    project.declare(shipped(f'invalidation-mode = "{mode}"'))
    project.run(target=target)
    assert {flags(Path(f"{project.tree}{pyc}")) for pyc in project.pycs()} == {expected}


@pytest.mark.parametrize("manifest", [shipped, sourceless], ids=["shipped", "sourceless"])
def test_same_tree_gives_the_same_bytes(manifest: Callable[[str], str], project: Project) -> None:
    made = []
    for umask, cwd in ((0o022, project.top), (0o077, project.top / "outside")):
        fill(project)
        project.declare(manifest('exclude = ["acme/none"]'))
        project.run(umask=umask, cwd=cwd)
        times = {path: os.stat(f"{project.tree}{path}").st_mtime for path in project.pycs()}
        made.append((project.files(), times))
        project.tree.rename(project.top / f"tree-{umask}")
        project.tree.mkdir()
    assert made[0] == made[1]
    assert set(made[0][1].values()) == {1700000000.0}


@pytest.mark.parametrize("manifest", [shipped, sourceless], ids=["shipped", "sourceless"])
def test_second_run_changes_nothing(manifest: Callable[[], str], project: Project) -> None:
    fill(project)
    project.declare(manifest())
    project.run()
    before = project.files()
    project.run()
    assert project.files() == before


def test_excluded_modules_are_not_compiled(project: Project) -> None:
    fill(project)
    for source in (f"{PUBLIC}/tests/t.py", f"{APP}/tests/t.py", f"{APP}/old/o.py", f"{PUBLIC}/old/o.py"):
        project.write(source)
    project.declare(shipped('exclude = ["^acme/tests/", "tests/"]', 'exclude = ["(?i)OLD/"]'))
    project.run()
    assert project.pycs() == {cached(source) for source in (*SOURCES, f"{PUBLIC}/old/o.py")}


@pytest.mark.parametrize(("choice", "status", "talk"), [("report", 0, True), ("ignore", 0, False), ("fail", 2, True)])
@pytest.mark.parametrize("manifest", [shipped, sourceless], ids=["shipped", "sourceless"])
def test_bad_source(choice: str, status: int, talk: bool, manifest: Callable[[str], str], project: Project) -> None:
    fill(project)
    project.write(f"{APP}/bad.py", "def :\n")
    project.declare(manifest(f'bad-source = "{choice}"'))
    done = project.attempt()
    assert (done.returncode, f"{APP}/bad.py" in done.stderr, "SyntaxError" in done.stderr) == (status, talk, talk)
    assert (f"{project.tree}{APP}/bad.py" in map(str, project.tree.rglob("*.py"))) is True
    assert cached(f"{APP}/bad.py") not in project.files()
    if status == 0:
        assert len(project.pycs()) == len(SOURCES)


def test_public_library_of_one_version_belongs_to_its_interpreter(project: Project) -> None:
    project.write(f"/usr/lib/python{VERSION}/site-packages/a.py")
    project.declare(shipped(f'python = "{VERSION}"'))
    project.run()
    assert project.pycs() == {cached(f"/usr/lib/python{VERSION}/site-packages/a.py")}
    project.write("/usr/lib/python3.99/site-packages/a.py")
    done = project.attempt()
    assert (done.returncode, "no Python 3.99 in /usr/bin" in done.stderr) == (2, True)


def test_private_range_picks_the_interpreter(project: Project) -> None:
    fill(project)
    project.declare(shipped(private='python = "3.98-"'))
    done = project.attempt()
    assert (done.returncode, "no Python 3.98- in /usr/bin" in done.stderr) == (2, True)
    assert project.pycs() == set()
    project.declare(shipped(private=f'python = "{VERSION}"'))
    project.run()
    assert cached(f"{APP}/c.py") in project.pycs()


def test_sourceless_modules_can_be_imported(project: Project) -> None:
    fill(project)
    project.write(f"{PUBLIC}/__init__.py", "")
    project.write(f"{APP}/__main__.py", "import c\nprint(c.place)\n")
    project.declare(sourceless())
    done = project.run()
    assert set(project.files()) == {
        f"{source[:-3]}.pyc" for source in (*SOURCES, f"{PUBLIC}/__init__.py", f"{APP}/__main__.py")
    }
    assert [line for line in done if line.startswith("drop ")] == [
        *(f"drop {PUBLIC}/{name}" for name in ("__init__.py", "a.py", "sub/b.py")),
        *(f"drop {APP}/{name}" for name in ("__main__.py", "c.py")),
    ]
    code = "import acme.a, acme.sub.b; print(acme.a.place)"
    environment = {**CLEAN_ENVIRONMENT, "PYTHONPATH": f"{project.tree}{PUBLIC.rpartition('/')[0]}"}
    for argv in ([str(HOST_PYTHON), "-c", code], [str(HOST_PYTHON), f"{project.tree}{APP}"]):
        ran = subprocess.run(argv, capture_output=True, text=True, check=True, env=environment, cwd="/")
        assert ran.stdout.endswith(".pyc\n")
    assert len(project.files()) == 5


@pytest.mark.parametrize("level", [0, 1, 2])
def test_sourceless_bytecode_is_of_the_level_asked_for(level: int, project: Project) -> None:
    fill(project)
    project.declare(sourceless(f"levels = [{level}]"))
    project.run()
    spec = importlib.util.spec_from_file_location("c", f"{project.tree}{APP}/c.pyc")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (module.__doc__, hasattr(module, "value")) == ("Doc." if level < 2 else None, level == 0)
    assert flags(Path(f"{project.tree}{APP}/c.pyc")) == UNCHECKED


def test_sourceless_keeps_what_has_no_bytecode(project: Project) -> None:
    fill(project)
    project.write(f"{APP}/tests/t.py")
    stale = project.write(cached(f"{APP}/tests/t.py"), "stale")
    project.write(f"{APP}/c.txt", "data")
    Path(f"{project.tree}{APP}/dir.py").mkdir()
    project.declare(sourceless('exclude = ["tests/"]'))
    project.run()
    assert f"{APP}/tests/t.py" in project.files()
    assert f"{APP}/tests/t.pyc" not in project.files()
    assert not stale.exists()
    assert Path(f"{project.tree}{APP}/dir.py").is_dir()


def test_sourceless_refuses_a_library_of_another_version(project: Project) -> None:
    project.write("/usr/lib/python3.99/site-packages/a.py")
    project.declare(sourceless())
    done = project.attempt()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "/usr/lib/python3.99 is there, but packages.acme is for" in done.stderr
    assert project.pycs() == set()


@pytest.mark.parametrize("manifest", [shipped, sourceless], ids=["shipped", "sourceless"])
@pytest.mark.parametrize("place", [APP, f"{APP}/sub", "/usr/share", "/usr/lib", "/usr", f"{APP}/module.py"])
def test_links_are_not_followed(place: str, manifest: Callable[[], str], project: Project) -> None:
    """Even where bytecode lies ready outside."""
    outside = project.top / "outside"
    for below in ("", "acme", "lib/python3/dist-packages", "python3/dist-packages", "share/acme"):
        directory = outside / below
        (directory / "__pycache__").mkdir(parents=True)
        (directory / "module.py").write_text(MODULE)
        (directory / "__pycache__" / f"module.{TAG}.pyc").write_bytes(b"x" * 20)
    link = Path(f"{project.tree}{place}")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / "module.py" if place.endswith(".py") else outside)
    before = read_tree(project.top, ["/outside/"])
    project.declare(manifest())
    done = project.attempt()
    assert done.returncode in {0, 2}
    assert read_tree(project.top, ["/outside/"]) == before
    assert link.is_symlink()


@pytest.mark.parametrize("place", ["/usr", "/usr/share/pkgtools", "/usr/share/pkgtools/private.d", "/usr/lib/acme"])
def test_payload_is_not_written_through_links(place: str, project: Project) -> None:
    strategy = "standalone" if place == "/usr/lib/acme" else "trigger"
    project.declare(shipped().replace("shipped", strategy))
    link = Path(f"{project.tree}{place}")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(project.top / "outside")
    before = read_tree(project.top, ["/outside/"])
    done = project.attempt()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{link} is a symbolic link" in done.stderr
    assert read_tree(project.top, ["/outside/"]) == before


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_payload_has_the_modes_that_packages_have(umask: int, project: Project) -> None:
    project.declare(shipped().replace("shipped", "standalone"))
    drop_in, runtime = "/usr/share/pkgtools/private.d/acme.conf", "/usr/lib/acme/pkgtools.pyz"
    assert project.run(umask=umask) == [f"write {drop_in}", f"write {runtime}"]
    modes = {path: entry.mode for path, entry in read_tree(project.tree, ["/usr"]).items()}
    assert (modes[drop_in], modes[runtime]) == (0o644, 0o755)
    assert {modes[path] for path in ("/usr/lib", "/usr/lib/acme")} == {0o755}


def test_working_directory_is_no_place_to_take_programs_from(project: Project) -> None:
    fill(project)
    project.declare(shipped())
    for name in ("pkgtools/__init__.py", "re.py", "click.py", "sitecustomize.py"):
        planted = project.top / "outside" / name
        planted.parent.mkdir(exist_ok=True)
        planted.write_text("raise SystemExit('planted')\n")
    argv = [str(Path(sys.executable).with_name("pkgtools")), "stage", "-t", "deb", "-m", "../pkgtools.toml", "../tree"]
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd=project.top / "outside", env=project.environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(project.pycs()) == len(SOURCES)


def test_dry_run_and_json_say_what_would_be_done(project: Project) -> None:
    fill(project)
    project.declare(shipped())
    before = read_tree(project.tree, ["/"])
    report = json.loads("\n".join(project.run("--dry-run", "--json")))
    assert report == {
        "version": 1,
        "tree": str(project.tree),
        "steps": [{"step": "compile", "path": "/usr/lib/python3"}, {"step": "compile", "path": APP}],
    }
    assert read_tree(project.tree, ["/"]) == before


def test_package_has_to_be_named_where_there_are_several(project: Project) -> None:
    project.declare(f"{shipped()}\n[packages.acme-web]\n")
    done = project.attempt()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "acme, acme-web" in done.stderr
    assert project.run("-p", "acme-web") == []


@pytest.mark.parametrize("strategy", ["trigger", "direct", "cache-prefix", "native", "none"])
def test_other_strategies_compile_nothing(strategy: str, project: Project) -> None:
    fill(project)
    project.declare(shipped().replace("shipped", strategy))
    written = project.run()
    assert project.pycs() == set()
    expected = ["write /usr/share/pkgtools/private.d/acme.conf"] if strategy != "native" else []
    assert written == expected


@pytest.mark.parametrize("name", ["-X", "@a", "%s%n", "a b'\"c", "$(touch ran)", "[x]*?", "a:b=c", "\\", "\u00e9"])
def test_names_are_no_options_and_no_patterns_for_the_compiler(name: str, project: Project, tmp_path: Path) -> None:
    sources = [project.write(f"{APP}/{name}/{name}.py"), project.write(f"{APP}/plain.py")]
    project.declare(shipped(private=f"exclude = [{json.dumps('-' + re.escape(name))}]"))
    project.run()
    made = {f"{APP}/{path.relative_to(f'{project.tree}{APP}')}" for path in sources}
    assert project.pycs() == {cached(source) for source in made}
    assert not list(tmp_path.rglob("ran"))
