# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every rule about manifests: what is wrong, at which key, and nothing else."""

from __future__ import annotations

import pytest

from pkgtools.config import ConfigError, Problem

from . import parse

Found = list[tuple[str, str]]
"""Key and a word of the text."""

PRIVATE = '[[packages.a1.private]]\ndirectory = "{}"\n'
OWN = PRIVATE.format("/opt/a") + 'interpreter = "{}"'

SHAPE: dict[str, tuple[str, Found]] = {
    "empty": ("", [("", "`packages` is missing")]),
    "no package": ("[packages]", [("packages", "1 or more")]),
    "misspelt key": ('stratgy = "direct"\n[packages.a1]', [("stratgy", "did you mean `strategy`?")]),
    "underscore": ('[packages.a1]\nbad_source = "fail"', [("packages.a1.bad_source", "did you mean `bad-source`?")]),
    "unlike any key": ("[packages.a1]\nzzz = 1", [("packages.a1.zzz", "the keys here are `alpm`")]),
    "misspelt value": ('strategy = "drect"\n[packages.a1]', [("strategy", "did you mean `direct`?")]),
    "no such value": ("levels = [3]\n[packages.a1]", [("levels[0]", "3 is not allowed; write `0`, `1` or `2`")]),
    "no levels": ("levels = []\n[packages.a1]", [("levels", "1 or more")]),
    "level twice": ("levels = [1, 1]\n[packages.a1]", [("levels[1]", "twice")]),
    "boolean for a level": ("levels = [true]\n[packages.a1]", [("levels[0]", "must be an integer, not a boolean")]),
    "number for a string": ("[packages.a1]\npython = 3.11", [("packages.a1.python", "a string, not a float")]),
    "date for a boolean": ("[packages.a1]\ndepends = 2026-01-01", [("packages.a1.depends", "not a date or time")]),
    "table for an array": ("[packages.a1.private]", [("packages.a1.private", "must be an array, not a table")]),
    "string for a package": ('packages.a1 = "x"', [("packages.a1", "must be a table, not a string")]),
    "quoted key": (
        '[packages."a b".rpm]\nname = 1',
        [('packages."a b".rpm.name', "string"), ('packages."a b"', "name")],
    ),
    "no directory": ("[[packages.a1.private]]", [("packages.a1.private[0]", "`directory` is missing")]),
    "name for a deb": ('[packages.a1.deb]\nname = "A1"', [("packages.a1.deb.name", "lower-case")]),
    "newline in a name": ('[packages.a1.rpm]\nname = "a1\\n"', [("packages.a1.rpm.name", "no name")]),
    "empty regex": ('exclude = [""]\n[packages.a1]', [("exclude[0]", "empty")]),
    "bad regex": ('exclude = ["a("]\n[packages.a1]', [("exclude[0]", "isn't a regular expression")]),
    "newline in a regex": ('exclude = ["a/\\n"]\n[packages.a1]', [("exclude[0]", "U+000A")]),
    "a table of 3000 in one another": (
        f"[packages.a1]\nsnippets.{'b.' * 3000}b = 1",
        [("packages.a1.snippets", "must be an array, not a table")],
    ),
    "a number of 6000 digits": (f"strategy = 0x{'f' * 5000}\n[packages.a1]", [("strategy", "must be a string")]),
    "huge repetition": ('exclude = ["a/x{9999999999}"]\n[packages.a1]', [("exclude[0]", "isn't a regular expression")]),
    "bad range": ('[packages.a1]\npython = ">= 3.9"', [("packages.a1.python", "write 3.11")]),
    "empty range": ('[packages.a1]\npython = "3.9-3.9"', [("packages.a1.python", "holds no version")]),
    "backward range": ('[packages.a1]\npython = "3.10-3.9"', [("packages.a1.python", "3.9 is below 3.10")]),
    "huge version": (f'[packages.a1]\npython = "3.{"9" * 5000}"', [("packages.a1.python", "write 3.11")]),
    "all of them": (
        'levels = [3]\nxyz = 1\n[packages.a1]\npublic = "no"\n[packages.a2]\nstrategy = 1\n[[packages.a2.snippets]]',
        [
            ("levels[0]", "3"),
            ("xyz", "unknown"),
            ("packages.a1.public", "boolean"),
            ("packages.a2.strategy", "string"),
            ("packages.a2.snippets[0]", "`hook` is missing"),
            ("packages.a2.snippets[0]", "write `text` or `file`"),
        ],
    ),
}

