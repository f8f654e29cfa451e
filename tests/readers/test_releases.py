# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Two releases of one version compile differently: what differs by that alone is not called tampering."""

from __future__ import annotations

import subprocess

import pytest

from pkgtools.bytecode.compiling import Comparison, compare, find_compilers, release_of
from pkgtools.model.package import CodeMatch, Obstacle
from pkgtools.runtime.facts import InstalledPath
from tests.readers.test_compiling import code_of
from tests.runtime.interpreters import other_interpreters


def test_another_release_is_no_tampering() -> None:
    compilers = find_compilers(workers=1)
    own = compilers.interpreters[0]
    pyc = own.magic + bytes(12) + code_of("x = 2\n")
    one = Comparison(InstalledPath("/m.pyc"), pyc, b"x = 1\n", "/m.py", 0)
    for release, expected in (
        ("", (CodeMatch.DIFFERENT, None)),
        (release_of(own), (CodeMatch.DIFFERENT, None)),
        ("3.11.99", (CodeMatch.OTHER_RELEASE, Obstacle.OTHER_RELEASE)),
    ):
        assert list(compare(compilers, [one._replace(release=release)])) == [("/m.pyc", expected)]


STATIC = "class C:\n    def f(self):\n        self.a = self.b = 1\n    kept = ('x', 'y')\n"
REORDER = """
import marshal, sys
source, *names = sys.argv[1:]
whole = compile(source, "/m.py", "exec", dont_inherit=True, optimize=0)
body = next(one for one in whole.co_consts if hasattr(one, "co_consts"))
consts = tuple(tuple(names) if isinstance(one, tuple) and set(one) == set(names) else one for one in body.co_consts)
new = body.replace(co_consts=consts)
whole = whole.replace(co_consts=tuple(new if one is body else one for one in whole.co_consts))
sys.stdout.buffer.write(marshal.dumps(whole))
"""


@pytest.mark.parametrize(
    ("names", "is_same"),
    [(("a", "b"), True), (("b", "a"), True), (("x", "y"), True), (("y", "x"), False)],
    ids=["static", "static in another order", "another tuple", "another tuple in another order"],
)
def test_static_attributes_alone_have_no_order(names: tuple[str, str], is_same: bool) -> None:
    """3.13.0 writes them in the order of a set, which is another in each process."""
    other = other_interpreters().get("3.13")
    if other is None:
        pytest.skip("there is no Python 3.13")
    compilers = find_compilers([InstalledPath(other.program)], workers=1)
    command = [other.program, "-I", "-c", REORDER, STATIC, *names]
    body = subprocess.run(command, capture_output=True, check=True).stdout
    one = Comparison(InstalledPath("/m.pyc"), other.magic + bytes(12) + body, STATIC.encode(), "/m.py", 0)
    match = next(matched.match for _, matched in compare(compilers, [one]))
    assert (match in {CodeMatch.IDENTICAL, CodeMatch.EQUAL}) is is_same


def test_of_two_releases_the_one_that_made_it_compares() -> None:
    compilers = find_compilers(workers=1)
    own = compilers.interpreters[0]
    other = other_interpreters().get("{}.{}".format(*own.version))
    if other is None:
        pytest.skip("there is one release only")
    both = find_compilers([InstalledPath(other.program)], workers=1)
    for one in both.interpreters:
        if one.magic == own.magic:
            chosen = both.of_magic(own.magic, release_of(one))
            assert chosen is not None
            assert release_of(chosen) == release_of(one)
