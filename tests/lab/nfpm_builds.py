# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of the sample project by nfpm: a packager's own nfpm.yaml, with the generated block merged into it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TypeAlias

import yaml

from tests.lab.commands import run_on_host
from tests.lab.places import once
from tests.lab.project import Sample, generate, key_of, stage

NFPM = Path(sys.executable).parent / "nfpm"
SUFFIXES = {"deb": "deb", "rpm": "rpm", "archlinux": "pkg.tar.zst", "apk": "apk"}
"""nfpm's packagers, and what their files end with."""

Yaml: TypeAlias = "dict[str, Yaml] | list[Yaml] | str | int"


def build_with_nfpm(sample: Sample, version: str, packager: str, made: Path) -> Path:
    """Build one version for one packager below `made`, once per content, and return the package."""

    def make(directory: Path) -> None:
        out = generate([sample], "nfpm", made)
        with tempfile.TemporaryDirectory(dir=made) as work:
            tree = Path(work, "tree")
            # root/ comes by the generated `contents`
            stage(sample, version, "nfpm", out, tree, root="nowhere")
            block = yaml.safe_load((out / sample.name / "nfpm.yaml").read_text()) or {}
            whole = merge(_own(sample, version, tree), block)
            Path(work, "nfpm.yaml").write_text(yaml.safe_dump(whole))
            argv = (
                str(NFPM),
                "package",
                f"--config={work}/nfpm.yaml",
                f"--packager={packager}",
                f"--target={directory}",
            )
            run_on_host(argv, cwd=out.parent)

    return next(once(made / key_of("nfpm", sample, version, packager), make).glob(f"*.{SUFFIXES[packager]}"))


def _own(sample: Sample, version: str, tree: Path) -> Yaml:
    """Return what a packager has in nfpm.yaml without us."""
    own = [f"{sample.public}/{sample.module}", *sample.private]
    found = tree.glob(f"{sample.public[1:]}/**/{sample.module}_cli.*")
    cli = sorted(str(path).removeprefix(str(tree)) for path in found)
    contents: list[Yaml] = [{"src": f"{tree}{path}", "dst": path, "type": "tree"} for path in own]
    contents += [{"src": f"{tree}{path}", "dst": path} for path in cli]
    dirs = [
        "/opt/with blank",
        os.path.dirname(sample.private[1]),
        *{os.path.dirname(path) for path in cli} - {sample.public},
    ]
    contents += [{"dst": path, "type": "dir"} for path in dirs]
    return {
        "name": sample.name,
        "arch": "all",
        "version": version,
        "version_schema": "none",
        "maintainer": "Nobody <nobody@example.org>",
        "description": "sample package of the pkgtools laboratory",
        "license": "MIT",
        "contents": contents,
    }


def merge(ours: Yaml, more: Yaml) -> Yaml:
    """Merge two YAML documents: mappings key by key, lists one after the other, else the second counts."""
    match ours, more:
        case dict(), dict():
            both = {key: merge(ours[key], more[key]) for key in ours.keys() & more.keys()}
            return {**ours, **more, **both}
        case list(), list():
            return [*ours, *more]
        case _:
            return more
