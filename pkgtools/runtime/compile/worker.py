# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Compile what comes in on standard input; run by the target interpreter, CPython 3.6 or PyPy 3 or any newer one.

Stands alone: imports only built-in modules, touches no file system, is given source bytes and gives back pyc bodies.

A request is a length (4 bytes, little-endian), that many bytes of fields with NULs between them, then the bytes that
the fields announce. The fields:

    path     as the installed system sees it; goes into the code objects
    hash     1 if the source's hash (PEP 552) is wanted, else 0
    length   of the source
    tasks    separated by commas: level, colon, what to do, colon, length of the pyc body that there is now

What to do is `compile`; or `check`: is the body that there is a whole code object? if not, compile; or `compare`:
compile, and is it the same as the body that there is? or `equal`: the same, whoever compiled that one, and whatever
file name was given to its code?

An answer has the same shape. Its fields: the hash's length, then for each task status, colon, length. The status is
`compiled` (a body follows), `whole` or `same` (nothing follows), or the reason of a failure (its text follows).
"""

import marshal
import sys

TYPE_CHECKING = False  # the real one is in typing, which costs 8 ms
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable, List, Set, Tuple

# before, the marks of shared objects differ from run to run; since, those of interned constants can (3.13 to 3.15)
DETERMINISTIC = (3, 11) <= sys.version_info < (3, 13) and sys.implementation.name == "cpython"
"""The same source makes the same bytes in each process that has not interned what the interpreter itself has not."""
_HAS_CACHES = sys.version_info >= (3, 11)
_CODE = type(compile("", "", "exec"))
_STATIC = "__static_attributes__"
_FIELDS = [
    "co_" + name
    for name in (
        "argcount posonlyargcount kwonlyargcount nlocals stacksize flags code names varnames filename name firstlineno"
        " lnotab linetable freevars cellvars"
    ).split()
]
"""All that a code object has before 3.11, its constants left out."""


def serve(read: "Callable[[int], bytes]", write: "Callable[[bytes], None]") -> None:
    """Answer requests until the input ends. `read(n)` gives n bytes, fewer at the end; `write` takes all bytes."""
    while True:
        head = read(4)
        if len(head) < 4:
            return
        path, want_hash, length, tasks = read(int.from_bytes(head, "little")).split(b"\0")
        source = read(int(length))
        wanted = [task.split(b":") for task in tasks.split(b",")]
        answers = make(path, source, [(int(level), action, read(int(size))) for level, action, size in wanted])
        digest = source_hash(source) if want_hash == b"1" else b""
        fields = [b"%d" % len(digest)] + [b"%s:%d" % (status, len(body)) for status, body in answers]
        head = b"\0".join(fields)
        write(b"".join([len(head).to_bytes(4, "little"), head, digest] + [body for _, body in answers]))


def make(path: bytes, source: bytes, tasks: "List[Tuple[int, bytes, bytes]]") -> "List[Tuple[bytes, bytes]]":
    """Return status and body of each task, which is a level, what to do, and the body that there is now."""
    answers = []
    level_0 = None
    for level, action, found in tasks:
        if level == 1 and action == b"compile" and level_0 and _asserts_nothing(source):
            answers.append(level_0)
            continue
        answers.append(_attempt(source, path, level, action, found))
        if level == 0 and answers[-1][0] == b"compiled":
            level_0 = answers[-1]
    return answers


def _asserts_nothing(source: bytes) -> bool:
    """Whether level 1 surely makes the same code as level 0, for most sources do.

    Level 1 drops `assert` and knows `__debug__` for false. Names are normalised (PEP 3131) and a source may have an
    encoding of its own, so only plain ASCII can be searched for them.
    """
    try:
        source.decode("ascii")
    except UnicodeDecodeError:
        return False
    cookie = any(b"coding" in line for line in source.splitlines()[:2])
    return not (cookie or b"assert" in source or b"__debug__" in source)


def _attempt(source: bytes, path: bytes, level: int, action: bytes, found: bytes) -> "Tuple[bytes, bytes]":
    try:
        if action == b"check" and _is_whole(found):
            return b"whole", b""
        # marshal flags what is referred to from elsewhere too, as import's own frames do: hence the two names
        filename = _filename_in(found) if action == b"equal" else path.decode("utf-8", "surrogateescape")
        code = compile(source, filename, "exec", dont_inherit=True, optimize=level)
        body = marshal.dumps(code)
        if action == b"compare" and _is_same(body, found):
            return b"same", b""
        if action == b"equal" and _is_equal(body, found):
            return b"same", b""
    except MemoryError:
        return b"out-of-memory", b"MemoryError"
    except RecursionError as error:
        return b"too-deep", _text(error)
    except Exception as error:  # noqa: BLE001 - whatever a compiler raises for hostile input costs this one file
        said = getattr(error, "msg", None) or str(error)  # str of a SyntaxError has the file's name in it
        if said.lower().startswith("unknown encoding"):
            return b"unknown-encoding", _text(error)
        deep = any(sign in said for sign in ("too deeply nested", "too many nested", "recursion"))
        return b"too-deep" if deep else b"syntax-error", _text(error)
    return b"compiled", body


def _filename_in(body: bytes) -> str:
    name = marshal.loads(body).co_filename  # noqa: S302 - as in _is_whole; whatever it raises, there is no such code
    return str(name)


def _is_whole(body: bytes) -> bool:
    try:
        return isinstance(marshal.loads(body), _CODE)  # noqa: S302 - in a process that may die of it
    except MemoryError:  # a mutated body can ask for any size: it isn't whole, and it isn't the source's fault
        return False
    except Exception:  # noqa: BLE001 - marshal promises no particular error for bad data
        return False


def _is_same(body: bytes, found: bytes) -> bool:
    """Whether two bodies are the same, but for marks of what is referred to more than once."""
    if body[1:] == found[1:]:
        return (body[0] ^ found[0]) & 0x7F == 0
    if DETERMINISTIC:
        return False
    return _is_equal(body, found)


def _is_equal(body: bytes, found: bytes) -> bool:
    """Whether two bodies are the same but for back references, and for marks of strings that were interned.

    What else a process has compiled or imported decides which strings are: pip's pycs differ from py_compile's.
    """
    try:
        other = marshal.loads(found)  # noqa: S302 - as in _is_whole
    except Exception:  # noqa: BLE001 - as in _is_whole; a body that doesn't load is not the same
        return False
    try:
        return _parts(marshal.loads(body)) == _parts(other)  # noqa: S302 - our own
    except MemoryError:  # says nothing about the bodies
        raise
    except Exception:  # noqa: BLE001 - what was loaded isn't a code object, or a code object of nonsense
        return False


def _parts(code: "CodeType") -> "List[bytes]":
    """Return all that a code object is, in a form that does not depend on who made it.

    dumps writes plain instructions where a pyc may have specialised ones with caches, which would run. It writes sets
    in their own order before 3.11, which is another in each process.
    """
    inner = [part for const in code.co_consts if isinstance(const, _CODE) for part in _parts(const)]
    unordered = _unordered(code)
    consts = b"".join(
        b"any order " + _constant(frozenset(value)) if number in unordered else _constant(value)
        for number, value in enumerate(code.co_consts)
    )
    if _HAS_CACHES:
        bare = marshal.dumps(code.replace(co_consts=()), 2)
        return [bare, consts, getattr(code, "_co_code_adaptive", code.co_code), *inner]
    return [marshal.dumps([getattr(code, name, None) for name in _FIELDS], 2), consts, *inner]


def _unordered(code: "CodeType") -> "Set[int]":
    """Return the constants that a class body stores as __static_attributes__: 3.13.0 writes them in a set's order."""
    if _STATIC not in code.co_names or len(code.co_names) > 256 or len(code.co_consts) > 256:
        return set()
    probe = next(one for one in compile("class C: pass", "", "exec").co_consts if isinstance(one, _CODE))
    if _STATIC not in probe.co_names:  # before 3.13 it is a name like others
        return set()
    load, _, store = _stored(probe)[-1]
    found = {number for first, number, second in _stored(code) if (first, second) == (load, store)}
    return {number for number in found if number < len(code.co_consts) and isinstance(code.co_consts[number], tuple)}


