# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every changed instruction, constant and name of real pycs is found, and nothing is found that doesn't matter."""

from __future__ import annotations

import base64
import json
import marshal
import random
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import FunctionType

import pytest

from pkgtools.bytecode.compiling import Comparison, Compilers, compare, compile_sources, find_compilers
from pkgtools.model.package import CodeMatch, Obstacle
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath
from tests.runtime.interpreters import NAMES, other_interpreters

STDLIB = Path(sysconfig.get_path("stdlib"))
CRASHES = b"x = " + b"-" * 1_000_000 + b"1"
"""The parser of 3.11 overflows its stack."""
CHANGES = {"instruction", "const", "name", "line", "stack"}
MUTATE = r"""
import base64, json, marshal, os, random, sys, types
names, seed, number, level = json.load(sys.stdin)
draw = random.Random(seed)

def codes(code):
    return [code] + [inner for one in code.co_consts if isinstance(one, types.CodeType) for inner in codes(one)]

def put(code, old, new):
    if code is old:
        return new
    consts = tuple(put(one, old, new) if isinstance(one, types.CodeType) else one for one in code.co_consts)
    return code.replace(co_consts=consts)

def other(value):
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, bytes):
        return value + b"x"
    if value is None or isinstance(value, (bool, types.CodeType)) or value is Ellipsis:
        return 7
    if isinstance(value, (int, float, complex)):
        return value + 1
    return (value,)

def swapped(items, make):
    at = draw.randrange(len(items))
    return items[:at] + (make(items[at]),) + items[at + 1:]

def changed(code):
    kinds = ["line", "stack"]
    kinds += ["const"] * 3 if code.co_consts else []
    kinds += ["name"] * 3 if code.co_names else []
    kind = draw.choice(kinds)
    if kind == "const":
        return kind, code.replace(co_consts=swapped(code.co_consts, other))
    if kind == "name":
        return kind, code.replace(co_names=swapped(code.co_names, lambda name: name + "x"))
    if kind == "line":
        return kind, code.replace(co_firstlineno=code.co_firstlineno + 1)
    return kind, code.replace(co_stacksize=code.co_stacksize + 1)

def instruction(body, code):
    # one byte of the instructions as they lie in the file, those of inline caches among them
    raw = code.co_code
    start = body.find(len(raw).to_bytes(4, "little") + raw)
    if start < 0:
        return None
    at = start + 4 + draw.randrange(len(raw))
    new = draw.choice([one for one in range(256) if one != body[at]])
    return body[:at] + bytes([new]) + body[at + 1:]

def runs_otherwise(new, body):
    # from 3.12 on, counters among the instructions are set when code is loaded, whatever is in the file
    if sys.version_info < (3, 12):
        return True
    child = os.fork()  # loading such code can end the process
    if child:
        return os.waitpid(child, 0)[1] != 0
    status = 1
    try:
        status = [raw(one) for one in codes(marshal.loads(new))] != [raw(one) for one in codes(marshal.loads(body))]
    finally:
        os._exit(status)

def raw(code):
    return getattr(code, "_co_code_adaptive", code.co_code)

answers = []
for name in names:
    with open(name, "rb") as stream:
        source = stream.read()
    whole = compile(source, name, "exec", dont_inherit=True, optimize=level)
    body = marshal.dumps(whole)
    answers.append((name, "unchanged", base64.b64encode(body).decode()))
    for _ in range(number):
        code = draw.choice(codes(whole))
        if draw.random() < 0.5:
            new = instruction(body, code)
            kind = "instruction" if new is None or runs_otherwise(new, body) else "counter"
        else:
            kind, put_in = changed(code)
            new = marshal.dumps(put(whole, code, put_in))
        if new is not None:
            answers.append((name, kind, base64.b64encode(new).decode()))
print(json.dumps(answers))
"""


Made = tuple[str, str, bytes]
"""A module, what was done to it, and its code."""


def modules(number: int, largest: int = 20_000) -> list[str]:
    found = (path for path in sorted(STDLIB.glob("*.py")) if 500 < path.stat().st_size < largest)
    return [str(path) for path in found][:number]


def mutated(
    program: str, names: Iterable[str], *, seed: int, number: int, level: int = 0
) -> list[tuple[str, str, bytes]]:
    question = json.dumps((list(names), seed, number, level))
    done = subprocess.run(
        [program, "-I", "-W", "ignore", "-c", MUTATE], input=question, capture_output=True, text=True, check=True
    )
    return [(name, kind, base64.b64decode(body)) for name, kind, body in json.loads(done.stdout)]


