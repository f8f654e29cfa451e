# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What the worker answers to each kind of task, asked in this process as the pool would ask it."""

from __future__ import annotations

import importlib.util
import io
import marshal
import subprocess
import sys

import pytest

from pkgtools.runtime.compile import worker

PATH = "/opt/app/m.py"
SOURCE = b"def f(a):\n    'doc'\n    assert a\n    return a in {'x', 'y', (1, 2)}\nvalue = 5\n"
Result = tuple[str, bytes]


def _ask(source: bytes, *tasks: tuple[int, str, bytes], path: str = PATH, want_hash: bool = False) -> list[bytes]:
    """Return the worker's answer, its hash first."""
    wanted = ",".join(f"{level}:{action}:{len(body)}" for level, action, body in tasks)
    head = b"\0".join((path.encode("utf-8", "surrogateescape"), b"%d" % want_hash, b"%d" % len(source)))
    head += b"\0" + wanted.encode()
    stream = io.BytesIO(len(head).to_bytes(4, "little") + head + source + b"".join(body for _, _, body in tasks))
    answers: list[bytes] = []
    worker.serve(stream.read, answers.append)
    (answer,) = answers
    length = int.from_bytes(answer[:4], "little")
    fields, rest = answer[4 : 4 + length].split(b"\0"), answer[4 + length :]
    sizes = [int(fields[0]), *(int(field.split(b":")[1]) for field in fields[1:])]
    parts = []
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    assert rest == b""
    return [parts[0], *(field.split(b":")[0] + b":" + part for field, part in zip(fields[1:], parts[1:], strict=True))]


def _one(source: bytes, action: str, body: bytes = b"", level: int = 0) -> Result:
    _, answer = _ask(source, (level, action, body))
    status, _, said = answer.partition(b":")
    return status.decode(), said


def _body(source: bytes, path: str = PATH, level: int = 0) -> bytes:
    """Return what another process makes of a source: there, other strings are interned."""
    # each in a variable, as import has them: marshal marks what is referred to from elsewhere
    code = f"import marshal, sys; source = sys.stdin.buffer.read(); path = {path!r}; "
    code += f"made = compile(source, path, 'exec', optimize={level}); sys.stdout.buffer.write(marshal.dumps(made))"
    return subprocess.run([sys.executable, "-I", "-c", code], input=source, capture_output=True, check=True).stdout


@pytest.mark.parametrize("level", [0, 1, 2])
def test_compile_makes_what_the_interpreter_makes(level: int) -> None:
    status, body = _one(SOURCE, "compile", level=level)
    assert (status, body) == ("compiled", _body(SOURCE, level=level))


def test_hash_is_that_of_the_source_and_comes_when_it_is_wanted() -> None:
    assert _ask(SOURCE, (0, "compile", b""), want_hash=True)[0] == importlib.util.source_hash(SOURCE)
    assert _ask(SOURCE, (0, "compile", b""))[0] == b""


BAD = {
    "syntax": (b"x = 1\nx = (\n", "syntax-error", "SyntaxError: '(' was never closed (line 2)"),
    "null-byte": (b"x\0", "syntax-error", None),
    "encoding": (b"# coding: none-such\n", "unknown-encoding", "SyntaxError: unknown encoding: none-such"),
    "not-utf-8": (b"'\xff'", "syntax-error", None),
    "parentheses": (b"(" * 1000 + b")" * 1000, "too-deep", None),
    "indentation": (b"".join(b" " * n + b"if 1:\n" for n in range(101)) + b" " * 101 + b"x\n", "syntax-error", None),
    "attributes": (b"a" + b".a" * 100_000, "too-deep", "RecursionError: "),
}


@pytest.mark.parametrize("name", BAD)
def test_source_that_does_not_compile(name: str) -> None:
    source, status, text = BAD[name]
    found, said = _one(source, "compile")
    assert found == status
    assert said.decode().startswith(text or "")
    assert said


def test_source_that_takes_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhaust(*_arguments: object, **_keywords: object) -> None:
        raise MemoryError

    monkeypatch.setattr(worker, "compile", exhaust, raising=False)
    assert _one(SOURCE, "compile") == ("out-of-memory", b"MemoryError")


