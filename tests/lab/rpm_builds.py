# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""RPM packages of the sample project: a spec file that includes the generated fragments, built by rpmbuild."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.lab.commands import run_on_host
from tests.lab.debs import SampleFile, write_file
from tests.lab.places import once
from tests.lab.project import BUILD_PYTHON, Sample, command_path, generate, key_of

_BY_DISTRIBUTION = (
    f"/usr/bin/python{BUILD_PYTHON} -m compileall -q -s %{{buildroot}} -p / "
    "%{buildroot}/usr/lib %{buildroot}/usr/share %{buildroot}/opt"
)
"""What a distribution's macros do at the end of %install; Debian's rpmbuild has none that know this interpreter."""


def build_generated_rpm(sample: Sample, version: str, made: Path, *, target: str = "rpm") -> Path:
    """Build one version with the generated fragments below `made`, once per content, and return the .rpm."""

    def make(directory: Path) -> None:
        out = generate([sample], target, made)
        with tempfile.TemporaryDirectory(dir=made) as work:
            for path, content in sample.files(version).items():
                write_file(f"{work}/tree{path}", SampleFile(content))
            spec = Path(work, "sample.spec")
            spec.write_text("\n".join(_spec_lines(sample, version, out, f"{work}/tree")) + "\n")
            _rpmbuild(spec, out, directory)

    return next(once(made / key_of(target, sample, version), make).glob("*.rpm"))


def _rpmbuild(spec: Path, out: Path, directory: Path) -> None:
    work = spec.parent
    defines = {
        "_topdir": f"{work}/top",
        "_rpmdir": str(directory),
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "_binary_payload": "w1.gzdio",
        "__os_install_post": "%{nil}",
        "pkgtools_generated": str(out),
        "pkgtools_manifest": str(out.parent / "pkgtools.toml"),
    }
    options = [f"--define={name} {value}" for name, value in defines.items()]
    env = {"PATH": command_path(work / "bin")}
    run_on_host(["rpmbuild", "--quiet", "--nodeps", *options, "-bb", str(spec)], env=env)


def _spec_lines(sample: Sample, version: str, out: Path, tree: str) -> Iterator[str]:
    fragments = {part: out / f"{sample.name}.{part}.inc" for part in ("preamble", "install", "scriptlets", "files")}
    includes = {part: f"%include {path}" if path.exists() else "" for part, path in fragments.items()}
    yield from (f"Name: {sample.name}", f"Version: {version}", "Release: 1", "License: MIT", "BuildArch: noarch")
    yield from ("Summary: sample package of the pkgtools laboratory", "AutoReqProv: no")
    yield from (includes["preamble"], "%description", "A sample.", "%install", f"cp -a {tree}/. %{{buildroot}}")
    yield from (includes["install"], _BY_DISTRIBUTION if sample.strategy == "native" else "")
    yield from (includes["scriptlets"], "%files", *_listed(sample), includes["files"])


def _listed(sample: Sample) -> Iterator[str]:
    """Yield what of the project's own a packager lists: directories with all below them."""
    yield f"{sample.public}/{sample.module}"
    yield f"{sample.public}/{sample.module}_cli.py*"
    yield sample.private[0]
    yield '"/opt/with blank"'
    if sample.strategy in {"shipped", "native"}:
        yield f"%dir {sample.public}/__pycache__"  # which a distribution's python3 owns
        yield f"{sample.public}/__pycache__/{sample.module}_cli.*"