def _stored(code: "CodeType") -> "List[Tuple[int, int, int]]":
    """Return the instructions with the index of that name, each after the one before it and its argument."""
    name, raw = code.co_names.index(_STATIC), code.co_code
    return [(raw[at - 2], raw[at - 1], raw[at]) for at in range(2, len(raw), 2) if raw[at + 1] == name]


def _constant(value: "Any") -> bytes:  # whatever marshal can read
    if isinstance(value, _CODE):
        return b"code"
    if isinstance(value, slice):  # from 3.14 on; the second version of the format has none
        return b"slice" + _constant((value.start, value.stop, value.step))
    if isinstance(value, frozenset):
        return b"set %d " % len(value) + b"".join(sorted(map(_constant, value)))
    if isinstance(value, tuple):
        return b"tuple %d " % len(value) + b"".join(map(_constant, value))
    return marshal.dumps(value, 2)


def source_hash(source: bytes) -> bytes:
    """Return the source's hash (PEP 552)."""
    import importlib.util  # noqa: PLC0415 - 5 ms, and only hash-based pycs need it

    return importlib.util.source_hash(source)


def _text(error: BaseException) -> bytes:
    line = getattr(error, "lineno", None)
    message = getattr(error, "msg", None) or str(error)
    text = "{}: {}{}".format(type(error).__name__, message, " (line {})".format(line) if line else "")
    return text.encode("utf-8", "backslashreplace")


def main() -> None:
    """Serve standard input and output."""
    output = open(1, "wb", buffering=0)  # noqa: SIM115 - they live as long as the process

    def write(data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[output.write(rest) :]

    serve(open(0, "rb").read, write)  # noqa: SIM115 - as above


if __name__ == "__main__":
    main()
