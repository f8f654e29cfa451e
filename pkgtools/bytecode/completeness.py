# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: whether the code in a pyc is whole, by the frame of marshal's format: types, lengths and counts.

Nothing is unmarshalled: a stack of counts is all that is built. Source: CPython's Python/marshal.c, `r_object`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pkgtools.runtime.pythons import PythonVersion

_FLAG_REF = 0x80
"""The bit of a type that says: others refer to this object."""
_DEEPEST = 6000
"""Open containers, three for each code object; marshal gives up at 2000 objects within one another."""
_FIRST, _NEWEST = (3, 0), (3, 14)
_POSITIONAL_ONLY = (3, 8)
_ONE_LIST_OF_LOCALS = (3, 11)
_UNTIL_NULL = -1
"""The count of a dictionary, which ends with the type NULL."""
_LINE_NUMBER = -2
"""In the place of a count: four bytes between a code object's fields."""

_CODE, _REF, _DICT, _NULL = b"cr{0"
_FIXED = dict.fromkeys(b"NFTS.", 0) | {ord("i"): 4, ord("I"): 8, ord("g"): 8, ord("y"): 16}
"""Bytes that follow the type."""
_SHORT = frozenset(b"zZf")
"""The length is one byte."""
_STRINGS = frozenset(b"stuaA")
"""The length has four bytes."""
_COUNTED = frozenset(b"([<>")
"""So many objects follow as four bytes say."""
_SMALL_TUPLE, _SLICE, _COMPLEX, _INTEGER = b"):xl"


class _Broken(Exception):
    """The frame has no meaning at some byte."""


class _Unknown(Exception):
    """A version newer than those that are known here has a type of its own."""


class CodeFrame(NamedTuple):
    """How the code object in a pyc is delimited."""

    wrong: str = ""
    """Where marshal's format breaks off, in words; empty if it doesn't, or the version's format isn't known."""
    trailing: int = 0
    """Bytes behind the code object, which import doesn't read."""


def code_frame_of(content: bytes, start: int, version: PythonVersion) -> CodeFrame:
    """Look at the code object that begins at an offset of a pyc of a version."""
    if version < _FIRST:
        return CodeFrame()
    try:
        return CodeFrame(trailing=len(content) - _walk(content, start, version))
    except _Broken as error:
        return CodeFrame(wrong=str(error))
    except _Unknown:
        return CodeFrame()


def _walk(content: bytes, at: int, version: PythonVersion) -> int:
    """Go through the objects and return where they end; `left` holds how many of each open container are to come."""
    end = len(content)
    numbers, before, after = _fields(version)
    left = [1]
    references = 0
    while left:
        if left[-1] > 0:
            left[-1] -= 1
        elif left[-1] != _UNTIL_NULL:
            at += 4 if left.pop() == _LINE_NUMBER else 0
            continue
        if at >= end or len(left) > _DEEPEST:
            raise _Broken(_cut(end) if at >= end else f"more than {_DEEPEST} objects in one another at byte {at}")
        kind = content[at]
        if kind & _FLAG_REF:
            kind ^= _FLAG_REF
            references += 1
        at += 1
        if kind in _FIXED:
            at += _FIXED[kind]
        elif kind == _REF:
            at = _reference(content, at, references)
        elif kind == _CODE:
            at += numbers
            left += (after, _LINE_NUMBER, before)
        else:
            at = _other(content, at, kind, left, version)
    if at > end:
        raise _Broken(_cut(end))
    return at


def _fields(version: PythonVersion) -> tuple[int, int, int]:
    """Return a code object's bytes of numbers, and its objects before and after the number of its first line."""
    if version >= _ONE_LIST_OF_LOCALS:
        return 20, 8, 2
    return 24 if version >= _POSITIONAL_ONLY else 20, 8, 1


def _reference(content: bytes, at: int, references: int) -> int:
    if int.from_bytes(content[at : at + 4], "little") >= references:
        raise _Broken(f"byte {at - 1} refers to no object before it")
    return at + 4


def _other(content: bytes, at: int, kind: int, left: list[int], version: PythonVersion) -> int:
    """Take strings, numbers and containers, and return where they end; containers are opened."""
    if kind in _SHORT:
        return at + 1 + _number(content, at, 1)
    if kind in _STRINGS:
        return at + 4 + _number(content, at, 4)
    if kind == _INTEGER:
        return at + 4 + 2 * abs(int.from_bytes(content[at : at + 4], "little", signed=True))
    if kind == _COMPLEX:
        at += 1 + _number(content, at, 1)
        return at + 1 + _number(content, at, 1)
    return _opened(content, at, kind, left, version)


def _opened(content: bytes, at: int, kind: int, left: list[int], version: PythonVersion) -> int:
    size = 4 if kind in _COUNTED else 1 if kind == _SMALL_TUPLE else 0
    if size:
        left.append(_number(content, at, size))
    elif kind == _NULL and left[-1] == _UNTIL_NULL:
        left.pop()
    elif kind == _DICT or (kind == _SLICE and version >= _NEWEST):
        left.append(_UNTIL_NULL if kind == _DICT else 3)
    elif version > _NEWEST:
        raise _Unknown
    else:
        raise _Broken(f"byte {at - 1} isn't a type of marshal's")
    return at + size


def _number(content: bytes, at: int, size: int) -> int:
    if at + size > len(content):
        raise _Broken(_cut(len(content)))
    return int.from_bytes(content[at : at + size], "little")


def _cut(end: int) -> str:
    return f"it ends at byte {end}, within its code"
