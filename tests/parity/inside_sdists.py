# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Run inside a build system: build releases by pybuild up to dh_auto_install, then run both helpers on what came out.

Usage: inside_sdists.py SDISTS OUT CHECKOUT. OUT/order says which have extension modules, and which become private.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from tests.parity import inside
else:
    sys.path.append(sys.argv[3])
    from tests.parity import inside

WORK = Path("/tmp/sdists")
PARALLEL = 2


class Order(TypedDict):
    """What is known of the releases beforehand."""

    extensions: list[str]
    private: list[str]


def main(sdists: Path, out: Path, checkout: str) -> None:
    """Build all, then compare all that could be built."""
    order: Order = json.loads((out / "order").read_text())
    paths = sorted(sdists.glob("*.tar.gz"))
    with ThreadPoolExecutor(PARALLEL) as pool:
        built = list(pool.map(lambda path: build(path, order), paths))
    ours = inside.our_command(checkout)
    with (out / "results").open("w") as stream:
        for path, package in zip(paths, built, strict=True):
            if package is None:
                log = (WORK / f"{path.name}.log").read_text(errors="replace")
                print(f"{path.name} can't be built here: {log.strip()[-300:]!r}")
                continue
            theirs, own = (compare(path, package, tool) for tool in (inside.THEIRS, ours))
            variant = "private" if name_of(path) in order["private"] else "sdist"
            record = {"deb": f"{package}_{path.name}", "variant": variant, "theirs": theirs, "ours": own}
            stream.write(json.dumps(record) + "\n")


def name_of(path: Path) -> str:
    """Return the canonical name of a release's project."""
    return path.name.removesuffix(".tar.gz").rpartition("-")[0].lower().replace("_", "-")


def build(path: Path, order: Order) -> str | None:
    """Build a release in WORK and return the name of its package; None if that fails."""
    name = name_of(path)
    package = name if name in order["private"] else f"python3-{name}"
    top = WORK / path.name
    top.mkdir(parents=True)
    subprocess.run(["tar", "-xf", str(path), "-C", str(top), "--strip-components=1"], check=True)
    shutil.rmtree(top / "debian", ignore_errors=True)
    write_debian(top, package, "any" if name in order["extensions"] else "all")
    options = {"HOME": "/tmp", "DEB_BUILD_OPTIONS": "nocheck noautodbgsym"}
    environment = {**inside.ENVIRONMENT, **options, **plugin_for(top)}
    with (WORK / f"{path.name}.log").open("w") as log:
        steps = "debian/rules build && dh_auto_install --buildsystem=pybuild"
        done = subprocess.run(["sh", "-c", steps], cwd=top, env=environment, stdout=log, stderr=log, check=False)
    if done.returncode or not (top / "debian" / package / "usr").is_dir():
        return None
    if name in order["private"]:
        make_private(top / "debian" / package, package)
    return package


def write_debian(top: Path, package: str, architecture: str) -> None:
    """Write what a maintainer would write."""
    who = "Nobody <nobody@example.org>"
    files = {
        "control": (
            f"Source: made-up\nMaintainer: {who}\n"
            "Build-Depends: debhelper-compat (= 13), dh-python, python3-all-dev\n\n"
            f"Package: {package}\nArchitecture: {architecture}\nDepends: ${{python3:Depends}}, ${{misc:Depends}}\n"
            "Description: made for a comparison\n"
        ),
        "changelog": f"made-up (1) unstable; urgency=low\n\n  * Made.\n\n -- {who}  Thu, 02 Mar 2023 03:04:05 +0000\n",
        "rules": "#!/usr/bin/make -f\n%:\n\tdh $@ --buildsystem=pybuild\n",
        "source/format": "3.0 (native)\n",
    }
    for path, text in files.items():
        target = top / "debian" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    (top / "debian/rules").chmod(0o755)


def plugin_for(top: Path) -> dict[str, str]:
    """Return a variable for pybuild where its plugin for flit, which goes first, would take others' releases."""
    path = top / "pyproject.toml"
    found = re.search(r"build-backend *= *[\"']([^\"']+)", path.read_text() if path.exists() else "")
    if found is None or (found[1].startswith("setuptools") and (top / "setup.py").exists()):
        return {}
    return {"PYBUILD_SYSTEM": "pyproject"}


def make_private(tree: Path, package: str) -> None:
    """Put a package's modules where an application has them."""
    found = next((tree / "usr/lib").glob("python3*/dist-packages"))
    target = tree / "usr/share" / package
    target.parent.mkdir(parents=True, exist_ok=True)
    found.rename(target)
    found.parent.rmdir()


def compare(path: Path, package: str, tool: tuple[str, ...]) -> inside.Result:
    """Run a helper on a copy of what was built."""
    top = inside.WORK / "source"
    shutil.rmtree(inside.WORK, ignore_errors=True)
    inside.WORK.mkdir(parents=True)
    shutil.copytree(WORK / path.name / "debian", top / "debian", symlinks=True)
    for name in os.listdir(top / "debian"):
        if ".debhelper" in name or name.endswith(".substvars"):
            left = top / "debian" / name
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return inside.run_helper(top, package, tool)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
