# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A packager's own templates: how they take the place of ours, and what is said where one is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from pkgtools.cli.group import main
from pkgtools.model.own_files import templates_root
from pkgtools.render.generate import TARGETS, open_templates
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.runtime.errors import UsageError
from tests.lab.cli import cli_runner
from tests.render.samples import package, snippet, texts

STAND_IN = '{% extends "common/script.sh.j2" %}\n'
"""What a script's template is of which there is no file."""
POSTINST = "deb/postinst.sh.j2"
DIRECT = package(snippets=[snippet(":")])

Write = Callable[[str, str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return the directory of the packager's templates."""
    path = tmp_path / "templates"
    path.mkdir()
    return path


@pytest.fixture
def write(own: Path) -> Write:
    """Return a function that writes a template: write(name, text) -> its path."""

    def write(name: str, text: str) -> Path:
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def run(*arguments: str) -> Result:
    return cli_runner().invoke(main, ["templates", *arguments])


def postinst(own: Path | None) -> str:
    return texts(TARGETS["deb"], DIRECT, own=own)["acme/DEBIAN/postinst"]


def complaint(own: Path, name: str = POSTINST) -> str:
    with pytest.raises(UsageError) as caught:
        open_templates(own).render(name, x=1, text="a b", main="deb/main/postinst.sh.j2")
    return str(caught.value)


@pytest.mark.parametrize(
    "expression", ["x", "'text'", "text ~ '!'", "[1]", "x + 1", "none", "true", "x if x else text"]
)
def test_expression_without_a_filter_is_an_error(expression: str, own: Path, write: Write) -> None:
    path = write("t.j2", f"first\n{{{{ {expression} }}}}\n")
    assert complaint(own, "t.j2").startswith(f"{path}:2: ")
    assert "without a filter: append one of " in complaint(own, "t.j2")


@pytest.mark.parametrize("name", ["upper", "safe", "escape", "e", "join", "tojson", "string", "default", "nosuch"])
def test_filters_are_ours_alone(name: str, own: Path, write: Write) -> None:
    path = write("t.j2", f"\n\n{{{{ text | {name} }}}}\n")
    assert complaint(own, "t.j2").startswith(f"{path}:3: ")


@pytest.mark.parametrize("expression", ["nosuch | sh", "x.nosuch | sh", "nosuch.more | sh", "nosuch", "text[99] | sh"])
def test_undefined_name_is_an_error_with_file_and_line(expression: str, own: Path, write: Write) -> None:
    path = write("t.j2", f"\n{{{{ {expression} }}}}\n")
    assert complaint(own, "t.j2").startswith(f"{path}:2: ")


@pytest.mark.parametrize(
    "text",
    [
        "{% if %}",
        "{% if x %}",
        "{{ x",
        "{% nosuch %}",
        "{% block a %}{% endblock %}{% block a %}{% endblock %}",
        "{{ 1 / 0 }}",
        "{{ x.__class__(text) | sh }}",
        "{{ text() | sh }}",
        "{{ text | word }}",
        "{{ x | sh }}",
        '{% include "nosuch.j2" %}',
        '{% extends "nosuch.j2" %}',
        '{% import "t.j2" as t %}{{ t.nosuch() }}',
        '{% include "t.j2" %}',
        '{% extends "t.j2" %}',
        '{% include "../t.j2" %}',
        '{% include "/etc/passwd" %}',
        "{{ self.nosuch() }}",
    ],
)
def test_wrong_template_is_named_with_its_line(text: str, own: Path, write: Write) -> None:
    path = write("t.j2", f"\n{text}\n")
    assert complaint(own, "t.j2").startswith(f"{path}:2: ")


def test_fault_is_looked_for_where_it_is_and_not_where_it_is_included(own: Path, write: Write) -> None:
    path = write("deb/main/postinst.sh.j2", "one\ntwo\n{{ nosuch | sh }}\n")
    with pytest.raises(UsageError) as caught:
        postinst(own)
    assert str(caught.value).startswith(f"{path}:3: ")


def test_endless_recursion_says_how_to_reach_ours(own: Path, write: Write) -> None:
    write(POSTINST, f'{{% extends "{POSTINST}" %}}')
    assert 'put "pkgtools/" before the name' in complaint(own)


@pytest.mark.parametrize("base", ["pkgtools/deb/postinst.sh.j2", "pkgtools/common/script.sh.j2", "common/script.sh.j2"])
def test_block_that_nobody_asks_for_is_an_error(base: str, own: Path, write: Write) -> None:
    path = write(POSTINST, f'{{% extends "{base}" %}}\n{{% block ende %}}exit 1{{% endblock %}}\n')
    said = complaint(own)
    assert said == f"{path}:2: no block ende: there are after, before, end, main, provenance, shebang"


def test_block_inside_a_block_is_the_templates_own_affair(own: Path, write: Write) -> None:
    text = "{% block end %}{% block mine %}exit 0 # mine{% endblock %}{% endblock %}"
    write(POSTINST, f'{{% extends "pkgtools/{POSTINST}" %}}{text}')
    assert postinst(own).endswith("exit 0 # mine")


def test_template_of_the_same_name_takes_the_place_of_ours(own: Path, write: Write) -> None:
    write(POSTINST, "#!/bin/sh\n# {{ plan.name | comment }}\n")
    assert postinst(own) == "#!/bin/sh\n# acme\n"
    assert postinst(None) != postinst(own)


def test_template_can_change_a_block_and_keep_what_was_in_it(own: Path, write: Write) -> None:
    write(POSTINST, f'{{% extends "pkgtools/{POSTINST}" %}}{{% block end %}}acme -v\n{{{{ super() }}}}{{% endblock %}}')
    assert postinst(own) == postinst(None).replace("exit 0\n", "acme -v\nexit 0\n")


def test_ours_take_up_what_the_packager_has_changed(own: Path, write: Write) -> None:
    write("deb/main/postinst.sh.j2", '{% include "pkgtools/deb/main/postinst.sh.j2" %}\nacme --main\n')
    write("common/provenance.j2", '{% include "pkgtools/common/provenance.j2" %}# (c) Acme\n')
    script = postinst(own)
    assert "\nacme --main\n" in script
    assert script.splitlines()[2] == "# (c) Acme"


@pytest.mark.parametrize(
    "target", [TARGETS["debhelper"], TARGETS["rpm"], TARGETS["fpm"], TARGETS["apk"], TARGETS["nfpm"]]
)
def test_every_target_takes_up_a_change_of_what_all_scripts_have_in_common(
    target: PackagingTarget, own: Path, write: Write
) -> None:
    text = '{% extends "pkgtools/common/script.sh.j2" %}{% block before %}# mine\n{{ super() }}{% endblock %}'
    write("common/script.sh.j2", text)
    assert any("\n# mine\n" in text for text in texts(target, DIRECT, own=own).values())


def test_own_template_makes_a_script_that_would_not_be_there(own: Path, write: Write) -> None:
    assert "acme/DEBIAN/preinst" not in texts(TARGETS["deb"], DIRECT)
    write("deb/preinst.sh.j2", '{% extends "pkgtools/deb/preinst.sh.j2" %}{% block end %}acme -p\n{% endblock %}')
    assert texts(TARGETS["deb"], DIRECT, own=own)["acme/DEBIAN/preinst"].endswith("\nacme -p\n")


def test_values_are_escaped_for_their_language_only(own: Path, write: Write) -> None:
    write("t.j2", "{% macro m(v) %}<{{ v | sh }}&{% endmacro %}{{ m(v) }} {% set w = m(v) %}{{ w }} {{ v | sh }}")
    assert open_templates(own).render("t.j2", v="<&\"'>") == "<'<&\"'\"'\"'>'& <'<&\"'\"'\"'>'& '<&\"'\"'\"'>'"


def test_file_that_is_not_utf8_is_named(own: Path) -> None:
    (own / "deb").mkdir()
    (own / POSTINST).write_bytes(b"one\ntwo \xe9\n")
    with pytest.raises(UsageError, match=rf"{own}/{POSTINST}:2: not UTF-8"):
        open_templates(own)


@pytest.mark.parametrize("kind", ["missing", "file", "link to nowhere"])
def test_directory_that_is_none_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "none"
    if kind == "file":
        path.touch()
    elif kind == "link to nowhere":
        path.symlink_to("nowhere")
    with pytest.raises(UsageError, match=f"{path}: no directory with templates"):
        open_templates(path)
    assert run("list", "--templates", str(path)).exit_code == 2


def test_our_own_templates_can_all_be_read_and_say_what_they_are() -> None:
    for template in open_templates():
        assert not template.own
        assert "\n" not in template.about()
        assert template.text.isascii()


def test_copy_of_all_our_templates_changes_nothing(tmp_path: Path) -> None:
    own = tmp_path / "copy"
    shutil.copytree(templates_root(), own)
    for target in (TARGETS["deb"], TARGETS["rpm"], TARGETS["alpm"]):
        assert texts(target, DIRECT, own=own).items() >= texts(target, DIRECT).items()


def test_list_names_every_template_once(own: Path, write: Write) -> None:
    write("acme/mine.j2", "{# What is\n mine #}")
    write(POSTINST, "")
    write("notes.txt", "")
    listed = json.loads(run("list", "--json", "--templates", str(own)).stdout)
    names = [row["name"] for row in listed["templates"]]
    assert listed["version"] == 1
    assert names == sorted(set(names))
    rows = {row["name"]: row for row in listed["templates"]}
    assert rows["acme/mine.j2"] == {
        "name": "acme/mine.j2",
        "path": str(own / "acme/mine.j2"),
        "own": True,
        "about": "What is mine",
    }
    assert (rows[POSTINST]["own"], rows["deb/prerm.sh.j2"]["own"]) == (True, False)
    assert len(run("list", "--templates", str(own)).stdout.splitlines()) == len(names)


def test_show_prints_the_file_that_is_used(own: Path, write: Write) -> None:
    write(POSTINST, "mine\n")
    assert run("show", POSTINST, "--templates", str(own)).stdout == "mine\n"
    assert run("show", POSTINST).stdout == STAND_IN
    assert run("show", "deb/main/preinst.sh.j2").stdout == ""
    assert run("show", "rpm/scriptlet.sh.j2").stdout == (templates_root() / "rpm/scriptlet.sh.j2").read_text()


OUTSIDE = [
    "../pyproject.toml",
    "/etc/passwd",
    "deb/../deb/postinst.sh.j2",
    "deb//postinst.sh.j2",
    "./x",
    "deb",
    "x",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_lead_nowhere_else(name: str, tmp_path: Path) -> None:
    for arguments in (["show", name], ["copy", "--force", name, str(tmp_path / "to")]):
        done = run(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"pkgtools templates: no template {name}; ")
    assert not (tmp_path / "to").exists()


def test_copy_makes_files_that_can_be_changed(tmp_path: Path) -> None:
    to = tmp_path / "a/b"
    names = [POSTINST, "rpm/post.sh.j2"]
    dry = run("copy", "--dry-run", *names, str(to))
    assert (dry.exit_code, to.exists()) == (0, False)
    assert run("copy", *names, str(to)).stdout == dry.stdout == "".join(f"{to}/{name}\n" for name in names)
    assert (to / POSTINST).read_text() == STAND_IN


def test_copy_overwrites_only_what_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "deb").mkdir()
    (tmp_path / POSTINST).write_text("changed")
    refused = run("copy", "rpm/post.sh.j2", POSTINST, str(tmp_path))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"{tmp_path / POSTINST}: already there" in refused.stderr
    assert not (tmp_path / "rpm").exists()
    assert run("copy", "--force", POSTINST, str(tmp_path)).exit_code == 0
    assert (tmp_path / POSTINST).read_text() != "changed"