def compared(compilers: Compilers, magic: bytes, some: list[Made], level: int = 0) -> list[str]:
    """Return the kinds of those that came out wrong."""
    header = magic + bytes(12)
    comparisons = [
        Comparison(InstalledPath(str(number)), header + body, Path(name).read_bytes(), name, level)
        for number, (name, _, body) in enumerate(some)
    ]
    wrong = []
    for path, (match, _) in compare(compilers, comparisons):
        kind = some[int(path)][1]
        good = {CodeMatch.DIFFERENT} if kind in CHANGES else {CodeMatch.IDENTICAL, CodeMatch.EQUAL}
        if match not in good:
            wrong.append(f"{some[int(path)][0]}: {kind} {match}")
    return wrong


@pytest.fixture(scope="module")
def compilers() -> Compilers:
    return find_compilers(workers=2)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_every_change_is_found(compilers: Compilers, level: int) -> None:
    own = compilers.interpreters[0]
    some = mutated(own.path, modules(12), seed=level, number=20, level=level)
    assert {kind for _, kind, _ in some} == {"unchanged", *CHANGES}
    assert compared(compilers, own.magic, some, level) == []


@pytest.mark.slow
def test_every_change_of_hundreds_of_modules_is_found(compilers: Compilers) -> None:
    own = compilers.interpreters[0]
    some = mutated(own.path, modules(300, 200_000), seed=0, number=8)
    assert compared(compilers, own.magic, some) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"3.6", "3.7", "pypy3"}])
def test_every_change_is_found_with_other_interpreters(name: str) -> None:
    other = other_interpreters().get(name)
    if other is None:
        pytest.skip(f"there is no Python {name}")
    compilers = find_compilers([InstalledPath(other.program)], workers=2)
    sources = {InstalledPath(one): Path(one).read_bytes() for one in modules(40)}
    refused = compile_sources(compilers, sources)
    names = [one for one in sources if not refused[one].faults]
    assert len(names) > 20
    some = mutated(other.program, names, seed=1, number=20)
    kinds = Counter(kind for _, kind, _ in some)
    assert kinds["counter"] < kinds["instruction"] / 4
    assert compared(compilers, other.magic, some) == []


def match_of(compilers: Compilers, source: str, body: bytes, filename: str = "/m.py", level: int = 0) -> CodeMatch:
    magic = compilers.interpreters[0].magic
    one = Comparison(InstalledPath("/m.pyc"), magic + bytes(12) + body, source.encode(), filename, level)
    return next(matched.match for _, matched in compare(compilers, [one]))


def code_of(source: str, filename: str = "/m.py", level: int = 0) -> bytes:
    return marshal.dumps(compile(source, filename, "exec", dont_inherit=True, optimize=level))


TEXT = "import os\nDEBUG = __debug__\n\ndef f(a):\n    '''Text.'''\n    assert a\n    return {'x', 'y', a} or os\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(code_of(TEXT), id="no marks of references"),
        pytest.param(marshal.dumps(marshal.loads(code_of(TEXT)), 2), id="no references"),
        pytest.param(code_of(TEXT, "/build/m.py"), id="another file name"),
        pytest.param(code_of(TEXT, "m.py"), id="a relative file name"),
        pytest.param(code_of(TEXT, ""), id="no file name"),
        pytest.param(code_of(TEXT) + b"rest", id="something behind the code"),
    ],
)
def test_what_does_not_matter_is_equal(compilers: Compilers, body: bytes) -> None:
    assert match_of(compilers, TEXT, body) is CodeMatch.EQUAL


def test_specialised_instructions_are_different(compilers: Compilers) -> None:
    """They would run unchecked, and a comparison that reads code and writes it again doesn't see them."""
    source = "def f(a):\n    return a + a\n"
    function: dict[str, FunctionType] = {}
    exec(source, function)
    plain = function["f"].__code__.co_code
    for _ in range(100):
        function["f"](1)
    special = getattr(function["f"].__code__, "_co_code_adaptive")  # noqa: B009 - typeshed doesn't know it
    body = code_of(source)
    planted = body.replace(plain, special)
    assert planted not in {body, special}
    assert marshal.dumps(marshal.loads(planted), 2) == marshal.dumps(marshal.loads(body), 2)
    assert match_of(compilers, source, planted) is CodeMatch.DIFFERENT


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"N", id="no code"),
        pytest.param(b"(" + b"\xff\xff\xff\x7f", id="a tuple of two billions"),
        pytest.param(b"(\xff\xff\xff\x01" + b"N" * 1000, id="a tuple of 256 MiB"),
        pytest.param(b"[\x01\x00\x00\x00" * 100_000, id="lists in one another"),
        pytest.param(b"\xdb\x01\x00\x00\x00r\x00\x00\x00\x00", id="a list that holds itself"),
        pytest.param(b"l\xff\xff\xff\x7f", id="a huge number"),
        pytest.param(b"c" + b"\xff" * 2000, id="code of nonsense"),
        pytest.param(b"i\x01\x00\x00\x00", id="a number"),
        pytest.param(code_of("x = 1\n"), id="other code"),
        pytest.param(code_of(TEXT)[:-1], id="too short"),
    ],
)
def test_what_is_no_code_of_the_source_is_different(compilers: Compilers, body: bytes) -> None:
    assert match_of(compilers, TEXT, body) is CodeMatch.DIFFERENT


