# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The same requirements through dh_python3's code and ours: equal, or different for a reason that is written down.

The dh-python that is installed is asked; further ones where DH_PYTHON_TREES names their directories, as a .deb has
them in /usr/share/dh-python, separated by colons.
"""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

from pkgtools.debhelper.records import Field
from pkgtools.debhelper.requirements.requirements import collect, translate_each
from pkgtools.debhelper.requirements.upstream import read_metadata, read_requires, rewritten
from pkgtools.debhelper.supported_pythons import Dialect

from . import dh_python_driver as driver
from .dh_python_cases import BUILD_DEPENDS, DIFFERENCES, EQUAL, KEPT_DIFFERENCES, KEPT_EQUAL, OVERRIDES
from .oracle import depends, make_context

INSTALLED = "/usr/share/dh-python"
TREES = [
    tree for tree in (INSTALLED, *os.environ.get("DH_PYTHON_TREES", "").split(":")) if Path(tree, "dhpython").is_dir()
]
SECTIONS = {Field.RECOMMENDS: ("r",), Field.SUGGESTS: ("s",)}
METADATA = (
    "Metadata-Version: 2.1\nName: foo\nRequires-Dist: aa>=1\nRequires-Dist: bb\n",
    "Name: foo\nRequires-Dist: aa>=1 ; extra == 'r'\nRequires-Dist: bb ; extra == 's'\n",
    "Name: foo\nRequires-Dist: bb ; extra == 'no'\nRequires-Dist: cc\n",
    "Name: foo\nRequires-Dist: aa (>=1)\nRequires-Dist: unknown\n\nRequires-Dist: bb\n",
    "Name: foo\nRequires-Dist: aa; python_version < '3.12'\nRequires-Dist: ee\nRequires-Dist: dd\n",
    "Name: foo\n\n",
    "",
)
REQUIRES = (
    "aa>=1\nbb\n",
    "aa\nunknown\n\n# comment\n[r]\nbb\n\n[no]\nbb\n",
    "[:python_version < '3.12']\naa\nbb\n",
    "[:sys_platform == 'win32']\naa\n\n[s]\naa~=1.4\n",
    '[:sys_platform == "linux"]\naa\nzz\n[r]\nzz\n',
    "unknown\n",
    "ee\ndd\n",
    "  aa  \n\n\n",
    "",
)


class Answers(TypedDict):
    """What the driver prints."""

    requirements: list[str]
    metadata: list[tuple[dict[str, list[str]], str]]
    requires: list[tuple[dict[str, list[str]], str]]


@cache
def major(tree: str) -> str:
    """Tell dh-python's major version by what it writes."""
    source = Path(tree, "dhpython/pydist.py").read_text("utf-8")
    if "python3-supported-min" not in source:
        return "5"
    return "7" if "PREPEND" in source else "6"


def dialect(tree: str) -> Dialect:
    return {"5": Dialect.DEFAULT, "6": Dialect.SUPPORTED, "7": Dialect.SUPPORTED_FIRST}[major(tree)]


@cache
def ask(tree: str, requirements: tuple[str, ...], accept: bool) -> Answers:
    job = {
        "overrides": OVERRIDES,
        "build_depends": BUILD_DEPENDS,
        "accept_upstream_versions": accept,
        "requirements": requirements,
        "metadata": METADATA,
        "requires": REQUIRES,
    }
    argv = ["/usr/bin/python3", driver.__file__, tree]
    answer = subprocess.run(argv, input=json.dumps(job), check=True, capture_output=True, text=True).stdout
    found: Answers = json.loads(answer)
    return found


def theirs(tree: str, text: str, *, accept: bool = False) -> set[str]:
    equal, different = (KEPT_EQUAL, KEPT_DIFFERENCES) if accept else (EQUAL, DIFFERENCES)
    texts = (*equal, *(one for _, _, several in different for one in several))
    return relations_of([ask(tree, texts, accept)["requirements"][texts.index(text)]])


def relations_of(answers: list[str]) -> set[str]:
    return {relation.strip() for answer in answers for relation in answer.split(",") if relation.strip()}


def ours(tree: str, text: str, *, accept: bool = False) -> set[str]:
    context = make_context(OVERRIDES, dialect=dialect(tree), build_depends=BUILD_DEPENDS, accept=accept)
    return set(depends(text, context))


pytestmark = [pytest.mark.slow, pytest.mark.skipif(not TREES, reason="dh-python isn't installed")]
each_tree = pytest.mark.parametrize("tree", TREES, ids=[f"dh-python-{major(tree)}" for tree in TREES])


@each_tree
@pytest.mark.parametrize("text", EQUAL)
def test_equal(tree: str, text: str) -> None:
    assert ours(tree, text) == theirs(tree, text)


@each_tree
@pytest.mark.parametrize("text", KEPT_EQUAL)
def test_equal_with_upstream_versions(tree: str, text: str) -> None:
    assert ours(tree, text, accept=True) == theirs(tree, text, accept=True)


@each_tree
@pytest.mark.parametrize(
    ("accept", "versions", "text"),
    [
        (accept, versions, text)
        for accept, rows in ((False, DIFFERENCES), (True, KEPT_DIFFERENCES))
        for _, versions, texts in rows
        for text in texts
    ],
)
def test_different(tree: str, accept: bool, versions: str, text: str) -> None:
    is_equal = ours(tree, text, accept=accept) == theirs(tree, text, accept=accept)
    assert is_equal == (major(tree) not in versions)


@each_tree
@pytest.mark.parametrize("index", range(len(METADATA)))
def test_metadata(tree: str, index: int) -> None:
    found, _ = ask(tree, EQUAL, False)["metadata"][index]
    requirements, _ = read_metadata(METADATA[index], driver.METADATA)
    context = make_context(OVERRIDES, dialect=dialect(tree), build_depends=BUILD_DEPENDS, sections=SECTIONS)
    by_field = collect(translate_each(requirements, context), context).by_field
    for field in (Field.DEPENDS, Field.RECOMMENDS, Field.SUGGESTS):
        assert set(by_field.get(field, ())) == relations_of(found[field.value.lower()])


@each_tree
@pytest.mark.parametrize("index", range(len(REQUIRES)))
def test_requires_txt(tree: str, index: int) -> None:
    found, text = ask(tree, EQUAL, False)["requires"][index]
    requirements, _ = read_requires(REQUIRES[index], driver.REQUIRES)
    context = make_context(OVERRIDES, dialect=dialect(tree), build_depends=BUILD_DEPENDS, sections=SECTIONS)
    translations = translate_each(requirements, context)
    by_field = collect(translations, context).by_field
    for field in (Field.DEPENDS, Field.RECOMMENDS, Field.SUGGESTS):
        assert set(by_field.get(field, ())) == relations_of(found[field.value.lower()])
    mine = rewritten(REQUIRES[index], driver.REQUIRES, translations)
    assert (REQUIRES[index] if mine is None else mine) == text
