# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Our pycs are those of py_compile, byte for byte, for the same interpreter; whole trees and every version."""

from __future__ import annotations

import marshal
import os
import py_compile
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from pkgtools.runtime.compile.exchange import Answer, CompileRequest, LevelTask
from pkgtools.runtime.compile.pool import Pool, worker_code
from pkgtools.runtime.compile.steps import Action
from tests.runtime.interpreters import Found
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, Sandbox, pyc_of, walk_files

BOTH_WAYS = True

LEVELS = (0, 1, 2)
MODES = {mode.name.lower().replace("_", "-"): mode for mode in py_compile.PycInvalidationMode}
STDLIB = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path("/usr/lib/python3/dist-packages")
SAMPLE = ["argparse.py", "ast.py", "typing.py", "re/_parser.py", "this.py", "email/__init__.py", "json/decoder.py"]
SMALL = {
    "empty": "",
    "one-name": "value = 1\n",
    "docstring": '"""Doc."""\n',
    "function": "def f():\n    return 1\n",
    "non-ascii": "s = 'ä\u2028\U0001f40d'\n",
    "shared-constants": "a = ('x', 1.5, 'x')\nb = ('x', 1.5, 'x')\n\n\ndef f():\n    return ('x', 1.5, 'x')\n",
    "sets": "def f(a):\n    return a in {'x', 'y', 'z', 1, 2, (3, 4)}\n",
    "class": "class A:\n    x: int = 1\n\n    def f(self):\n        return self.x\n",
    "comprehension": "x = [lambda: y for y in range(3) if y]\n",
    "asserts": "def f(x):\n    'doc'\n    assert x, 'message'\n    if __debug__:\n        return 1\n",
    "numbers": "x = 1 << 70\ny = -0.0\nz = 1e400\nw = 3j\nv = ...\nu = b'\\0\\xff'\n",
}


def _compile_by_py_compile(sandbox: Sandbox, sources: list[str], level: int, mode: str) -> dict[str, bytes]:
    """Compile as `python3 -m py_compile` would, in a new process, without the names of this one."""
    code = (
        "import os, py_compile, sys\n"
        "root, level, mode, out = sys.argv[1:5]\n"
        "mode = py_compile.PycInvalidationMode[mode]\n"
        "for number, path in enumerate(sys.stdin.read().split(chr(0))):\n"
        "    py_compile.compile(root + path, os.path.join(out, str(number)), path, True, int(level), mode)\n"
    )
    out = sandbox.root.parent / f"reference-{level}-{mode}"
    out.mkdir()
    argv = [
        "/usr/bin/python3",
        "-I",
        "-W",
        "ignore",
        "-c",
        code,
        str(sandbox.root),
        str(level),
        MODES[mode].name,
        str(out),
    ]
    given = "\0".join(sources).encode("utf-8", "surrogateescape")
    subprocess.run(argv, input=given, env=CLEAN_ENVIRONMENT, check=True)
    return {path: (out / str(number)).read_bytes() for number, path in enumerate(sources)}


def _copy(sandbox: Sandbox, origin: Path, to: str) -> list[str]:
    """Copy the sources of a tree that py_compile can compile."""
    sources = []
    for path in walk_files(str(origin)):
        if not path.endswith(".py") or "/lib2to3/tests/" in path or "bad" in os.path.basename(path):
            continue
        target = f"{to}{path.removeprefix(str(origin))}"
        sandbox.directory(os.path.dirname(target))
        shutil.copyfile(path, sandbox.path(target))
        sources.append(target)
    return sources


def _differing(sandbox: Sandbox, sources: list[str], levels: tuple[int, ...], mode: str) -> list[tuple[str, int]]:
    ran = sandbox.compile("-O", ",".join(map(str, levels)), "--invalidation-mode", mode, APP, limit=600)
    failed = {one.source for one in ran.told if one.status == "failed"}
    assert ran.status == 0
    assert len(failed) < len(sources) / 50
    good = [source for source in sources if source not in failed]
    right = {level: _compile_by_py_compile(sandbox, good, level, mode) for level in levels}
    return [(s, level) for s in good for level in levels if sandbox.read(pyc_of(s, level)) != right[level][s]]


