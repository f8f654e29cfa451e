# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of the sample project as fpm would make them of its options: fpm itself needs Ruby.

fpm puts a script into a .deb as it is, and into a spec file as it is, where rpmbuild expands macros in it.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import run_on_host
from tests.lab.deb_builds import md5sums
from tests.lab.debs import SampleFile, pack_deb, write_file
from tests.lab.places import once
from tests.lab.project import Sample, generate, key_of, stage

# https://fpm.readthedocs.io/en/latest/cli-reference.html
DOCUMENTED = frozenset(
    """
    --after-install --after-remove --before-install --before-remove --after-upgrade --before-upgrade
    --deb-interest --deb-interest-noawait --deb-field --depends --directories
    --rpm-posttrans --rpm-pretrans --rpm-tag
    """.split()
)
"""What fpm's reference calls the options that matter here; each takes one value."""

SCRIPTS = {
    "--before-install": ("preinst", "pre"),
    "--after-install": ("postinst", "post"),
    "--before-remove": ("prerm", "preun"),
    "--after-remove": ("postrm", "postun"),
}
"""Option -> name of the script in a .deb and in a spec file."""


@dataclass(frozen=True, slots=True)
class Options:
    """An options file, read as a shell splits words."""

    pairs: tuple[tuple[str, str], ...]

    def of(self, name: str) -> list[str]:
        """Return the values of an option."""
        return [value for option, value in self.pairs if option == name]


def read_options(path: Path) -> Options:
    """Read what `fpm --fpm-options-file` is given."""
    words = shlex.split(path.read_text(), comments=False)
    assert len(words) % 2 == 0, words
    return Options(tuple(zip(words[::2], words[1::2], strict=True)))


def build_as_fpm(sample: Sample, version: str, kind: str, made: Path) -> Path:
    """Build one version below `made` as `fpm -t deb` or `-t rpm` would, once per content."""

    def make(directory: Path) -> None:
        out = generate([sample], "fpm", made)
        options = read_options(out / sample.name / "fpm.options")
        with tempfile.TemporaryDirectory(dir=made) as work:
            tree = Path(work, "tree")
            stage(sample, version, "fpm", out, tree)
            tree.chmod(0o755)
            if kind == "deb":
                _build_deb(sample, version, out.parent, options, tree)
                pack_deb(str(tree), directory)
            else:
                lines = "\n".join(_spec_lines(sample, version, out.parent, options, tree))
                Path(work, "package.spec").write_text(f"{lines}\n")
                _rpmbuild(Path(work), directory)

    return next(once(made / key_of("fpm", sample, version, kind), make).glob(f"*.{kind}"))


def _build_deb(sample: Sample, version: str, project: Path, options: Options, tree: Path) -> None:
    sums = md5sums(tree)
    control = {
        "Package": sample.name,
        "Version": version,
        "Architecture": "all",
        "Maintainer": "Nobody <nobody@example.org>",
        "Depends": ", ".join(options.of("--depends")),
        "Description": "sample package of the pkgtools laboratory",
    }
    control |= dict(field.split(": ", 1) for field in options.of("--deb-field"))
    text = "".join(f"{name}: {value}\n" for name, value in control.items() if value)
    interests = "".join(f"interest-noawait {event}\n" for event in options.of("--deb-interest-noawait"))
    interests += "".join(f"interest {event}\n" for event in options.of("--deb-interest"))
    for name, content in (("control", text), ("md5sums", sums), ("triggers", interests)):
        if content:
            write_file(f"{tree}/DEBIAN/{name}", SampleFile(content))
    for option, (script, _) in SCRIPTS.items():
        for path in options.of(option):
            write_file(f"{tree}/DEBIAN/{script}", SampleFile((project / path).read_text(), 0o755))


def _spec_lines(sample: Sample, version: str, project: Path, options: Options, tree: Path) -> Iterator[str]:
    yield from (f"Name: {sample.name}", f"Version: {version}", "Release: 1", "License: unknown", "BuildArch: noarch")
    yield from ("Summary: sample package of the pkgtools laboratory", "AutoReqProv: no")
    yield from (f"Requires: {requirement}" for requirement in options.of("--depends"))
    yield from options.of("--rpm-tag")
    yield from ("%description", "A sample.", "%install", f"cp -a {tree}/. %{{buildroot}}")
    for option, (_, section) in SCRIPTS.items():
        for path in options.of(option):
            yield from (f"%{section}", (project / path).read_text())
    for option, section in (("--rpm-pretrans", "pretrans"), ("--rpm-posttrans", "posttrans")):
        for path in options.of(option):
            yield from (f"%{section}", (project / path).read_text())
    yield from ("%files", "%defattr(-,root,root,-)")
    # --directories, of the packager and of ours: everything below is the package's own
    own = [f"{sample.public}/{sample.module}", sample.private[0], "/opt/with blank", *options.of("--directories")]
    for item in sorted(tree.rglob("*")):
        inside = str(item).removeprefix(str(tree))
        if not item.is_dir() or any(f"{inside}/".startswith(f"{top}/") for top in own):
            glob = re.sub(r"[ '$;%{}]", "?", inside)
            yield f"%dir {glob}" if item.is_dir() else glob
        elif item.name == "__pycache__":
            yield f"%dir {inside}"  # which a distribution's python3 owns


def _rpmbuild(work: Path, directory: Path) -> None:
    defines = {
        "_topdir": f"{work}/top",
        "_rpmdir": str(directory),
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "__os_install_post": "%{nil}",
    }
    options = [f"--define={name} {value}" for name, value in defines.items()]
    run_on_host(["rpmbuild", "--quiet", "--nodeps", *options, "-bb", f"{work}/package.spec"])
