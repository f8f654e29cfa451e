# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python3 -m benchmarks.dpkg_runs`: what bytecode costs dpkg on a system with 500 Python packages.

Two copies of one Debian 12: one as it is, one with pkgtools-runtime and the stand-ins. Their packages have the scripts
that dh_python3 writes. The same command runs in both in turn, timed inside; ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.corpus import Corpus, cache_directory, download_versions, prepare_corpus, python_files
from benchmarks.figures import Figure, Series, keep, of_costs
from benchmarks.timing import Cost
from tests.lab.debs import SampleFile, SamplePackage, build_deb
from tests.lab.machine import DIST
from tests.lab.ours import build_ours
from tests.lab.places import workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

ROOT = "bookworm"
PACKAGES = 500
BATCH = 100
_HELD = "/srv/bench"
_TRIGGER = "/usr/share/pkgtools/triggers/pkgtools-trigger"

_INSIDE = """
import json, os, sys, time
def run(argv, environment):
    began = time.perf_counter()
    said = os.open("/tmp/said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, said, number) for number in (1, 2)]
    process = os.posix_spawn(argv[0], argv, {**os.environ, **environment}, file_actions=actions)
    os.close(said)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"{argv}: {status}: {open('/tmp/said').read()[-2000:]}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime
argv, environment, times = json.loads(sys.argv[1])
costs = [run(argv, environment) for _ in range(times)]
print(json.dumps([sum(part) / times for part in zip(*costs)]))
"""

_POSTINST = "if which py3compile >/dev/null 2>&1; then\n\tpy3compile -p {name}\nfi\n"
_PRERM = (
    "if which py3clean >/dev/null 2>&1; then\n\tpy3clean -p {name}\nelse\n"
    "\tdpkg -L {name} | sed -En -e '/^(.*)\\/(.+)\\.py$/s,,rm \"\\1/__pycache__/\\2\".*,e'\n"
    "\tfind /usr/lib/python3/dist-packages/ -type d -name __pycache__ -empty -print0"
    " | xargs --null --no-run-if-empty rmdir\nfi\n"
)


@dataclass(slots=True)
class Machines:
    """The two systems, and the packages that both see."""

    plain: System
    ours: System

    def each(self) -> Iterator[tuple[str, System]]:
        """Give both with their names."""
        yield from (("plain", self.plain), ("ours", self.ours))


def main() -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.dpkg_runs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds (default: 5)")
    rounds = parser.parse_args().rounds
    debs = workspace() / "bench-debs"
    debs.mkdir()
    many = _build_many(debs)
    old, new = (_copy(path, debs) for path in download_versions("python3-django", cache_directory()))
    with _machines(debs, many) as machines:
        figures = [*_install_one(machines, debs, rounds), *_update(machines, old, new, rounds)]
        of_many, shares = _install_many(machines, many[-BATCH:], rounds)
        figures += [*of_many, *_single_programs(machines, rounds), _one_changed(machines, debs, rounds)]
    keep("dpkg", figures, shares)
    for figure in figures:
        met = {True: "met", False: "MISSED", None: ""}[figure.is_met()]
        print(f"  {met:6} {figure.scenario}: {figure.quantity} {figure.value:.2f} {figure.unit} {figure.aim()}")
    return 0


def _build_many(debs: Path) -> list[Path]:
    """Deal the modules of real packages out to 500 packages with the scripts of dh_python3."""
    modules = prepare_corpus(Corpus.LARGE, cache_directory())
    paths = list(python_files(modules.directory))
    built = []
    for number in range(PACKAGES):
        name = f"python3-bench{number:03}"
        files = {
            f"{DIST}/bench{number:03}/m{at}.py": SampleFile(path.read_bytes())
            for at, path in enumerate(paths[number::PACKAGES])
        }
        scripts = {"postinst": _POSTINST.format(name=name), "prerm": _PRERM.format(name=name)}
        built.append(build_deb(SamplePackage(name=name, files=files, scripts=scripts), debs))
    return built


def _copy(path: Path, directory: Path) -> Path:
    copy = directory / path.name
    copy.write_bytes(path.read_bytes())
    return copy