DIRECTORIES = {
    "": "absolute",
    "usr/share/acme": "absolute",
    "/": "whole system",
    "//usr/share/acme": "`//`",
    "/usr//share": "`//`",
    "/usr/share/acme//": "`//`",
    "/usr/./share": "`/./`",
    "/usr/share/..": "`/../`",
    "/opt/acme|x": "`|`",
    "/opt/acme\\nx": "U+000A",
    "/opt/acme\\u0085x": "U+0085",
    "/usr/lib/python3/dist-packages": "public",
    "/usr/lib/python3.11/acme": "public",
    "/usr": "libraries of interpreters",
    "/usr/lib": "libraries of interpreters",
    "/lib/": "libraries of interpreters",
    "/usr/local": "libraries of interpreters",
}

COMBINATIONS: dict[str, tuple[str, Found]] = {
    "key isn't a name": ('[packages."../x".deb]\nname = "a1"', [('packages."../x"', "isn't a name for a package")]),
    "key isn't a name for a deb": ("[packages.PyYAML]", [("packages.PyYAML", "set `packages.PyYAML.deb.name`")]),
    "one letter": ("[packages.x]", [("packages.x", "set `packages.x.deb.name`")]),
    "name twice": (
        '[packages.a1]\n[packages.a2.rpm]\nname = "a1"',
        [("packages.a2", 'its name for rpm, "a1", is that of packages.a1')],
    ),
    "nested": (
        PRIVATE.format("/opt/a") + PRIVATE.format("/opt/a/b/"),
        [("packages.a1.private[1].directory", "lies in private[0]")],
    ),
    "nested the other way": (
        PRIVATE.format("/opt/a/b") + PRIVATE.format("/opt/a"),
        [("packages.a1.private[1].directory", "private[0] lies in it")],
    ),
    "equal": (
        PRIVATE.format("/opt/a") + PRIVATE.format("/opt/a/"),
        [("packages.a1.private[1].directory", "the same")],
    ),
    "plugins with a blank": (
        PRIVATE.format("/opt/a b") + "plugins = true",
        [("packages.a1.private[0].directory", "ASCII without white space")],
    ),
    "plugins not in ASCII": (
        PRIVATE.format("/opt/café") + "plugins = true",
        [("packages.a1.private[0].directory", "ASCII without white space")],
    ),
    "nothing to compile": ("[packages.a1]\npublic = false", [("packages.a1", "nothing to compile")]),
    "trigger": (
        'levels = [0, 1]\nbad-source = "fail"\n[packages.a1]\ninvalidation-mode = "checked-hash"',
        [
            ("levels", "bytecode.conf"),
            ("packages.a1.invalidation-mode", "bytecode.conf"),
            ("bad-source", "bytecode.conf"),
        ],
    ),
    "native names bad sources": (
        '[packages.a1]\nstrategy = "native"\nbad-source = "ignore"',
        [("packages.a1.bad-source", "py3compile names all")],
    ),
    "direct and others' modules": (
        'exclude = [".*/tests/"]\n[packages.a1]\nstrategy = "direct"',
        [("exclude[0]", "modules of other packages")],
    ),
    "native": (
        '[packages.a1]\nstrategy = "native"\nlevels = [1]\ninvalidation-mode = "checked-hash"\nbad-source = "fail"',
        [("packages.a1.levels", "`native`"), ("packages.a1.invalidation-mode", "`native`")],
    ),
    **{
        f"{strategy} and an interpreter of one's own": (
            f'[packages.a1]\nstrategy = "{strategy}"\npython = "3.11"\n{OWN.format("/opt/a/bin/python3")}',
            [("packages.a1.private[0].interpreter", "the distribution's")],
        )
        for strategy in ("native", "sourceless")
    },
    **{
        f"interpreter {path}": (
            f"[packages.a1]\n{OWN.format(path)}",
            [("packages.a1.private[0].interpreter", why)],
        )
        for path, why in {
            "/usr/bin/python3.11": "the distribution's",
            "/opt/a//python3": "absolute path",
            "/opt/a|b/python3": "`|`",
            "/opt/\\u0007/python3": "control character",
            "bin/python3": "absolute path",
        }.items()
    },
    "none": (
        '[packages.a1]\nstrategy = "none"\nlevels = [1]\ninvalidation-mode = "checked-hash"\nbad-source = "fail"',
        [(f"packages.a1.{key}", "`none`") for key in ("levels", "invalidation-mode", "bad-source")],
    ),
    "sourceless": (
        '[packages.a1]\nstrategy = "sourceless"\nlevels = [0, 1]\ninvalidation-mode = "unchecked-hash"',
        [
            ("packages.a1.invalidation-mode", "`sourceless`"),
            ("packages.a1.python", "one version"),
            ("packages.a1.levels", "one level"),
        ],
    ),
    "sourceless with a range": (
        'python = "3.9-"\n[packages.a1]\nstrategy = "sourceless"',
        [("python", "one version")],
    ),
    "sourceless with another version": (
        '[packages.a1]\nstrategy = "sourceless"\npython = "3.11"\n' + PRIVATE.format("/opt/a") + 'python = "3.9-"',
        [("packages.a1.private[0].python", "3.11 alone")],
    ),
    "exclusion of others' modules": (
        'exclude = ["a1/x", ".*/tests/", "a1/x|tests", "a1/?x"]\n[packages.a1]',
        [(f"exclude[{index}]", "modules of other packages") for index in (1, 2, 3)],
    ),
    "family's strategy": (
        '[packages.a1]\nstrategy = "direct"\nlevels = [1]\n[packages.a1.deb]\nstrategy = "trigger"',
        [("packages.a1.levels", "`trigger` (deb) of packages.a1")],
    ),
    "runtime in a public directory": (
        '[packages."python3.11"]\nstrategy = "standalone"',
        [('packages."python3.11"', "set `runtime-directory`")],
    ),
}