NO_BODY = {
    "nothing": b"",
    "half": _body(SOURCE)[:-9],
    "no-code": marshal.dumps((1, 2)),
    "a-huge-size": b"\xe9\xff\xff\xff\x7f",
    "noise": bytes(range(256)),
}


@pytest.mark.parametrize("name", NO_BODY)
def test_body_that_is_no_code_is_compiled_anew(name: str) -> None:
    assert _one(SOURCE, "check", NO_BODY[name]) == ("compiled", _body(SOURCE))
    assert _one(SOURCE, "compare", NO_BODY[name]) == ("compiled", _body(SOURCE))


def test_body_that_is_whole_is_left_whatever_it_does() -> None:
    assert _one(SOURCE, "check", _body(b"other = 1\n")) == ("whole", b"")
    assert _one(b"x = (\n", "check", _body(SOURCE)) == ("whole", b"")


@pytest.mark.parametrize("action", ["compare", "equal"])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_same_is_told_from_other(action: str, level: int) -> None:
    assert _one(SOURCE, action, _body(SOURCE, level=level), level) == ("same", b"")
    changes = ((b"return a", b"return f"), (b"'x'", b"'z'"), (b"f(a", b"g(a"), (b"= 5", b"= 6"))
    for other in (SOURCE.replace(old, new) for old, new in changes):
        assert other != SOURCE
        assert _one(other, action, _body(SOURCE, level=level), level)[0] == "compiled"
    assert _one(SOURCE, action, _body(SOURCE, level=(level + 1) % 3), level)[0] == "compiled"


def test_only_equal_overlooks_the_name_of_the_file() -> None:
    elsewhere = _body(SOURCE, "/build/m.py")
    assert _one(SOURCE, "compare", elsewhere)[0] == "compiled"
    assert _one(SOURCE, "equal", elsewhere) == ("same", b"")


def test_equal_to_no_code_is_the_sources_fault_as_little() -> None:
    assert _one(SOURCE, "equal", marshal.dumps(7))[0] in {"compiled", "syntax-error"}


def test_reference_marks_make_no_difference() -> None:
    body = _body(b"a = ('x', 1.5, 'x')\n")
    assert body[0] & 0x80
    assert _one(b"a = ('x', 1.5, 'x')\n", "compare", bytes([body[0] & 0x7F]) + body[1:]) == ("same", b"")
    assert _one(b"a = ('x', 1.5, 'x')\n", "compare", bytes([body[0] ^ 1]) + body[1:])[0] == "compiled"


@pytest.mark.parametrize(
    ("source", "shared"),
    [
        (b"def f(a):\n    return a\n", True),
        (b"def f(a):\n    assert a\n", False),
        (b"print(__debug__)\n", False),
        (b"# -*- coding: utf-8 -*-\nx = 1\n", False),
        (b"x = 1\ny = 2\n# coding is no cookie in the third line\n", True),
        ("x = 'ä'\n".encode(), False),
        (b"x = (\n", False),
    ],
)
def test_level_1_is_taken_from_level_0_only_where_it_cannot_differ(
    source: bytes, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[int] = []

    def counting(text: bytes, name: str, mode: str, *, dont_inherit: bool, optimize: int) -> object:
        levels.append(optimize)
        return compile(text, name, mode, dont_inherit=dont_inherit, optimize=optimize)

    monkeypatch.setattr(worker, "compile", counting, raising=False)
    _, first, second = _ask(source, (0, "compile", b""), (1, "compile", b""))
    assert levels == ([0] if shared else [0, 1])
    if shared:
        assert first == second == b"compiled:" + _body(source, level=1)


def test_level_1_with_a_body_to_look_at_is_not_taken_from_level_0() -> None:
    _, _, second = _ask(b"x = 1\n", (0, "compile", b""), (1, "check", _body(b"y = 2\n")))
    assert second == b"whole:"


def test_name_that_is_not_utf_8_is_in_the_code() -> None:
    _, answer = _ask(b"x = 1\n", (0, "compile", b""), path="/opt/\udce9.py")
    assert marshal.loads(answer.partition(b":")[2]).co_filename == "/opt/\udce9.py"
