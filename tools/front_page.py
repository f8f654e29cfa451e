# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.front_page`: write the numbers and the samples of output in README.md again.

The numbers are those of docs/performance.md and docs/reliability.md. The samples are what the commands print about a
package, a system and a source package that are made here, small and with faults.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.debs import SOME_DAY, SampleFile, build_deb, write_file
from tools.demo_check import BAD

if TYPE_CHECKING:
    from collections.abc import Mapping

TOP = Path(__file__).resolve().parent.parent
README = TOP / "README.md"
_BLOCK = "(<!-- {name}: written by tools/front_page.py -->\n).*?(<!-- end of {name} -->\n)"
_MODULES = "/usr/lib/python3/dist-packages/acme"
_CODE = 'HOST = "localhost"\n'
_TAG = f"cpython-{sys.version_info[0]}{sys.version_info[1]}"
_CONTROL = """\
Source: acme
Maintainer: You <you@example.org>
Build-Depends: debhelper-compat (= 13), dh-sequence-pkgtools

Package: python3-acme
Architecture: all
Depends: ${misc:Depends}, ${pkgtools:Depends}
Description: sample
"""
_CHANGELOG = (
    "acme (1.0) unstable; urgency=low\n\n  * Made.\n\n -- You <you@example.org>  Thu, 02 Mar 2023 03:04:05 +0000\n"
)
_STATUS = "Package: python3-acme\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n"
_METADATA = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\nRequires-Dist: requests>=2.28\n"


def front_page(text: str) -> str:
    """Return the README with numbers and samples as they are now. Raises CalledProcessError, ValueError."""
    for name, block in (("numbers", numbers), ("output", samples)):
        found = re.search(_BLOCK.format(name=name), text, re.DOTALL)
        if found is None:
            raise ValueError(f"README.md: no block for {name}")
        text = f"{text[: found.start()]}{found[1]}{block()}{found[2]}{text[found.end() :]}"
    return text


def numbers() -> str:
    """Return the list of what was measured. Raises ValueError for a figure that its page doesn't have."""
    many = _ratio("dpkg -i of 100 packages in one run, bytecode alone", "plain Debian / ours, wall")
    upgrade = _ratio(r"upgrade python3-django_\S+ to python3-django_\S+, bytecode alone", "plain Debian / ours, wall")
    purge = _ratio("dpkg -P of one package of 5 modules, 500 installed", "plain Debian / ours, wall")
    theirs, ours, cases = _faults()
    return (
        f"- **{many:.0f} times** less time for bytecode when dpkg installs 100 packages in one run, and\n"
        f"  **{upgrade:.1f} times** less for a security update of Django ([performance](docs/performance.md), by\n"
        f"  `make bench`; slower is, among others, the removal of a small package: {1 / purge:.1f} times).\n"
        f"- **{ours} of {cases}** faults end well, from a full disk to a planted pyc; with `py3compile`\n"
        f"  {theirs} of {cases} ([reliability](docs/reliability.md), by `make scoreboard`).\n"
        f"- **1** package is needed at run time: `python3-minimal` ([control](debian/control)).\n"
    )


def _ratio(scenario: str, quantity: str) -> float:
    text = (TOP / "docs/performance.md").read_text("utf-8")
    found = re.search(rf"^\| {scenario} \| {re.escape(quantity)} \| ([\d.]+) ", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"docs/performance.md: no figure {scenario}: {quantity}")
    return float(found[1])


def _faults() -> tuple[int, int, int]:
    """Return how many faults end well with py3compile and with pkgtools, and how many there are."""
    text = (TOP / "docs/reliability.md").read_text("utf-8")
    found = re.findall(r"(\d+) of (\d+) right", text)
    if len(found) != 3:
        raise ValueError("docs/reliability.md: no sums for three tools")
    return int(found[0][0]), int(found[2][0]), int(found[2][1])


def samples() -> str:
    """Return what three commands print. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        deb = build_deb(BAD, work)
        _system(work / "image")
        _source(work / "source")
        shown = [
            ("pkgtools check acme_1_all.deb", _printed(work, "pkgtools.cli", "check", deb.name)),
            ("pkgtools audit image", _printed(work, "pkgtools.cli", "audit", "image")),
            ("dh_pkgtools -v", _printed(work / "source", "pkgtools.debhelper.main", "-v")),
        ]
    return "".join(f"```console\n$ {command}\n{output}```\n" for command, output in shown)


def _printed(cwd: Path, module: str, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(TOP), "NO_COLOR": "1"}
    argv = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise subprocess.CalledProcessError(done.returncode, argv, done.stdout, done.stderr)
    return "".join(f"{line}\n" for line in done.stdout.splitlines() if not line.startswith("  note: "))


def _system(top: Path) -> None:
    """Make a root directory with one package, whose bytecode another user could exchange, and did."""
    sources = {f"{_MODULES}/__init__.py": _CODE, f"{_MODULES}/client.py": "PORT = 80\n"}
    listed = "".join(f"{path}\n" for path in sources)
    files: dict[str, str | bytes] = {
        "/etc/os-release": "ID=debian\n",
        f"/usr/bin/python3.{sys.version_info[1]}": "",
        "/var/lib/dpkg/status": _STATUS,
        "/var/lib/dpkg/info/python3-acme.list": listed,
        **sources,
    }
    for path, code in zip(sources, (_CODE, "import os\nPORT = 80\n"), strict=True):
        stem = Path(path).stem
        header = importlib.util.MAGIC_NUMBER + b"".join(
            number.to_bytes(4, "little") for number in (0, SOME_DAY, len(sources[path]))
        )
        body = marshal.dumps(compile(code, path, "exec", dont_inherit=True))
        files[f"{_MODULES}/__pycache__/{stem}.{_TAG}.pyc"] = header + body
    _write(top, files)
    (top / f"{_MODULES[1:]}/__pycache__").chmod(0o777)


def _source(top: Path) -> None:
    """Make a source package as it is when debhelper calls us."""
    built = "/debian/python3-acme/usr/lib/python3.11/site-packages"
    _write(
        top,
        {
            "/debian/control": _CONTROL,
            "/debian/changelog": _CHANGELOG,
            f"{built}/acme/__init__.py": _CODE,
            f"{built}/acme-1.0.dist-info/METADATA": _METADATA,
        },
    )
    write_file(f"{top}/debian/python3-acme/usr/bin/acme", SampleFile("#!/usr/bin/env python3\nimport acme\n", 0o755))


def _write(top: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        write_file(f"{top}{path}", SampleFile(content))


def main() -> int:
    """Write README.md; return 0."""
    README.write_text(front_page(README.read_text("utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