SNIPPETS = {
    "text and file": ('text = ":"\nfile = "x"', "", "not both"),
    "absolute file": ('file = "/etc/passwd"', ".file", "relative"),
    "no such file": ('file = "x"', ".file", "/nowhere/x: no such file"),
    "no file name": ('file = "x\\u0000"', ".file", "isn't a file name"),
    "unterminated": ("text = 'echo \"'", ".text", "line 2: Syntax error: Unterminated quoted string"),
    "rpm's condition": ('text = "if :\\nthen :\\n  %endif\\nfi"', ".text", "line 3 begins with `%e`"),
}


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as raised:
        parse(text)
    assert str(raised.value).split("\n") == [f"m: {one}" for one in raised.value.problems]
    return raised.value.problems


@pytest.mark.parametrize(("text", "expected"), (SHAPE | COMBINATIONS).values(), ids=SHAPE | COMBINATIONS)
def test_problem_is_found_at_its_key(text: str, expected: Found) -> None:
    found = problems(text)
    assert [one.key for one in found] == [key for key, _ in expected]
    for one, (_, word) in zip(found, expected, strict=True):
        assert word in one.text


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda one: one or "empty")
@pytest.mark.parametrize("key", ["cache-prefix", "runtime-directory", "private"])
def test_directory_is_absolute_normal_and_the_packages_own(directory: str, key: str) -> None:
    text, at = f'[packages.a1]\n{key} = "{directory}"', f"packages.a1.{key}"
    if key == "private":
        text, at = PRIVATE.format(directory), "packages.a1.private[0].directory"
    (found,) = problems(text)
    assert found.key == at
    assert DIRECTORIES[directory] in found.text


@pytest.mark.parametrize(("text", "key", "word"), SNIPPETS.values(), ids=SNIPPETS)
def test_snippet_is_text_or_a_file_of_shell(text: str, key: str, word: str) -> None:
    (found,) = problems(f'[packages.a1]\n[[packages.a1.snippets]]\nhook = "pre-remove"\n{text}')
    assert found.key == f"packages.a1.snippets[0]{key}"
    assert word in found.text


def test_misspelt_strategy_has_no_consequences() -> None:
    found = problems('levels = [1]\n[packages.a1]\nstrategy = "drect"\npublic = false')
    assert [one.key for one in found] == ["packages.a1.strategy"]


def test_problem_of_one_package_hides_none_of_another() -> None:
    found = problems('[packages.a1]\nstrategy = "drect"\n[packages.a2]\npublic = false')
    assert [one.key for one in found] == ["packages.a1.strategy", "packages.a2"]