@contextmanager
def _machines(debs: Path, many: list[Path]) -> Iterator[Machines]:
    ours = build_ours()
    binds = (Bind(source=debs, target=_HELD), Bind(source=ours.directory, target="/srv/ours"))
    with System(root_directory(ROOT), binds=binds) as system:
        system.run("dpkg-divert", "--local", "--rename", "--add", "/usr/bin/py3compile")
        system.write("/usr/bin/py3compile", "#!/bin/sh\n", mode=0o755)
        system.run("dpkg", "--force-unsafe-io", "--force-depends", "-i", *(f"{_HELD}/{deb.name}" for deb in many))
        system.run("rm", "/usr/bin/py3compile")
        system.run("dpkg-divert", "--local", "--rename", "--remove", "/usr/bin/py3compile")
        base = system.freeze()
    with System(base, binds=binds) as plain, System(base, binds=binds) as with_ours:
        plain.run("python3", "-m", "compileall", "-q", "-j2", DIST)
        debs_of_ours = [f"/srv/ours/{ours.deb(name).name}" for name in ("pkgtools-runtime", "pkgtools-py3compile")]
        with_ours.run("dpkg", "-i", *debs_of_ours)
        for system in (plain, with_ours):
            system.write("/tmp/inside.py", _INSIDE)
        yield Machines(plain, with_ours)


def _timed(system: System, *argv: str, environment: dict[str, str] | None = None, times: int = 1) -> Cost:
    order = json.dumps([argv, environment or {}, times])
    return Cost(*json.loads(system.run("/usr/bin/python3", "-ISB", "/tmp/inside.py", order).stdout))


def _install_one(machines: Machines, debs: Path, rounds: int) -> Iterator[Figure]:
    """Install and purge one small package."""
    name = "python3-small"
    files = {f"{DIST}/small/m{number}.py": f"def f(x):\n    return x + {number}\n" * 20 for number in range(5)}
    scripts = {"postinst": _POSTINST.format(name=name), "prerm": _PRERM.format(name=name)}
    deb = build_deb(SamplePackage(name=name, files=files, scripts=scripts), debs)
    costs: dict[tuple[str, str], list[Cost]] = {}
    for _ in range(rounds):
        for who, system in machines.each():
            for what, argv in (("-i", f"{_HELD}/{deb.name}"), ("-P", name)):
                costs.setdefault((who, what), []).append(_timed(system, "/usr/bin/dpkg", what, argv))
    for what in ("-i", "-P"):
        of = {who: costs[who, what] for who in ("plain", "ours")}
        scenario = f"dpkg {what} of one package of 5 modules, {PACKAGES} installed"
        yield from of_costs(scenario, "plain Debian", of["plain"], of["ours"], aim=1)


def _install_many(machines: Machines, many: list[Path], rounds: int) -> tuple[list[Figure], list[Series]]:
    """Install 100 packages in one run; what dpkg itself costs is subtracted."""
    paths = [f"{_HELD}/{deb.name}" for deb in many]
    names = [deb.name.partition("_")[0] for deb in many]
    whole: dict[str, list[Cost]] = {"plain": [], "ours": []}
    alone: dict[str, list[Cost]] = {"plain": [], "ours": []}
    for _ in range(min(rounds, 3)):
        for who, system in machines.each():
            system.run("dpkg", "-P", *names)
            whole[who].append(_timed(system, "/usr/bin/dpkg", "-i", *paths))
            system.run("dpkg", "-P", *names)
            with _stubbed(system):
                alone[who].append(_timed(system, "/usr/bin/dpkg", "--no-triggers", "-i", *paths))
            system.run("dpkg", "--triggers-only", "-a")
    bytecode = {who: _differences(whole[who], alone[who]) for who in whole}
    scenario = f"dpkg -i of {len(many)} packages in one run, bytecode alone"
    wall, cpu = of_costs(scenario, "plain Debian", bytecode["plain"], bytecode["ours"], aim=None)
    shares = [
        Series(plot="share", name=name, points=tuple((who, median(c.wall for c in costs[who])) for who in costs))
        for name, costs in (("dpkg itself", alone), ("bytecode", bytecode))
    ]
    return [wall, replace(cpu, at_least=5)], shares


def _differences(whole: list[Cost], parts: list[Cost]) -> list[Cost]:
    return [one.minus(part) for one, part in zip(whole, parts, strict=True)]


@contextmanager
def _stubbed(system: System) -> Iterator[None]:
    """Let py3compile and py3clean do nothing."""
    for name in ("py3compile", "py3clean"):
        system.run("mv", f"/usr/bin/{name}", f"/usr/bin/{name}.bench")
        system.write(f"/usr/bin/{name}", "#!/bin/sh\n", mode=0o755)
    yield
    for name in ("py3compile", "py3clean"):
        system.run("mv", f"/usr/bin/{name}.bench", f"/usr/bin/{name}")


