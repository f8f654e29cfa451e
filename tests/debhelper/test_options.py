# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The command line, as dh and maintainers write it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from pkgtools.debhelper.main import make_parser, parse
from pkgtools.debhelper.records import Field
from pkgtools.model.manifest import Strategy
from pkgtools.runtime.errors import UsageError

BOTH = ["--compat=dh_python3", "--strategy=direct"]


def test_options_of_dh_reach_us_and_others_do_not_matter() -> None:
    found = parse(["-O--buildsystem=pybuild", "-O--strategy=direct", "-O-Nfoo", "-O--parallel", "opt/x"], {})
    assert found.strategy is Strategy.DIRECT
    assert found.excluded_packages == ("foo",)
    assert found.private == ("/opt/x",)


def test_dh_options_are_read() -> None:
    found = parse(["-pbar"], {"DH_OPTIONS": "-pfoo -v", "DH_NO_ACT": "1", "DH_INTERNAL_OVERRIDE": "dh_pkgtools"})
    assert found.packages == ("foo", "bar")
    assert found.verbose
    assert found.no_act
    assert found.write_log


@pytest.mark.parametrize(
    ("arguments", "architecture"), [([], None), (["-a"], True), (["-s"], True), (["-i"], False), (["--indep"], False)]
)
def test_architecture(arguments: list[str], architecture: bool | None) -> None:
    assert parse(arguments, {}).architecture is architecture


def test_verbosity_comes_from_the_environment_unless_it_is_asked_for() -> None:
    assert parse([], {"DH_VERBOSE": "1"}).verbose
    assert not parse(["-q"], {"DH_VERBOSE": "1"}).verbose


def test_requirements_are_collected() -> None:
    found = parse(["--depends=aa", "--depends", "bb>1", "--suggests-section=test", "--requires=r.txt"], {})
    assert found.demands == {Field.DEPENDS: ("aa", "bb>1"), Field.RECOMMENDS: (), Field.SUGGESTS: ()}
    assert found.sections[Field.SUGGESTS] == ("test",)
    assert found.requires == ("r.txt",)


@pytest.mark.parametrize(
    "arguments",
    [["--nonsense"], ["-V", "x"], ["-X", "("], ["--strategy=fast"], ["--compat=dh_python2"], ["--pack=x"], BOTH],
)
def test_bad_option_is_an_error(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(arguments, {})


def test_every_option_of_dh_python3_is_known() -> None:
    if not shutil.which("dh_python3"):
        pytest.skip("dh_python3 is not installed")
    answer = subprocess.run(["dh_python3", "--help"], capture_output=True, text=True, check=True).stdout
    theirs = set(re.findall(r"(?<![\w-])(--?[a-zA-Z][a-z-]*)", answer))
    ours = {option for action in make_parser()._actions for option in action.option_strings}
    assert theirs - ours == set()
