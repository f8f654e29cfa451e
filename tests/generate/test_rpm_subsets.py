# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""RPMs for front ends that run only some scriptlets: what the headers may hold, and that it still works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.conftest import StartRpm
from tests.generate.life import RpmLife
from tests.lab.commands import run_on_host
from tests.lab.project import STRATEGIES, Sample
from tests.lab.rpm_builds import build_generated_rpm

pytestmark = pytest.mark.system

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)
each_with_scriptlets = pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone", "cache-prefix"])
"""The others are the same as for plain rpm."""
SECTIONS = {
    "pretrans": "%{PRETRANS}",
    "pre": "%{PREIN}",
    "post": "%{POSTIN}",
    "preun": "%{PREUN}",
    "postun": "%{POSTUN}",
    "posttrans": "%{POSTTRANS}",
}
QUERY = "".join(f"{name}={value}\x1e" for name, value in SECTIONS.items())
PROGRAMS = "[%{PRETRANSPROG},][%{PREINPROG},][%{POSTINPROG},][%{PREUNPROG},][%{POSTUNPROG},][%{POSTTRANSPROG},]"


def scriptlets(package: Path) -> set[str]:
    """Return the names of the scriptlets in a header."""
    answer = run_on_host(["rpm", "-qp", "--qf", QUERY, str(package)])
    pairs = (item.partition("=") for item in answer.split("\x1e") if item)
    return {name for name, _, body in pairs if body != "(none)"}


def triggers(package: Path) -> set[str]:
    """Return the kinds of file triggers in a header, as a spec file calls them."""
    words = run_on_host(["rpm", "-qp", "--filetriggers", str(package)]).split()
    return {word for word in words if word.endswith(("filetriggerin", "filetriggerun", "filetriggerpostun"))}


def programs(package: Path) -> set[str]:
    """Return the interpreters of all scriptlets in a header."""
    return {name for name in run_on_host(["rpm", "-qp", "--qf", PROGRAMS, str(package)]).split(",") if name != "(none)"}


@each_strategy
def test_ostree_gets_only_what_it_runs(made: Path, laboratory: None, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="rpm", plugins=strategy in {"trigger", "direct", "standalone"})
    package = build_generated_rpm(sample, "1", made, target="rpm-ostree")
    assert scriptlets(package) <= {"pre", "post", "posttrans"}
    assert triggers(package) <= {"transfiletriggerin"}
    assert programs(package) <= {"/bin/sh", ""}


@each_with_scriptlets
def test_package_for_ostree_has_its_bytecode_after_installation(start_rpm: StartRpm, made: Path, strategy: str) -> None:
    """A new version is a new tree there: nothing is ever erased or upgraded in place."""
    sample = Sample(strategy=strategy, family="rpm")
    with start_rpm(sample) as machine:
        life = RpmLife(
            machine=machine.machine,
            rpm=machine,
            sample=sample,
            build=lambda version: build_generated_rpm(sample, version, made, target="rpm-ostree"),
        )
        life.put("1")
        life.assert_has("1")


@each_strategy
def test_classic_zypper_gets_no_transaction_triggers(made: Path, laboratory: None, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="rpm", plugins=strategy in {"trigger", "direct", "standalone"})
    package = build_generated_rpm(sample, "1", made, target="zypper-classic")
    assert not [kind for kind in triggers(package) if kind.startswith("trans")]
    assert programs(package) <= {"/bin/sh", ""}


@each_with_scriptlets
def test_package_for_classic_zypper_lives_and_goes(start_rpm: StartRpm, made: Path, strategy: str) -> None:
    sample = Sample(strategy=strategy, family="rpm")
    with start_rpm(sample) as machine:
        life = RpmLife(
            machine=machine.machine,
            rpm=machine,
            sample=sample,
            build=lambda version: build_generated_rpm(sample, version, made, target="zypper-classic"),
        )
        for version in ("1", "2"):
            life.put(version)
            life.assert_has(version)
        life.take()
