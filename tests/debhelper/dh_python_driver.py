# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Ask a dh-python what it makes of requirements: `python3 dh_python_driver.py TREE < JOB > ANSWERS`, both JSON.

It runs in an empty directory under the system's Python; the job's overrides are all the rules there are.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TypedDict

METADATA = "debian/foo/usr/lib/python3/dist-packages/foo-1.dist-info/METADATA"
REQUIRES = "debian/foo/usr/lib/python3/dist-packages/foo-1.egg-info/requires.txt"


class Job(TypedDict):
    """What is asked."""

    overrides: str
    build_depends: dict[str, str]
    accept_upstream_versions: bool
    requirements: list[str]
    metadata: list[str]
    requires: list[str]


def main() -> None:
    """Answer one job."""
    sys.path.insert(0, sys.argv[1])
    job: Job = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        for name, text in (("debian/py3dist-overrides", job["overrides"]), (METADATA, ""), (REQUIRES, "")):
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, "utf-8")
        os.environ["DH_PYTHON_DIST"] = top
        logging.disable(logging.CRITICAL)
        json.dump(_answers(job), sys.stdout)


def _answers(job: Job) -> dict[str, list[object]]:
    pydist = importlib.import_module("dhpython.pydist")
    pydist.PYDIST_DIRS["cpython3"] = "/nonexistent"
    limits = {package: {None: limit} for package, limit in job["build_depends"].items()}
    keep = job["accept_upstream_versions"]

    def single(text: str) -> object:
        try:
            return pydist.guess_dependency("cpython3", text, bdep=limits, accept_upstream_versions=keep) or ""
        except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
            return f"! {type(error).__name__}"

    def whole(parser: str, file: str, text: str) -> object:
        Path(file).write_text(text, "utf-8")
        found = getattr(pydist, parser)("cpython3", file, bdep=limits, recommends_sec=["r"], suggests_sec=["s"])
        return [found, Path(file).read_text("utf-8")]

    return {
        "requirements": [single(text) for text in job["requirements"]],
        "metadata": [whole("parse_requires_dist", METADATA, text) for text in job["metadata"]],
        "requires": [whole("parse_pydep", REQUIRES, text) for text in job["requires"]],
    }


if __name__ == "__main__":
    main()
