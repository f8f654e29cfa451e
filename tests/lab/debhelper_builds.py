# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The sample project as a Debian source package: all strategies as binary packages of one debhelper build."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.lab.commands import run_on_host
from tests.lab.debs import SampleFile, write_file
from tests.lab.places import once
from tests.lab.project import Sample, command_path, key_of, pkgtools

_RULES = """\
#!/usr/bin/make -f
%:
\tdh $@

include debian/pkgtools.mk

override_dh_auto_install:
\tset -e; for name in payload/*; do install -d debian/$${name##*/}; cp -a $$name/. debian/$${name##*/}; done
"""


def build_with_debhelper(samples: Iterable[Sample], version: str, made: Path) -> dict[str, Path]:
    """Run `pkgtools generate` and dpkg-buildpackage below `made`, once per content; return name -> .deb."""
    packages = tuple(samples)

    def make(directory: Path) -> None:
        with tempfile.TemporaryDirectory(dir=made) as work:
            top = Path(work, "project")
            for sample in packages:
                for path, content in sample.files(version).items():
                    write_file(f"{top}/payload/{sample.name}{path}", SampleFile(content))
            for name, content in _debian(packages, version):
                write_file(f"{top}/debian/{name}", SampleFile(content, 0o755 if name == "rules" else 0o644))
            pkgtools("generate", "--target", "debhelper", "--output", "debian", cwd=top)
            env = {"PATH": command_path(Path(work, "bin"))}
            run_on_host(["dpkg-buildpackage", "--build=binary", "--unsigned-changes"], cwd=top, env=env)
            for deb in Path(work).glob("*.deb"):
                deb.rename(directory / deb.name)

    directory = once(made / key_of("debhelper", packages, version), make)
    return {deb.name.partition("_")[0]: deb for deb in directory.glob("*.deb")}


def _debian(samples: tuple[Sample, ...], version: str) -> Iterator[tuple[str, str]]:
    who = "Nobody <nobody@example.org>"
    yield (
        "changelog",
        f"project ({version}) unstable; urgency=low\n\n  * Made.\n\n -- {who}  Thu, 02 Mar 2023 03:04:05 +0000\n",
    )
    yield "rules", _RULES
    yield "source/format", "3.0 (native)\n"
    yield "pkgtools.toml", "\n".join(sample.toml() for sample in samples)
    paragraphs = [
        f"Source: project\nMaintainer: {who}\nBuild-Depends: debhelper-compat (= 13)\nRules-Requires-Root: no\n"
    ]
    paragraphs += [
        f"Package: {sample.name}\nArchitecture: all\nDepends: ${{misc:Depends}}, ${{pkgtools:Depends}}\n"
        "Description: sample package of the pkgtools laboratory\n Nothing else.\n"
        for sample in samples
    ]
    yield "control", "\n".join(paragraphs)
