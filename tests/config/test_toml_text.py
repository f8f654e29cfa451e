# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""TOML that is made to take a parser long: keys of many steps are refused, and what only looks so is read."""

from __future__ import annotations

import pytest

from pkgtools.config.problems import ConfigError
from pkgtools.config.toml_text import parse_toml


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 100_000) + " = 1",
        ".".join(["'a'"] * 100_000) + " = 1",
        "[" + '."="'.join(["a"] * 100_000) + "]",
        "x = { " + " . ".join(["a"] * 100_000) + " = 1 }",
    ],
    ids=["bare", "quoted", "header", "inline"],
)
def test_key_of_many_steps_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        parse_toml(text, "x.toml")


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "0.5, " * 5000 + "]",
        "x = 1 # " + "." * 5000,
        "x = '" + "a." * 5000 + "'",
        'x = "' + '\\".' * 5000 + '"',
        ".".join(["a"] * 100) + " = 1",
    ],
    ids=["numbers", "comment", "literal", "escaped", "short"],
)
def test_dots_elsewhere_are_no_steps(text: str) -> None:
    assert parse_toml(text, "x.toml")


def test_string_without_an_end_is_read_once() -> None:
    with pytest.raises(ConfigError, match="Unterminated string"):
        parse_toml('x = "' + '\\".' * 200_000, "x.toml")
