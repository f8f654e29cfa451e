# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What can't import the table of Pythons says the same: shell, RPM macros, dpkg triggers, stand-alone files."""

from __future__ import annotations

import ast
import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pkgtools.rpmbuild import imports
from pkgtools.runtime.pythons import (
    CPYTHON,
    DIST,
    PACKAGES,
    SERVED,
    cache_tag,
    is_interpreter_name,
    parse_python_name,
    tags_by_name,
)
from tests.lab.commands import clean_environment
from tests.runtime.python_names import names_in_lists

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDS_RPM = pytest.mark.skipif(shutil.which("rpm") is None, reason="no rpm")
PROGRAMS = [name for name in names_in_lists() if is_interpreter_name(name)]
CPYTHONS = [name for name in PROGRAMS if name.startswith(CPYTHON.stem)]
OLDEST_OF_DEBIAN = 9
"""The minor version of the oldest Debian that the runtime is for."""


def text_of(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def eval_rpm(text: str, *options: str) -> str:
    argv = ["rpm", *options, "--eval", text]
    return subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=True).stdout.strip()


def patterns_in(text: str, before: str) -> list[str]:
    """Return the shell patterns for programs that a text has behind something."""
    return [word.strip("*;)") + "*" for word in re.findall(rf"{before}/?([\w.]+\*)", text)]


def test_trigger_of_rpm_knows_each_interpreter_and_no_other_program(tmp_path: Path) -> None:
    definition = re.search(
        r"^%global leave_unless_interpreter %\{expand:(.*?)^esac\}",
        text_of("rpm/pkgtools.spec"),
        re.DOTALL | re.MULTILINE,
    )
    assert definition is not None
    script = tmp_path / "script"
    script.write_text(definition[1].replace("%{_bindir}", "/usr/bin") + "esac\necho batch\n")

    def wakes(name: str) -> bool:
        listed = f"/usr/bin/a\n/usr/bin/{name}\n/usr/bin/z\n"
        return bool(subprocess.run(["sh", script], input=listed, capture_output=True, text=True, check=True).stdout)

    assert [name for name in (*PROGRAMS, "python3") if not wakes(name)] == []
    others = ("python3-config", "python3.11-config", "python3-tool", "pypy3-config", "python3x", "xpython3", "python")
    assert [name for name in others if wakes(name)] == []


def test_dpkg_triggers_name_each_library() -> None:
    found = re.findall(r"^interest-noawait ((?:/usr)?/lib/\S+)$", text_of("triggers/deb/triggers"), re.MULTILINE)
    names = names_in_lists(first=OLDEST_OF_DEBIAN)
    shared = [name for name in names if "." not in name]
    assert found == [
        f"/usr/lib/{shared[0]}/{DIST}",
        f"/lib/{shared[0]}/{DIST}",
        *(f"/usr/lib/{name}/{DIST}" for name in shared[1:]),
        *(f"/usr/lib/{name}" for name in names if name not in shared),
    ]


@NEEDS_RPM
def test_prefixes_of_the_file_triggers_are_the_libraries() -> None:
    definition = re.search(
        r"^%global modules (%\{lua:\n.*?^\})", text_of("rpm/pkgtools.spec"), re.DOTALL | re.MULTILINE
    )
    assert definition is not None
    found = eval_rpm(definition[1]).split()
    libraries = (f"/usr/{above}/{name}" for above in ("lib", "lib64") for name in names_in_lists())
    assert found == sorted(f"{library}/{packages}/" for library in libraries for packages in PACKAGES)


@pytest.mark.parametrize(
    ("name", "before", "programs"),
    [
        ("templates/rpm/main/interpreter.sh.j2", "/usr/bin", PROGRAMS),
        ("templates/alpm/compile.hook.j2", "Target = usr/bin", CPYTHONS),  # Arch and Alpine have no other in /usr/bin
        ("templates/apk/main/post-install.sh.j2", "/usr/lib", CPYTHONS),
    ],
)
def test_patterns_match_each_interpreter(name: str, before: str, programs: list[str]) -> None:
    patterns = patterns_in(text_of(name), before)
    assert patterns
    unmatched = [one for one in programs if not any(fnmatch.fnmatchcase(one, pattern) for pattern in patterns)]
    assert unmatched == []


