# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Sources that no compiler likes: one reported failure each, and every good sibling compiled."""

from __future__ import annotations

import os
import warnings

import pytest

from tests.runtime.sandbox import APP, PUBLIC, Sandbox, pyc_of, reference_pyc

BOTH_WAYS = True

BAD: dict[str, tuple[bytes, str]] = {
    "python-2": (b'print "hello"\n', "syntax-error"),
    "tabs-and-spaces": (b"if 1:\n\tx = 1\n        y = 2\n", "syntax-error"),
    "unknown-coding": (b"# -*- coding: no-such-codec -*-\n", "unknown-encoding"),
    "coding-that-is-no-text": (b"# coding: hex\n61\n", "syntax-error"),
    "coding-with-a-path": (b"# coding: ../../../tmp/evil\nx = 1\n", "unknown-encoding"),
    "undecodable": (b"x = '\xff\xfe'\n", "syntax-error"),
    "two-codings": (b"\xef\xbb\xbf# coding: latin-1\n", "syntax-error"),
    "nul-byte": (b"x = 1\0\n", "syntax-error"),
    "nul-bytes-only": (bytes(4096), "syntax-error"),
    "utf-16": ("x = 1\n".encode("utf-16"), "syntax-error"),
    "binary": (bytes(range(256)) * 16, "syntax-error"),
    "nested-parentheses": (b"(" * 5000 + b")" * 5000, "too-deep"),
    "nested-operators": (b"x = " + b"-" * 60_000 + b"1\n", "too-deep"),
    "nested-attributes": (b"x = a" + b".b" * 60_000 + b"\n", "too-deep"),
    "nested-sums": (b"x = " + b"+".join([b"1.5j"] * 60_000) + b"\n", "too-deep"),
    "nested-blocks": (b"".join(b" " * n + b"if 1:\n" for n in range(150)) + b" " * 150 + b"x\n", "syntax-error"),
    "nested-functions": (
        b"".join(b" " * n + b"def f():\n" for n in range(99)) + b" " * 99 + b"pass\n)\n",
        "syntax-error",
    ),
    "unclosed-string": (b"'''" + b"x" * 100_000, "syntax-error"),
    "huge-number": (b"x = " + b"9" * 20_000 + b"\n", "syntax-error"),
    "bad-escape": (b"x = '\\x'\n", "syntax-error"),
    "bad-name-escape": (b"x = '\\N{no such character}'\n", "syntax-error"),
    "return-outside": (b"return 1\n", "syntax-error"),
    "future": (b"from __future__ import braces\n", "syntax-error"),
}
GOOD: dict[str, bytes] = {
    "empty": b"",
    "comment": b"# nothing",
    "byte-order-mark": b"\xef\xbb\xbfx = '\xc3\xa4'\n",
    "byte-order-mark-only": b"\xef\xbb\xbf",
    "latin-1": b"# coding: latin-1\nx = '\xe4'\n",
    "latin-1-on-line-2": b"#!/usr/bin/python3\n# vim: set fileencoding=iso-8859-15 :\nx = '\xa4'\n",
    "utf-8-sig": b"# coding: utf-8-sig\nx = 1\n",
    "rot13": b"# coding: utf-7\nx = 1\n",
    "crlf": b"x = 1\r\ny = '''a\r\nb'''\r\n",
    "cr": b"x = 1\ry = 2\r",
    "form-feed": b"x = 1\n\x0cy = 2\n",
    "no-final-newline": b"x = 1",
    "constant-folding": b"x = 'ab' * 2000 + 'c' * 9\ny = 2 ** 60000\nz = (0,) * 250\nw = 1 << 900000\n",
    "constant-bomb": b"x = ((((('a' * 4096) * 4096) * 4096) * 4096) * 4096)\ny = 9 ** 9 ** 9 ** 9\n",
    "invalid-escape-warning": b"x = '\\d'\nassert (x, 'always true')\nif x is 'y': pass\n",
    "surrogates": b"x = '\\udc80\\ud800'\n",
    "one-long-line": b"x = [" + b"1, " * 100_000 + b"]\n",
    "five-megabytes": b"# " + b"x" * 98 + b"\n" + (b"value = 'text'  # " + b"y" * 60 + b"\n") * 66_000,
    "many-functions": b"".join(b"def f%d(a, *b, c=1, **d): return a\n" % n for n in range(3000)),
    "class-with-private-names": b"class A:\n    __x = 1\n    def __y(self): return self.__x\n",
}

