# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The whole text of what is generated, as it was reviewed; PKGTOOLS_REWRITE_SNAPSHOTS=1 writes it anew for review."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from pkgtools import __version__
from pkgtools.config import read_manifest
from pkgtools.model.manifest import Strategy
from pkgtools.render.generate import TARGETS, generate, open_templates
from pkgtools.render.generated import GeneratedFile, Job
from pkgtools.render.packaging_target import PackagingTarget
from tests.render.samples import package, private, render

SNAPSHOTS = Path(__file__).parent / "snapshots"
REWRITE = os.environ.get("PKGTOOLS_REWRITE_SNAPSHOTS") == "1"


def whole(files: Iterable[GeneratedFile]) -> str:
    """Return all files as one text: a line about each, then what is in it."""
    parts = []
    for file in files:
        embedded = file.template == "runtime"
        text = "(the embedded runtime)\n" if embedded else file.content.decode()
        parts.append(f"==== {file.path} {file.mode:04o} {file.template}\n{text}")
    return "".join(parts).replace(f"pkgtools {__version__} from", "pkgtools VERSION from")


def compare(path: Path, text: str) -> None:
    if REWRITE:
        path.write_text(text)
    assert text == (path.read_text() if path.exists() else ""), f"see the head of {Path(__file__).name}"


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_target(target: PackagingTarget) -> None:
    manifest = read_manifest(SNAPSHOTS / "pkgtools.toml")
    job = Job(manifest=manifest, templates=open_templates(), output="out")
    compare(SNAPSHOTS / f"targets/{target.name}.txt", whole(generate(job, target, manifest.packages)))


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("target", [TARGETS["deb"], TARGETS["rpm"]])
def test_strategy(target: PackagingTarget, strategy: Strategy) -> None:
    directories = [private("/usr/share/acme", "3.11" if strategy is Strategy.SOURCELESS else "3.9-", ["old/"])]
    directories.append(private("/usr/share/acme-plugins", plugins=True))
    declared = package(strategy, private=directories, exclude=["acme/templates/"])
    compare(SNAPSHOTS / f"strategies/{target.name}-{strategy.value}.txt", whole(render(target, declared).values()))


def test_every_snapshot_has_its_test() -> None:
    expected = {f"targets/{target.name}.txt" for target in TARGETS.values()} | {"pkgtools.toml"}
    expected |= {f"strategies/{target}-{strategy.value}.txt" for target in ("deb", "rpm") for strategy in Strategy}
    found = {str(path.relative_to(SNAPSHOTS)) for path in SNAPSHOTS.rglob("*") if path.is_file()}
    assert found == expected
