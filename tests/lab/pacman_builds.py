# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The sample project as a split package of Arch Linux: one PKGBUILD, one run of makepkg."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.lab.debs import SampleFile, write_file
from tests.lab.machine import NOBODY
from tests.lab.places import once
from tests.lab.project import Sample, generate, key_of, stage
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

CONFIGURATION = """\
[options]
Architecture = auto
SigLevel = Never
DBPath = /var/lib/pacman/
HookDir = /etc/pacman.d/hooks/
LogFile = /dev/null
"""


def build_with_makepkg(samples: Iterable[Sample], version: str, made: Path) -> dict[str, Path]:
    """Generate the alpm files, run makepkg in a throw-away system, once per content; return name -> package."""
    packages = tuple(samples)

    def make(work: Path) -> None:
        out = generate(packages, "alpm", made)
        for sample in packages:
            stage(sample, version, "alpm", out, work / "payload" / sample.name)
            script = out / sample.name / f"{sample.name}.install"
            if script.exists():
                write_file(f"{work}/{sample.name}.install", SampleFile(script.read_text()))
        write_file(f"{work}/PKGBUILD", SampleFile(_pkgbuild(packages, version, work)))
        with System(
            root_directory("pacman"), binds=(Bind(source=work, target="/srv/project", writable=True),)
        ) as system:
            system.run("chown", "-R", f"{NOBODY}:{NOBODY}", "/srv/project")
            env = {"PKGEXT": ".pkg.tar", "HOME": "/srv/project", "PACKAGER": "Nobody <nobody@example.org>"}
            # fakeroot closes every descriptor that it may have, one by one
            argv = ("prlimit", "--nofile=1024", "env", "--chdir=/srv/project", "makepkg", "--nodeps", "--force")
            system.run(*argv, env=env, uid=NOBODY)
            system.run("chown", "-R", "0:0", "/srv/project")

    directory = once(made / key_of("makepkg", packages, version), make)
    return {path.name.rpartition(f"-{version}-1-")[0]: path for path in directory.glob("*.pkg.tar")}


def _pkgbuild(samples: Iterable[Sample], version: str, work: Path) -> str:
    names = " ".join(sample.name for sample in samples)
    text = f"pkgbase=project\npkgname=({names})\npkgver={version}\npkgrel=1\npkgdesc='sample package'\n"
    text += "arch=(any)\nlicense=(MIT)\noptions=(!strip !purge !zipman emptydirs)\n"
    for sample in samples:
        install = f"install={sample.name}.install; " if (work / f"{sample.name}.install").exists() else ""
        text += f'package_{sample.name}() {{ {install}cp -a "$startdir/payload/{sample.name}/." "$pkgdir"; }}\n'
    return text