@pytest.mark.parametrize("mode", MODES)
def test_small_modules_are_identical_at_every_level_and_mode(mode: str, sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/{name}.py", text) for name, text in SMALL.items()]
    assert _differing(sandbox, sources, LEVELS, mode) == []


@pytest.mark.parametrize("mode", MODES)
def test_sample_of_the_library_is_identical_at_every_level_and_mode(mode: str, sandbox: Sandbox) -> None:
    sources = [
        sandbox.write(f"{APP}/{name}", (STDLIB / name).read_bytes()) for name in SAMPLE if (STDLIB / name).exists()
    ]
    assert len(sources) > 3
    assert _differing(sandbox, sources, LEVELS, mode) == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_whole_library_and_all_packages_are_identical_at_every_level(mode: str, sandbox: Sandbox) -> None:
    sources = _copy(sandbox, STDLIB, f"{APP}/stdlib") + _copy(sandbox, PACKAGES, f"{APP}/packages")
    assert len(sources) > 500
    assert _differing(sandbox, sources, LEVELS if mode == "timestamp" else (0,), mode) == []


def test_levels_with_equal_bytes_are_one_file_and_others_are_not(sandbox: Sandbox) -> None:
    same = sandbox.write(f"{APP}/same.py", "def f():\n    return 1\n")
    other = sandbox.write(f"{APP}/other.py", SMALL["asserts"])
    ran = sandbox.compile("-O", "0,1,2", APP)
    assert ran.summary == {"compiled": 4, "linked": 2}
    inodes = {s: {os.lstat(sandbox.path(pyc_of(s, level))).st_ino for level in LEVELS} for s in (same, other)}
    assert {s: len(found) for s, found in inodes.items()} == {same: 1, other: 3}


_REFERENCE = (
    "import marshal, os, sys\n"
    "path, *levels = sys.argv[1:]\n"
    "source = sys.stdin.buffer.read()\n"
    "for level in map(int, levels):\n"
    "    if os.fork() == 0:\n"  # what was compiled before shares its strings with what comes then
    "        code = compile(source, path, 'exec', dont_inherit=True, optimize=level)\n"
    "        body = marshal.dumps(code)\n"
    "        os.write(1, len(body).to_bytes(4, 'little') + body)\n"
    "        os._exit(0)\n"
    "    os.wait()\n"
)
_PLAIN = (
    "import marshal, sys\n"
    "body = sys.stdin.buffer.read()\n"
    "code = marshal.loads(body)\n"
    "F = (frozenset, set)\n"
    "def plain(x):\n"
    "    if isinstance(x, type(code)):\n"
    "        names = [n for n in dir(x) if n.startswith('co_') and n not in ('co_lines', 'co_positions', 'co_lnotab',"
    " 'co_branches')]\n"
    "        return [(n, plain(getattr(x, n))) for n in names]\n"
    "    if isinstance(x, F): return ('set', sorted(map(repr, map(plain, x))))\n"
    "    if isinstance(x, tuple): return ('tuple', [plain(y) for y in x])\n"
    "    return (type(x).__name__, repr(x))\n"
    "print(plain(code))\n"
)


def _run(found: Found, code: str, given: bytes, *arguments: str) -> bytes:
    argv = [found.program, "-I", "-S", "-B", "-W", "ignore", "-c", code, *arguments]
    return subprocess.run(argv, input=given, env=CLEAN_ENVIRONMENT, capture_output=True, check=True).stdout


def _references(found: Found, source: bytes, path: str, levels: tuple[int, ...]) -> list[bytes]:
    """Return what an interpreter makes of a source, by level, without its worker."""
    written = _run(found, _REFERENCE, source, path, *map(str, levels))
    bodies = []
    while written:
        end = 4 + int.from_bytes(written[:4], "little")
        bodies.append(written[4:end])
        written = written[end:]
    return bodies


def _ask(found: Found, sources: dict[str, bytes], *, want_hash: bool = False) -> dict[str, Answer]:
    argv = (found.program, "-I", "-S", "-B", "-W", "ignore", "-c", worker_code())
    tasks = tuple(LevelTask(level, Action.COMPILE.value, b"") for level in LEVELS)
    requests = [(path, CompileRequest(path, source, want_hash, tasks)) for path, source in sources.items()]
    return dict(Pool[str](argv, 2, 60).run(iter(requests)))


def test_worker_under_every_interpreter_makes_what_that_interpreter_makes(other_interpreter: Found) -> None:
    sources = {f"/opt/{name}.py": text.encode() for name, text in SMALL.items()}
    if other_interpreter.name in {"3.6", "pypy3"} or other_interpreter.name < "3.7":
        sources.pop("/opt/class.py", None)
    answers = _ask(other_interpreter, sources)
    for path, answer in answers.items():
        references = _references(other_interpreter, sources[path], path, LEVELS)
        for right, result in zip(references, answer.results, strict=True):
            assert result.status == "compiled", result
            if result.body != right:
                assert other_interpreter.name in {"3.6", "3.7", "3.8", "3.9", "3.10", "pypy3"}
                plain = [_run(other_interpreter, _PLAIN, body) for body in (result.body, right)]
                assert plain[0] == plain[1]


def test_worker_under_every_interpreter_reports_bad_sources_and_goes_on(other_interpreter: Found) -> None:
    sources = {
        "/opt/py2.py": b"print 'x'\n",
        "/opt/nul.py": b"x = 1\0\n",
        "/opt/coding.py": b"# coding: no-such\n",
        "/opt/deep.py": b"(" * 300 + b")" * 300,
        os.fsdecode(b"/opt/\xff.py"): b"x = 1\n",
        "/opt/good.py": b"x = 1\n",
    }
    statuses = {path: {r.status for r in answer.results} for path, answer in _ask(other_interpreter, sources).items()}
    deep = statuses.pop("/opt/deep.py")
    assert deep <= {"too-deep", "syntax-error", "out-of-memory", "worker-crash"}
    assert statuses == {
        "/opt/py2.py": {"syntax-error"},
        "/opt/nul.py": {"syntax-error"},
        "/opt/coding.py": {"unknown-encoding"},
        os.fsdecode(b"/opt/\xff.py"): {"compiled"},
        "/opt/good.py": {"compiled"},
    }


def test_worker_checks_and_compares_under_every_interpreter(other_interpreter: Found) -> None:
    source = b"def f():\n    return 1\n"
    (right,) = _references(other_interpreter, source, "/opt/m.py", (0,))
    argv = (other_interpreter.program, "-I", "-S", "-B", "-c", worker_code())
    bodies = {"whole": right, "cut": right[:-3], "empty": b"", "no-code": marshal.dumps([1, 2], 2)}
    requests = [
        (f"{action.value}-{what}", CompileRequest("/opt/m.py", source, False, (LevelTask(0, action.value, body),)))
        for action in (Action.CHECK, Action.COMPARE)
        for what, body in bodies.items()
    ]
    answers = {ticket: a.results[0].status for ticket, a in Pool[str](argv, 1, 60).run(iter(requests))}
    bad = {f"{action}-{what}": "compiled" for action in ("check", "compare") for what in bodies if what != "whole"}
    assert answers == {**bad, "check-whole": "whole", "compare-whole": "same"}


def test_hash_is_the_interpreters_own(other_interpreter: Found) -> None:
    if other_interpreter.name in {"3.6", "pypy3"}:
        pytest.skip("has no hash-based pycs of this kind")
    source = b"x = 1\n"
    code = "import sys, importlib.util as u, _imp\nsys.stdout.buffer.write(u.source_hash(sys.stdin.buffer.read()))\n"
    answer = _ask(other_interpreter, {"/opt/m.py": source}, want_hash=True)["/opt/m.py"]
    assert answer.source_hash == _run(other_interpreter, code, source)