def _update(machines: Machines, old: Path, new: Path, rounds: int) -> Iterator[Figure]:
    """Upgrade a real package by a security update; what dpkg itself costs is subtracted."""
    whole: dict[str, list[Cost]] = {"plain": [], "ours": []}
    alone: dict[str, list[Cost]] = {"plain": [], "ours": []}
    upgrade = ("/usr/bin/dpkg", "--force-depends", "-i", f"{_HELD}/{new.name}")
    for _ in range(rounds):
        for who, system in machines.each():
            system.run("dpkg", "--force-depends", "-i", f"{_HELD}/{old.name}")
            whole[who].append(_timed(system, *upgrade))
            system.run("dpkg", "--force-depends", "-i", f"{_HELD}/{old.name}")
            with _stubbed(system):
                alone[who].append(_timed(system, *upgrade[:1], "--no-triggers", *upgrade[1:]))
            system.run("dpkg", "--triggers-only", "-a")
            system.run("dpkg", "--force-depends", "-r", old.name.partition("_")[0])
    bytecode = {who: _differences(whole[who], alone[who]) for who in whole}
    scenario = f"upgrade {old.stem} to {new.stem}, bytecode alone"
    return iter(of_costs(scenario, "plain Debian", bytecode["plain"], bytecode["ours"], aim=8))


def _one_changed(machines: Machines, debs: Path, rounds: int) -> Figure:
    """Change one module of a large package as dpkg does, and serve that."""
    name = "python3-large"
    modules = prepare_corpus(Corpus.LARGE, cache_directory())
    files = {
        f"{DIST}/large/{path.relative_to(modules.directory)}": SampleFile(path.read_bytes())
        for path in python_files(modules.directory)
    }
    deb = build_deb(SamplePackage(name=name, files=files), debs)
    changed = next(iter(files))
    costs: dict[str, list[Cost]] = {"plain": [], "ours": []}
    for _, system in machines.each():
        system.run("dpkg", "-i", f"{_HELD}/{deb.name}")
    machines.plain.run("python3", "-m", "compileall", "-q", f"{DIST}/large")
    for number in range(rounds):
        for who, system in machines.each():
            system.write(f"{changed}.new", f"VALUE = {number}\n")
            system.run("mv", f"{changed}.new", changed)
            time.sleep(1.1)  # a list that is written within a second of the batch before looks the same
            system.run("touch", f"/var/lib/dpkg/info/{name}.list")
            time.sleep(1.1)
            compileall = ("/usr/bin/python3", "-m", "compileall", "-q", f"{DIST}/large")
            costs[who].append(_timed(system, *(compileall if who == "plain" else (_TRIGGER,))))
    scenario = f"one module of {len(files):,} changed, as a batch among {PACKAGES} packages"
    return of_costs(scenario, "compileall -q", costs["plain"], costs["ours"], aim=2)[0]


def _single_programs(machines: Machines, rounds: int) -> Iterator[Figure]:
    """Run the programs by themselves."""
    start = [_timed(machines.ours, "/usr/bin/python3", "-ISBXutf8", "-c", "pass", times=10) for _ in range(rounds)]
    begin = median(cost.cpu for cost in start)
    idle = [_timed(machines.ours, _TRIGGER, times=5) for _ in range(rounds)]
    packages = len(machines.ours.run("dpkg-query", "-W").stdout.splitlines())
    yield Figure(
        scenario=f"a batch with nothing to do among {packages} packages",
        quantity="CPU beyond Python's start",
        value=1000 * (median(cost.cpu for cost in idle) - begin),
        unit="ms",
        at_most=10 + 0.005 * packages,
    )
    postinst = {"DPKG_MAINTSCRIPT_NAME": "postinst", "DPKG_MAINTSCRIPT_PACKAGE": "python3-bench000"}
    deferred = [
        _timed(machines.ours, "/usr/bin/py3compile", "-p", "python3-bench000", environment=postinst, times=10)
        for _ in range(rounds)
    ]
    yield Figure(
        scenario="py3compile's stand-in in a postinst, deferred",
        quantity="CPU",
        value=1000 * median(cost.cpu for cost in deferred),
        unit="ms",
        at_most=3,
    )


if __name__ == "__main__":
    sys.exit(main())
