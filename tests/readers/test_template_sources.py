# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which sources look like templates: only these are compiled by a check that doesn't compile all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pkgtools.bytecode.template_sources import looks_like_template
from pkgtools.check.one_package import read_checked
from pkgtools.model.package import SourceFacts
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATES = {
    "class": b"import acme\nclass {{ name }}(acme.Till):\n    pass\n",
    "import": b"from {{cookiecutter.slug}}.till import price\n",
    "function": b"    async def {{ name }}():\n",
    "expression": b"\n  {{ body }}\n",
    "statement": b"{% if private %}\nx = 1\n{% endif %}",
    "trimmed": b"x = 1\n\t{%- for one in all %}\n",
}
SOURCES = {
    "plain": b"x = 1\n",
    "format": b"x = '{{}}'.format(1)\nprint(f'{{{x}}}')\n",
    "dictionaries": b"x = {1: {2: {}}}\ny = [{'a': {'b': 1}}]\n",
    "comment": b"class Till:  # {{ name }}\n",
    "text in a line": b"x = render('{% if x %}{{ x }}{% endif %}')\n",
    "modulo": b"x = {y%z}\n",
}


@pytest.mark.parametrize("source", TEMPLATES.values(), ids=TEMPLATES)
def test_template_looks_like_one(source: bytes) -> None:
    assert looks_like_template(source)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_source_does_not_look_like_a_template(source: bytes) -> None:
    assert not looks_like_template(source)


def test_template_is_compiled_by_a_check_that_does_not_compile_all(tmp_path: Path) -> None:
    need_tools(["dpkg-deb"])
    files = {"/usr/share/acme/a.py": TEMPLATES["class"], "/usr/share/acme/b.py": b"x = 1\n"}
    package = read_checked(build_deb(SamplePackage(name="acme", files=files), tmp_path), compile_all=False)
    facts = {file.path: file.facts for file in package.files if isinstance(file.facts, SourceFacts)}
    assert {path: (bool(one.tried), len(one.faults) > 0) for path, one in facts.items()} == {
        "/usr/share/acme/a.py": (True, True),
        "/usr/share/acme/b.py": (False, False),
    }
