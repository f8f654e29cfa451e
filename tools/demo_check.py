# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The part of the demonstration for those who answer for packages and systems: check, verify, audit, repair."""

from __future__ import annotations

import json
import marshal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lab.debs import SampleFile, SamplePackage, build_deb
from tests.lab.places import workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.system import System
    from tools.demo import Story

CHECKOUT = Path(__file__).resolve().parent.parent
HOME = "/usr/share/acme"
SOURCE = "import os\n\nHOST = 'localhost'\n"
BAD = SamplePackage(
    name="acme",
    files={
        f"{HOME}/acme.py": SOURCE,
        f"{HOME}/__pycache__/acme.cpython-311.pyc": SampleFile("", 0o666),
        "/usr/bin/acme": SampleFile("#!/usr/local/bin/python3\n", 0o755),
    },
    scripts={"prerm": f"find {HOME} -name '*.pyc' -delete\n"},
)
"""What goes wrong in packages that nobody looked at."""
EXPECTED = {"broken-pyc", "clean-by-glob", "wrong-cache-mode", "wrong-shebang"}


def demonstrate_check(story: Story) -> None:
    """Check a package that has several faults. Raises AssertionError if one isn't found."""
    story.heading("\nA reviewer: what is wrong with a package, before anybody installs it\n")
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        with story.step("dpkg-deb: a package with faults") as found:
            deb = build_deb(BAD, Path(work))
            found += [deb.name]
        with story.step(f"pkgtools check {deb.name}") as found:
            verdict = _json(1, "check", "--json", str(deb))["verdicts"][0]
            findings = verdict["findings"]
            found += [f"{len(findings)} findings, exit status 1"]
        story.rows((one["rule"], one.get("path") or one.get("script") or "") for one in findings)
        missing = {"broken-pyc", "clean-by-glob", "wrong-cache-mode", "wrong-shebang"} - {
            one["rule"] for one in findings
        }
        assert not missing, missing


def demonstrate_audit(story: Story, system: System, directory: str) -> None:
    """Verify a system from outside, plant code in one pyc, find it, repair it. Raises AssertionError."""
    root = str(system.outside)
    with story.step("pkgtools verify, from outside: compile all again and compare") as found:
        counts = _json(0, "verify", "--json", root)["counts"]
        found += [f"{counts['identical']} identical, {counts['different']} different"]
        assert counts["different"] == 0, counts
    victim = min(path for path in system.tree(directory) if path.endswith("/__init__.cpython-311.pyc"))
    with story.step("somebody plants other code under the same header") as found:
        content = bytearray(Path(f"{root}{victim}").read_bytes())
        planted = marshal.dumps(compile("import os  # and much more", victim, "exec"))
        stamp = Path(f"{root}{victim}").stat().st_mtime_ns
        system.write(victim, bytes(content[:16]) + planted)
        system.run("touch", "-d", f"@{stamp // 10**9}.{stamp % 10**9:09}", victim)
        found += [victim.removeprefix(directory).lstrip("/")]
    with story.step("pkgtools audit") as found:
        finding = next(one for one in _findings(root, 1) if one["rule"] == "code-differs")
        found += [f"{finding['severity']}: {finding['rule']}, of {finding['package']}"]
        assert finding["path"] == victim, finding
    with story.step("pkgtools audit --fix") as found:
        assert not [one for one in _findings(root, 0, "--fix") if one["rule"] == "code-differs"]
        found += ["repaired, nothing left"]


def _findings(root: str, status: int, *options: str) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = _json(status, "audit", "--json", *options, root)["verdicts"][0]["findings"]
    return found


def _json(status: int, *arguments: str) -> Any:
    argv = [sys.executable, "-m", "pkgtools.cli", *arguments]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr or done.stdout[:2000]
    return json.loads(done.stdout)