DEPTH = {"out-of-memory": "too-deep"}
"""The parser of some versions raises MemoryError where its stack ends."""


def test_t23_each_bad_source_fails_alone_and_every_sibling_is_compiled(sandbox: Sandbox) -> None:
    bad = {what: sandbox.write(f"{APP}/bad_{what}.py", content) for what, (content, _) in BAD.items()}
    good = {what: sandbox.write(f"{APP}/good_{what}.py", content) for what, content in GOOD.items()}
    ran = sandbox.compile("-O", "0,1,2", APP, limit=60)
    assert ran.status == 0
    told = {what: ran.of(pyc_of(path)) for what, path in bad.items()}
    assert {w: (status, DEPTH.get(reason, reason)) for w, (status, reason) in told.items()} == {
        what: ("failed", reason) for what, (_, reason) in BAD.items()
    }
    assert sandbox.pycs() == {pyc_of(path, level) for path in good.values() for level in (0, 1, 2)}
    wrong = [
        (what, level)
        for what, path in good.items()
        for level in (0, 1, 2)
        if sandbox.read(pyc_of(path, level)) != _quiet_reference(sandbox, path, level)
    ]
    assert wrong == []


def _quiet_reference(sandbox: Sandbox, path: str, level: int) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return reference_pyc(sandbox, path, level)


def test_warnings_of_the_compiler_are_not_shown(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py", GOOD["invalid-escape-warning"])
    ran = sandbox.compile(APP)
    assert (ran.status, ran.talk, ran.output) == (0, "", "")


@pytest.mark.parametrize("what", {reason: what for what, (_, reason) in BAD.items()}.values())
def test_strict_ends_with_1_for_a_bad_source_and_still_compiles_the_others(what: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/bad.py", BAD[what][0])
    good = sandbox.write(f"{APP}/good.py")
    ran = sandbox.compile("--strict", APP, limit=60)
    assert (ran.status, sandbox.pycs()) == (1, {pyc_of(good)})
    prefix, _, told = ran.talk.partition("/bad.py: ")
    reason = told.partition(": ")[0]
    assert (prefix, DEPTH.get(reason, reason)) == (f"pkgtools-compile: {APP}", BAD[what][1])
    assert ran.talk.count("\n") == 1


def test_refusal_outranks_a_bad_source(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/bad.py", BAD["python-2"][0])
    sandbox.directory(f"{APP}/open", 0o777)
    sandbox.write(f"{APP}/open/m.py")
    assert sandbox.compile("--strict", APP).status == 2


PLANTED = ["encodings", "codecs", "evil", "marshal", "warnings", "os"]


def test_t20_coding_cookie_imports_nothing_that_lies_about(sandbox: Sandbox) -> None:
    for name in PLANTED:
        text = f"open('/tmp/pkgtools-planted-{name}', 'w').close()\n"
        sandbox.write(f"{PUBLIC}/{name}.py", text)
        sandbox.write(f"{APP}/{name}.py", text)
        sandbox.write(f"{APP}/uses_{name}.py", f"# coding: {name}\nx = 1\n")
    ran = sandbox.compile(APP, cwd=sandbox.path(APP))
    assert ran.status == 0
    assert [name for name in PLANTED if sandbox.exists(f"/tmp/pkgtools-planted-{name}")] == []
    assert [name for name in PLANTED if os.path.lexists(f"/tmp/pkgtools-planted-{name}")] == []
