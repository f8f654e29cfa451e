# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages built for another architecture, co-installable ones among them; nothing of them needs a compiler."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.debhelper.sources import DIST, binary, source
from tests.lab.ours import Build
from tests.lab.source_builds import Built, Deb, build_sources

pytestmark = [pytest.mark.system, pytest.mark.slow]

NAMES = ("python3-cross", "python3-native")
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
MANIFEST = '[packages."python3-native"]\nstrategy = "native"\n'
WHEEL = "Wheel-Version: 1.0\nTag: cp311-cp311-ARCHITECTURE\n"


@pytest.fixture(scope="session")
def built(ours: Build, made: Path) -> dict[str, Built]:
    """Return what came of one source package, by the architecture that it was built for."""
    payload = {}
    for name in NAMES:
        top, module = f"payload/{name}/{DIST}", name.replace("-", "_")
        payload[f"{top}/{module}/__init__.py"] = "NAME = __name__\n"
        payload[f"payload/{name}/usr/lib/python3.11/dist-packages/{module}/_fast.so"] = "PyInit__fast\n"
        payload[f"{top}/{module}/_stable.abi3.so"] = "PyInit__stable\n"
        payload[f"{top}/{module}-1.0.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n"
        payload[f"{top}/{module}-1.0.dist-info/WHEEL"] = WHEEL
    binaries = tuple(binary(name, "any", Multi_Arch="same") for name in NAMES)
    whole = source("cross", binaries, {**payload, "debian/pkgtools.toml": MANIFEST})
    sources = {
        architecture: replace(
            whole,
            name=f"cross-{architecture}",
            arguments=("--build=any", f"--host-arch={architecture}", "--no-check-builddeps"),
        )
        for architecture in TRIPLETS
    }
    found = build_sources("build-bookworm", sources.values(), ours, made)
    return {architecture: found[one.name] for architecture, one in sources.items()}


def debs(built: dict[str, Built], name: str) -> dict[str, Deb]:
    return {architecture: one.debs[name] for architecture, one in built.items()}


@pytest.mark.parametrize("name", NAMES)
def test_extension_modules_get_the_tag_of_the_architecture_that_is_built_for(
    built: dict[str, Built], name: str
) -> None:
    module = name.replace("-", "_")
    for architecture, deb in debs(built, name).items():
        extensions = {path.rpartition("/")[2] for path in deb.files if path.endswith(".so")}
        assert extensions == {f"_fast.cpython-311-{TRIPLETS[architecture]}.so", "_stable.abi3.so"}
        assert f"/{DIST}/{module}/__init__.py" in deb.files
        assert deb.fields["Architecture"] == architecture
        assert {"python3 (<< 3.12)", "python3 (>= 3.11~)"} <= deb.depends


@pytest.mark.parametrize("name", NAMES)
def test_what_two_architectures_share_is_the_same(built: dict[str, Built], name: str) -> None:
    one, other = debs(built, name).values()
    shared = one.files.keys() & other.files.keys() - {path for path in one.files if path.endswith(".so")}
    assert shared
    assert not {path for path in one.files.keys() ^ other.files.keys() if not path.endswith(".so")}
    for path in shared:
        assert (one.files[path], one.read(path)) == (other.files[path], other.read(path))


def test_scripts_ask_dpkg_for_the_architecture(built: dict[str, Built]) -> None:
    """py3compile refuses the bare name of a co-installable package."""
    one, other = debs(built, "python3-native").values()
    for script in ("postinst", "prerm"):
        assert one.control[script] == other.control[script]
        assert "package=$package:$DPKG_MAINTSCRIPT_ARCH" in one.control[script]
