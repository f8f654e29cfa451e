# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Time dh_pkgtools against dh_python3 on packages of 5, 500 and 5,000 modules: ratios of medians, interleaved.

Both do the whole job: modules move from the directory of one version, a script's first line changes, a requirement
becomes a dependency. Both are installed packages with their modules compiled.
"""

from __future__ import annotations

import statistics

from tests.lab.ours import build_ours
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

ROOT = "build-bookworm"
ROUNDS = 9
SIZES = (5, 500, 5000)
HELPERS = ("dh_python3", "dh_pkgtools --compat=dh_python3", "dh_pkgtools")

INSIDE = """
import os, shutil, subprocess, sys, time
helper, size = sys.argv[1].split(), int(sys.argv[2])
template, work = "/tmp/template", "/tmp/work"
if not os.path.isdir(f"{template}-{size}"):
    modules = f"{template}-{size}/debian/python3-foo/usr/lib/python3.11/dist-packages"
    for number in range(size):
        directory = f"{modules}/foo/p{number // 50}"
        os.makedirs(directory, exist_ok=True)
        with open(f"{directory}/m{number}.py", "w") as stream:
            stream.write("X = 1\\n" * 50)
    os.makedirs(f"{modules}/foo-1.dist-info")
    with open(f"{modules}/foo-1.dist-info/METADATA", "w") as stream:
        stream.write("Metadata-Version: 2.1\\nName: foo\\nVersion: 1\\nRequires-Dist: requests>=2\\n")
    os.makedirs(f"{template}-{size}/debian/python3-foo/usr/bin")
    with open(f"{template}-{size}/debian/python3-foo/usr/bin/foo", "w") as stream:
        stream.write("#!/usr/bin/env python3\\n")
    os.chmod(f"{template}-{size}/debian/python3-foo/usr/bin/foo", 0o755)
    with open(f"{template}-{size}/debian/control", "w") as stream:
        stream.write("Source: foo\\n\\nPackage: python3-foo\\nArchitecture: all\\nDepends: ${python3:Depends}\\n")
environment = {"PATH": os.environ["PATH"], "DEB_HOST_ARCH": "amd64", "DEB_HOST_MULTIARCH": "x86_64-linux-gnu"}
shutil.rmtree(work, ignore_errors=True)
shutil.copytree(f"{template}-{size}", work, symlinks=True)
began = time.perf_counter()
done = subprocess.run(helper, cwd=work, env=environment, capture_output=True, text=True)
print(time.perf_counter() - began)
assert done.returncode == 0, done.stderr
"""


def main() -> None:
    """Print seconds and ratios for each size."""
    ours = build_ours()
    with System(root_directory(ROOT), binds=(Bind(source=ours.directory, target="/srv/ours"),)) as system:
        names = ("pkgtools-runtime", "python3-pkgtools", "dh-pkgtools")
        debs = [f"/srv/ours/{ours.deb(name).name}" for name in names]
        system.run("dpkg", "--force-depends", "--install", *debs)
        system.write("/tmp/inside.py", INSIDE)
        print(f"{'modules':>8} {'helper':34} {'seconds':>8} {'x dh_python3':>13}")
        for size in SIZES:
            times: dict[str, list[float]] = {helper: [] for helper in HELPERS}
            for _ in range(ROUNDS):
                for helper in HELPERS:
                    said = system.run("python3", "/tmp/inside.py", helper, str(size)).stdout
                    times[helper].append(float(said))
            peer = statistics.median(times[HELPERS[0]])
            for helper, measured in times.items():
                seconds = statistics.median(measured)
                print(f"{size:8} {helper:34} {seconds:8.3f} {seconds / peer:13.2f}")


if __name__ == "__main__":
    main()