def test_random_damage_is_survived(compilers: Compilers) -> None:
    draw = random.Random(0)
    body = code_of(TEXT)
    damaged = []
    for _ in range(300):
        new = bytearray(body)
        for _ in range(draw.randrange(1, 10)):
            new[draw.randrange(len(new))] = draw.randrange(256)
        damaged.append(bytes(new))
    magic = compilers.interpreters[0].magic
    comparisons = [
        Comparison(InstalledPath(str(number)), magic + bytes(12) + one, TEXT.encode(), "/m.py", 0)
        for number, one in enumerate(damaged)
    ]
    results = dict(compare(compilers, comparisons))
    assert len(results) == 300
    assert sum(matched.match is CodeMatch.DIFFERENT for matched in results.values()) > 200


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(:\n", id="syntax error"),
        pytest.param("x = " + "(" * 10_000 + ")" * 10_000, id="deep"),
        pytest.param("x = 1\x00", id="a NUL"),
        pytest.param("# coding: nonsense\n", id="an unknown encoding"),
    ],
)
def test_sources_that_do_not_compile_have_no_code(compilers: Compilers, source: str) -> None:
    assert match_of(compilers, source, code_of("x = 1\n")) is CodeMatch.DIFFERENT


def test_a_source_that_ends_its_compiler_says_nothing_of_the_pyc(compilers: Compilers) -> None:
    one = Comparison(InstalledPath("/m.pyc"), compilers.interpreters[0].magic + bytes(12), CRASHES, "/m.py", 0)
    assert list(compare(compilers, [one])) == [("/m.pyc", (CodeMatch.UNCHECKED, Obstacle.WORKER))]


def test_an_interpreter_that_cannot_start_says_nothing_of_any_pyc(compilers: Compilers) -> None:
    """Workers that a full machine, a limit or a filter of system calls ends are no sign of tampering."""
    own = compilers.interpreters[0]._replace(path=InstalledPath("/bin/false"))
    one = Comparison(InstalledPath("/m.pyc"), own.magic + bytes(12) + code_of("x = 1\n"), b"x = 1\n", "/m.py", 0)
    broken = replace(compilers, interpreters=(own,))
    assert list(compare(broken, [one])) == [("/m.pyc", (CodeMatch.UNCHECKED, Obstacle.WORKER))]
    assert compile_sources(broken, {InstalledPath("/m.py"): b"x = 1\n"}) == {"/m.py": ((), ())}


def test_one_level_is_not_another(compilers: Compilers) -> None:
    bodies = [code_of(TEXT, level=level) for level in (0, 1, 2)]
    matches = [[match_of(compilers, TEXT, body, level=level) for body in bodies] for level in (0, 1, 2)]
    same = [[match is not CodeMatch.DIFFERENT for match in row] for row in matches]
    assert same == [[True, False, False], [False, True, False], [False, False, True]]


def test_bytecode_of_no_interpreter_here_is_unchecked(compilers: Compilers) -> None:
    one = Comparison(InstalledPath("/m.pyc"), b"\x01\x0c\r\n" + bytes(12), b"", "/m.py", 0)
    assert list(compare(compilers, [one])) == [("/m.pyc", (CodeMatch.UNCHECKED, Obstacle.NO_INTERPRETER))]


@pytest.mark.parametrize("program", ["/nowhere/python3", "/bin/true", "/etc/passwd"])
def test_a_python_that_does_not_run_is_a_usage_error(program: str) -> None:
    with pytest.raises(UsageError, match="no Python that runs"):
        find_compilers([InstalledPath(program)])


def test_interpreters_are_found_below_a_directory_each_once(tmp_path: Path) -> None:
    program = Path(f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}").resolve()
    for directory in ("a/bin", "b/c/bin", "d/sbin"):
        (tmp_path / directory).mkdir(parents=True)
        (tmp_path / directory / program.name).symlink_to(program)
    (tmp_path / "a/bin/python3").symlink_to(program.name)
    broken = tmp_path / "b/c/bin/python3.99"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    found = find_compilers([InstalledPath(str(tmp_path))], workers=1).interpreters
    assert [one.path for one in found if one.path.startswith(str(tmp_path))] == [f"{tmp_path}/a/bin/{program.name}"]
    with pytest.raises(UsageError, match="no Python that runs"):
        find_compilers([InstalledPath(f"{tmp_path}/d")])