def test_the_shell_tries_each_version_that_can_run_us() -> None:
    text = text_of("triggers/python.sh")
    assert re.findall(r"version=(\d+)\n", text) == [str(CPYTHON.newest + 1)]
    assert re.findall(r'"\$version" -ge (\d+)', text) == ["9"]  # 3.9 is the last one
    assert re.findall(r"interpreter=(/usr/bin/\S+)\n", text) == ["/usr/bin/python3", "/usr/bin/python3.$version"]


def test_the_shell_knows_the_same_tags() -> None:
    tags = dict.fromkeys(cache_tag(one, (one.major, 0)).removesuffix("0") for one in SERVED)
    expected = " | ".join(f"{tag}{digits}" for tag in tags for digits in ("[0-9]", "[0-9][0-9]"))
    assert f"\n        {expected}) ;;\n" in text_of("triggers/clean-without-python")


@NEEDS_RPM
@pytest.mark.parametrize("name", [name for name in names_in_lists() if "." in name])
def test_macros_name_the_pyc_of_a_module(name: str) -> None:
    macros = CHECKOUT / "triggers/rpm/macros.pkgtools"
    module = f"/usr/lib/{name}/site-packages/m.py"
    lines = eval_rpm(f"%{{pkgtools_use shipped}}%{{pkgtools_pycached {module}}}", f"--load={macros}").split("\n")
    (tag,) = tags_by_name(name)
    assert lines[-1] == f"/usr/lib/{name}/site-packages/{{m.py,__pycache__/m.{tag}{{[.],.opt-[0-9].}}pyc}}"


def test_the_generator_reads_the_metadata_of_cpythons_libraries() -> None:
    line = next(line for line in text_of("triggers/rpm/pkgtools.attr").split("\n") if "pkgtools_distdeps:" in line)
    pattern = (
        line.partition("pkgtools_distdeps:")[2].removesuffix("}").replace("\\\\", "\\").replace("[[:digit:]]", r"\d")
    )
    for name in names_in_lists():
        python = parse_python_name(name)
        found = re.search(pattern, f"/usr/lib/{name}/site-packages/a-1.dist-info")
        # RPM has no names for what is for builds without the global lock
        assert (found is not None) == (python is not None and python.implementation is CPYTHON)


def test_a_package_with_modules_of_each_library_requires_who_compiles() -> None:
    (pattern,) = re.findall(r'print\("(\^/usr.*)"\)', text_of("triggers/rpm/pkgtools_runtime.attr"))
    libraries = [name for name in names_in_lists() if parse_python_name(name)]
    assert [name for name in libraries if not re.search(pattern, f"/usr/lib64/{name}/site-packages/p/m.py")] == []
    assert re.search(pattern, "/usr/lib/python3.12/lib-dynload/m.py") is None
    assert re.search(pattern, "/opt/acme/lib/python3.12/site-packages/m.py") is None


def test_the_worker_asks_for_cpython_by_its_name() -> None:
    tree = ast.parse(text_of("pkgtools/runtime/compile/worker.py"))
    compared = {
        node.comparators[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant)
        if ast.unparse(node.left) == "sys.implementation.name"
    }
    assert compared == {CPYTHON.name}


def test_imports_are_tried_from_the_libraries_of_the_interpreter(tmp_path: Path) -> None:
    assert "pkgtools/rpmbuild/imports.py" in {
        str(path.relative_to(CHECKOUT)) for path in CHECKOUT.glob("pkgtools/*/*.py")
    }
    names = ("python{}.{}".format(*sys.version_info[:2]), f"{CPYTHON.stem}{CPYTHON.major}")
    libraries = [tmp_path / "usr" / above / name for above in ("lib64", "lib") for name in names]
    expected = {str(library / packages) for library in libraries for packages in PACKAGES}
    for name in (*expected, str(tmp_path / "usr/lib/python3.99/site-packages")):
        Path(name).mkdir(parents=True)
    assert set(imports.site_directories(tmp_path)) == expected
