# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""On the real root: our py3compile and py3clean against Debian's, and the small set compiled without a worker."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.runtime.stand_in import parse_py3compile
from tests.lab.tree import differences, read_tree
from tests.runtime.mounts import small_file_system
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, TRIGGERS, Sandbox, pyc_of
from tests.runtime.test_hostile_sources import BAD

DEBIANS = Path("/usr/bin/py3compile")
TREE = {
    "m.py": "value = 1\n",
    "pkg/__init__.py": "",
    "pkg/a.py": "def f():\n    'doc'\n    assert f\n",
    "pkg/sub/b.py": "x = 'ä'\n",
    "with space.py": "x = 2\n",
    "data.txt": "no source\n",
    "script": "#!/usr/bin/python3\n",
}


@pytest.fixture
def place() -> Iterator[str]:
    """Return an empty directory of root's on the real root, in memory."""
    if not os.access("/opt", os.W_OK):
        pytest.skip("needs a real root")
    directory = tempfile.mkdtemp(prefix="pkgtools-test-", dir="/opt")
    try:
        with small_file_system(directory, "size=32m"):
            yield directory
    finally:
        os.rmdir(directory)


def _fill(place: str) -> str:
    for name, text in TREE.items():
        path = Path(place, "app", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return f"{place}/app"


def _run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**CLEAN_ENVIRONMENT, **environment}
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, env=env, cwd="/", check=False, umask=0o22
    )


def _ours(program: str) -> str:
    return str(TRIGGERS / program)


@pytest.fixture
def debians() -> None:
    """Skip where Debian's py3compile isn't."""
    if not DEBIANS.exists() or "/pkgtools/" in os.path.realpath(DEBIANS):
        pytest.skip("needs Debian's own py3compile (package python3)")


COMPILES = [
    ("DIR",),
    ("-O", "DIR"),
    ("-f", "DIR"),
    ("-q", "DIR"),
    ("-X", "pkg/sub", "DIR"),
    ("DIR/m.py",),
    ("-V", "3.11", "DIR"),
]


@pytest.mark.usefixtures("debians")
@pytest.mark.parametrize("arguments", COMPILES, ids=" ".join)
def test_same_files_with_the_same_bytes_as_debians(arguments: tuple[str, ...], place: str) -> None:
    results = []
    for program in (str(DEBIANS), _ours("py3compile")):
        directory = _fill(place)
        done = _run(program, *(argument.replace("DIR", directory) for argument in arguments))
        assert (done.returncode, done.stderr) == (0, "")
        pycs = [path for path in read_tree(Path("/"), [directory]) if path.endswith(".pyc")]
        results.append({path: Path(path).read_bytes()[16:] for path in pycs})
        subprocess.run(["/bin/rm", "-rf", directory], check=True)
    assert results[0]
    assert results[0] == results[1]


@pytest.mark.usefixtures("debians")
@pytest.mark.parametrize("compiler", [str(DEBIANS), _ours("py3compile")], ids=["after-debians", "after-ours"])
def test_py3clean_leaves_what_debians_leaves(compiler: str, place: str) -> None:
    directory = _fill(place)
    before = read_tree(Path("/"), [directory])
    assert _run(compiler, directory).returncode == 0
    assert _run(_ours("py3clean"), directory).returncode == 0
    assert differences(before, read_tree(Path("/"), [directory])) == []


STATUSES = [
    pytest.param(("bad",), {}, 1, id="bad-module"),
    pytest.param(("bad",), {"DPKG_MAINTSCRIPT_NAME": "postinst"}, 0, id="bad-module-in-a-postinst"),
    pytest.param(("-p", "no-such-package"), {}, 1, id="unknown-package"),
    pytest.param(("--no-such-option",), {}, 2, id="bad-option"),
]


@pytest.mark.parametrize(("arguments", "environment", "status"), STATUSES)
def test_exit_statuses_of_py3compile(
    arguments: tuple[str, ...], environment: dict[str, str], status: int, place: str
) -> None:
    directory = _fill(place)
    Path(directory, "bad.py").write_bytes(BAD["python-2"][0])
    given = (directory,) if arguments == ("bad",) else arguments
    assert _run(_ours("py3compile"), *given, **environment).returncode == status


def test_what_a_maintainer_script_compiles_is_durable() -> None:
    assert parse_py3compile([APP], None, "postinst").sync


def test_few_sources_are_compiled_by_a_fork_with_the_bytes_of_a_worker(place: str) -> None:
    directory = _fill(place)
    for name, (content, _) in BAD.items():
        Path(directory, f"bad_{name}.py").write_bytes(content)
    good = {f"{directory}/{name}" for name in TREE if name.endswith(".py")}
    few = _run(_ours("pkgtools-compile"), *sorted(good), f"{directory}/bad_python-2.py", f"{directory}/bad_nul-byte.py")
    assert few.returncode == 0
    by_fork = {pyc_of(source): Path(pyc_of(source)).read_bytes() for source in good}
    many = _run(_ours("pkgtools-compile"), "--force", directory)
    assert many.returncode == 0
    assert {path: Path(path).read_bytes() for path in by_fork} == by_fork


def test_unsealed_pyc_that_asks_for_16_gigabytes_is_healed_without_taking_them(place: str) -> None:
    directory = _fill(place)
    source = f"{directory}/m.py"
    assert _run(_ours("pkgtools-compile"), source).returncode == 0
    right = Path(pyc_of(source)).read_bytes()
    Path(pyc_of(source)).write_bytes(right[:16] + b"(" + (0x7FFFFFFF).to_bytes(4, "little"))
    argv = ["/usr/bin/prlimit", f"--as={6 << 30}", "--", _ours("pkgtools-compile"), source]
    done = subprocess.run(argv, capture_output=True, env=CLEAN_ENVIRONMENT, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path(pyc_of(source)).read_bytes() == right


def test_import_by_an_unprivileged_user_takes_the_pyc(place: str) -> None:
    directory = _fill(place)
    assert _run(_ours("pkgtools-compile"), directory).returncode == 0
    code = f"import sys; sys.path[:0] = [{directory!r}]; import m, pkg.a"
    argv = [
        "/usr/bin/setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "/usr/bin/python3",
        "-v",
        "-c",
        code,
    ]
    done = subprocess.run(argv, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, check=True)
    matched = {line.split()[1] for line in done.stderr.splitlines() if line.startswith("# ") and " matches " in line}
    assert {pyc_of(f"{directory}/{name}") for name in ("m.py", "pkg/__init__.py", "pkg/a.py")} <= matched


@pytest.mark.parametrize(
    ("arguments", "script", "status"),
    [
        (("-V", "3.99", APP), None, 3),
        (("-V", "3.99", APP), "postinst", 0),
        (("--no-such-option",), None, 2),
        (("-p", "no-such-package"), None, 1),
        (("/no/such/directory",), None, 1),
        (("/no/such/directory",), "postinst", 0),
    ],
)
def test_exit_codes_are_py3compiles_and_no_maintainer_script_fails(
    arguments: tuple[str, ...], script: str | None, status: int, sandbox: Sandbox
) -> None:
    sandbox.write(f"{APP}/m.py")
    environment = {"PATH": "/usr/bin", "DPKG_ROOT": str(sandbox.root)}
    if script is not None:
        environment["DPKG_MAINTSCRIPT_NAME"] = script
    command = (str(TRIGGERS / "py3compile"), *arguments)
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == status
