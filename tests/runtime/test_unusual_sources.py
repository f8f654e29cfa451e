# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules from the field that import well and that a compiler has trouble with, through workers and through forks."""

from __future__ import annotations

import pytest

from tests.runtime.sandbox import APP, Sandbox, pyc_of, reference_pyc

BOTH_WAYS = True
LITERAL = "RATIOS = {\n" + "".join(f'    ("some", "key{n}"): 0.{n},\n' for n in range(60_000)) + "}\n"
"""As generators of statistical models write them: 2 MB."""


def test_encoding_that_a_pth_file_registers_is_reported_as_that(sandbox: Sandbox) -> None:
    """get_version #4 and Nuitka #1171: `future_fstrings` is a codec of a package, and reported as a syntax error."""
    source = sandbox.write(f"{APP}/strings.py", "# -*- coding: future_fstrings -*-\nx = 1\n")
    sibling = sandbox.write(f"{APP}/sibling.py")
    ran = sandbox.compile(APP)
    assert (ran.status, ran.of(pyc_of(source))) == (0, ("failed", "unknown-encoding"))
    (told,) = (one for one in ran.told if one.path == pyc_of(source))
    assert told.detail.startswith("SyntaxError: unknown encoding: future_fstrings; where a .pth file registers it")
    assert sandbox.pycs() == {pyc_of(sibling)}


def test_module_that_is_one_huge_literal_is_compiled_as_its_sibling_is(sandbox: Sandbox) -> None:
    """probablepeople #118."""
    source = sandbox.write(f"{APP}/ratios.py", LITERAL)
    sibling = sandbox.write(f"{APP}/sibling.py")
    ran = sandbox.compile(APP)
    assert (ran.status, ran.summary) == (0, {"compiled": 2})
    for one in (source, sibling):
        assert sandbox.read(pyc_of(one)) == reference_pyc(sandbox, one)


@pytest.mark.slow
def test_module_that_takes_more_memory_than_a_compiler_may_have_is_one_failure(sandbox: Sandbox) -> None:
    """Each `finally` is compiled twice, those in it four times: a few lines can ask for any memory."""
    lines = [f"{'  ' * depth}try: pass\n{'  ' * depth}finally:\n" for depth in range(19)]
    source = sandbox.write(f"{APP}/bomb.py", "".join(lines) + "  " * 19 + "x = " + "f(a, b) + " * 40 + "1\n")
    sibling = sandbox.write(f"{APP}/sibling.py")
    ran = sandbox.compile("--timeout", "60", APP)
    assert (ran.status, ran.of(pyc_of(source))[0]) == (0, "failed")
    assert ran.of(pyc_of(source))[1] in {"out-of-memory", "worker-crash", "timeout"}
    assert sandbox.pycs() == {pyc_of(sibling)}
