# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks.cleaning`: what it costs to clean a package of dpkg's before it goes, against py3clean.

In a throw-away overlay of this machine dpkg knows two more packages, a small one and one of more than 500 modules. Each
is compiled, and cleaned by the two in turn; only the cleaning is measured.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.corpus import Corpus, cache_directory, prepare_corpus, python_files
from benchmarks.figures import Figure, keep, of_costs
from benchmarks.timing import Cost, clean_environment, compare, measure

_INSIDE = "PKGTOOLS_BENCH_NAMESPACE"
_CHECKOUT = Path(__file__).resolve().parent.parent
_PACKAGES = {"bench-small": Corpus.SMALL, "bench-large": Corpus.MEDIUM}
_AIMS = {"bench-small": 4, "bench-large": 6}
_OURS, _THEIRS = "/usr/bin/pkgtools-clean", "/usr/bin/py3clean"
_FLOOR = ("/usr/bin/python3", "-IBSXutf8", "-c", "pass")
_DIST = "usr/lib/python3/dist-packages"


def main() -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.cleaning", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="rounds (default: 15)")
    given = parser.parse_args()
    if _INSIDE not in os.environ:
        # the overlay is mounted in a namespace of its own: it goes with the last process
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-m", "benchmarks.cleaning", *sys.argv[1:]])
    modules = {package: prepare_corpus(corpus, cache_directory()) for package, corpus in _PACKAGES.items()}
    with tempfile.TemporaryDirectory() as work:
        environment = clean_environment(Path(work))
        root = _overlay(Path(work))
        for package, corpus in modules.items():
            _install(root, package, corpus.directory)
        _install_ours(root)
        with _inside(root):
            subprocess.run(["/usr/share/pkgtools/triggers/pkgtools-trigger"], env=environment, check=True)
            costs = {package: _measure(package, given.rounds, environment) for package in _PACKAGES}
            figures = [figure for package in _PACKAGES for figure in _report(package, costs[package])]
        keep("cleaning", figures)
        subprocess.run(["umount", "--lazy", str(root), f"{work}/layer"], check=True)
    return 0


@contextmanager
def _inside(root: Path) -> Iterator[None]:
    outside = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    os.chroot(root)
    os.chdir("/")
    yield
    os.fchdir(outside)
    os.chroot(".")
    os.close(outside)


def _overlay(work: Path) -> Path:
    """Mount an overlay of this machine's root directory whose changes are in memory."""
    layer, root = work / "layer", work / "root"
    layer.mkdir()
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(layer)], check=True)
    (layer / "upper").mkdir()
    (layer / "work").mkdir()
    options = f"lowerdir=/,upperdir={layer}/upper,workdir={layer}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)], check=True)
    for name in ("dev", "proc"):
        subprocess.run(["mount", "--rbind", f"/{name}", f"{root}/{name}"], check=True)
    return root


def _install(root: Path, package: str, modules: Path) -> None:
    """Let dpkg know a package with some modules."""
    top = root / _DIST / package.replace("-", "_")
    listed = ["/."]
    for source in python_files(modules):
        target = top / source.relative_to(modules)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        listed.append(str(target)[len(str(root)) :])
    (root / f"var/lib/dpkg/info/{package}.list").write_text("".join(f"{path}\n" for path in listed))
    with (root / "var/lib/dpkg/status").open("a") as status:
        status.write(f"Package: {package}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n")
        status.write("Maintainer: A <a@example.org>\nDescription: sample\n\n")


def _install_ours(root: Path) -> None:
    """Lay our runtime out as its package does, itself compiled."""
    ignore = shutil.ignore_patterns("__pycache__")
    shared = root / "usr/share/pkgtools"
    shutil.rmtree(shared, ignore_errors=True)
    shutil.copytree(_CHECKOUT / "triggers", shared / "triggers", ignore=ignore)
    shutil.copytree(_CHECKOUT / "pkgtools/runtime", shared / "pkgtools/runtime", ignore=ignore)
    shutil.copy2(_CHECKOUT / "pkgtools/__init__.py", shared / "pkgtools/__init__.py")
    for name in ("lib", "cache"):
        (root / f"var/{name}/pkgtools").mkdir(mode=0o755, exist_ok=True)
    for command in ("pkgtools-clean", "pkgtools-compile"):
        (root / "usr/bin" / command).symlink_to(f"../share/pkgtools/triggers/{command}")
    subprocess.run(["chroot", str(root), "/usr/bin/pkgtools-compile", "--strict", "/usr/share/pkgtools"], check=True)


def _measure(package: str, rounds: int, environment: dict[str, str]) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {_OURS: [], _THEIRS: [], _FLOOR[0]: []}
    for number in range(rounds):
        for program in (_OURS, _THEIRS) if number % 2 else (_THEIRS, _OURS):
            subprocess.run(["/usr/bin/pkgtools-compile", "-q", "-p", package], env=environment, check=True)
            costs[program].append(measure([[program, "-p", package]], environment))
            left = [path for path in Path(f"/{_DIST}").rglob("__pycache__") if package.replace("-", "_") in str(path)]
            if left:
                raise RuntimeError(f"{program} left {left[0]}")
        costs[_FLOOR[0]].append(measure([_FLOOR], environment))
    return costs


def _report(package: str, costs: dict[str, list[Cost]]) -> tuple[Figure, Figure]:
    number = len(list(python_files(Path(f"/{_DIST}/{package.replace('-', '_')}"))))
    packages = len(list(Path("/var/lib/dpkg/info").glob("*.list")))
    print(f"clean of {number} modules among {packages} packages, {len(costs[_OURS])} rounds; aim {_AIMS[package]}")
    for name, found in (("ours", costs[_OURS]), ("py3clean", costs[_THEIRS]), ("no work", costs[_FLOOR[0]])):
        wall, cpu = (1000 * median(one[index] for one in found) for index in (0, 1))
        by_wall, by_cpu = (
            compare([one[index] for one in found], [one[index] for one in costs[_OURS]]) for index in (0, 1)
        )
        print(f"  {name:8} {wall:7.1f} ms, x {by_wall.median:.2f} of ours; CPU {cpu:7.1f} ms, x {by_cpu.median:.2f}")
    scenario = f"clean: {number} modules among {packages:,} packages"
    return of_costs(scenario, "py3clean", costs[_THEIRS], costs[_OURS], aim=_AIMS[package])


if __name__ == "__main__":
    sys.exit(main())
