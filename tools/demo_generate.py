# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The part of the demonstration for vendors: one manifest, a .deb and an .rpm whose targets have nothing of ours."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.commands import run_on_host
from tests.lab.machine import Machine, start_machine
from tests.lab.places import workspace
from tests.lab.rpm_machine import prepare, start_rpm_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.demo import Story

CHECKOUT = Path(__file__).resolve().parent.parent
NAME = "weather"
HOME = f"/opt/{NAME}/lib"
MANIFEST = f"""\
strategy = "standalone"

[packages.{NAME}]
public = false

[[packages.{NAME}.private]]
directory = "{HOME}"
python = "3.9-"
"""
CONTROL = f"""\
Package: {NAME}
Version: 1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: sample of a vendor
"""
SPEC = f"""\
%include {{out}}/{NAME}.preamble.inc
Name: {NAME}
Version: 1
Release: 1
Summary: sample of a vendor
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
A sample.
%install
cp -a {{tree}}/. %{{{{buildroot}}}}
%include {{out}}/{NAME}.install.inc
%include {{out}}/{NAME}.scriptlets.inc
%files
/opt/{NAME}
%include {{out}}/{NAME}.files.inc
"""


def demonstrate_generate(story: Story) -> None:
    """Generate for deb and rpm from one manifest, build and install both. Raises AssertionError if a step fails."""
    story.heading("\nA vendor: one manifest, two packages, no pkgtools on the target\n")
    with tempfile.TemporaryDirectory(dir=workspace()) as directory:
        work = Path(directory)
        work.chmod(0o755)
        modules = Path("/usr/lib/python3.11/email")
        sources = {f"{HOME}/mail/{path.name}": path.read_text("utf-8") for path in modules.glob("*.py")}
        (work / "pkgtools.toml").write_text(MANIFEST)
        with story.step("pkgtools.toml: its directory, its Pythons, its strategy") as found:
            found += [f"{len(MANIFEST.splitlines())} lines"]
        for target in ("deb", "rpm"):
            with story.step(f"pkgtools generate --target {target} -o {target}") as found:
                _pkgtools(work, "generate", "--target", target, "-o", target)
                found += [f"{sum(path.is_file() for path in (work / target).rglob('*'))} files"]
        with story.step("dpkg-deb, rpmbuild") as found:
            deb, rpm = _build_deb(work, sources), _build_rpm(work, sources)
            found += [deb.name, rpm.name]
        with start_machine("bookworm", None, work, None) as machine:
            _come_and_go(story, machine, sources, f"dpkg -i /srv/debs/{deb.name}", f"dpkg -P {NAME}")
        base = prepare("rpm-bookworm")
        with start_rpm_machine("rpm-bookworm", base, work, work) as rpm_machine:
            options = " ".join(rpm_machine.options)
            _come_and_go(
                story,
                rpm_machine.machine,
                sources,
                f"rpm {options} -U --nodeps /srv/debs/{rpm.name}",
                f"rpm {options} -e {NAME}",
            )


def _pkgtools(work: Path, *arguments: str) -> None:
    run_on_host([sys.executable, "-m", "pkgtools.cli", *arguments], cwd=work, env={"PYTHONPATH": str(CHECKOUT)})


def _tree(work: Path, name: str, sources: Mapping[str, str]) -> Path:
    tree = work / f"{name}-tree"
    for path, text in sources.items():
        file = tree / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tree


def _build_deb(work: Path, sources: Mapping[str, str]) -> Path:
    tree = _tree(work, "deb", sources)
    _pkgtools(work, "stage", "--target", "deb", str(tree))
    shutil.copytree(work / "deb" / NAME / "DEBIAN", tree / "DEBIAN")
    depends = "".join(_lines(work / "deb" / NAME / "control"))
    (tree / "DEBIAN/control").write_text(CONTROL + depends)
    run_on_host(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(work)])
    return next(work.glob("*.deb"))


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.open() if not line.startswith("#"))


def _build_rpm(work: Path, sources: Mapping[str, str]) -> Path:
    tree = _tree(work, "rpm", sources)
    spec = work / f"{NAME}.spec"
    spec.write_text(SPEC.format(out=work / "rpm", tree=tree))
    defines = {
        "_topdir": f"{work}/top",
        "_rpmdir": str(work),
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "pkgtools_generated": f"{work}/rpm",
    }
    options = [f"--define={name} {value}" for name, value in defines.items()]
    run_on_host(["rpmbuild", "--quiet", "--nodeps", *options, "-bb", str(spec)])
    return next(work.glob("*.rpm"))


def _come_and_go(story: Story, machine: Machine, sources: Mapping[str, str], install: str, remove: str) -> None:
    with story.step(install.replace("/srv/debs/", "")) as found:
        result = machine.system.run(*install.split())
        cached = machine.cached(HOME)
        compiled = sum(path.endswith(".pyc") for path in cached)
        found += [f"{len(sources)} modules, {compiled} compiled"]
        assert compiled == len(sources), f"not every module is compiled\n{result.output}"
    story.rows((looks, f"{count:6}") for looks, count in Counter(cached.values()).most_common())
    with story.step("python3 -v -c 'import mail.message', as nobody") as found:
        machine.imports("mail.message", path=HOME)
        found += ["from the cache"]
    with story.step(remove) as found:
        machine.system.run(*remove.split())
        machine.assert_nothing_left()
        found += ["as if never installed"]
