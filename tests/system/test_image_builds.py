# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The commands of docs/how-to/share-bytecode.md do what that page says, on systems that share nothing but the store."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.debs import downstream
from tests.lab.machine import DIST, Machine, caches
from tests.lab.ours import CHECKOUT
from tests.lab.system import Bind
from tests.system.conftest import StartMachine

PAGE = (CHECKOUT / "docs/how-to/share-bytecode.md").read_text(encoding="utf-8")
SHELF, FLEET = "/var/cache/bytecode", "/srv/bytecode"
APP = {"/opt/app/shop/__init__.py": "", "/opt/app/shop/till.py": "def f():\n    return 1\n"}
MODULES = {path.replace("/opt/app", DIST): text for path, text in APP.items()}
SAMPLE = downstream("shop", MODULES)


def blocks(language: str) -> list[str]:
    """Return the page's blocks of commands."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


_RUN = re.compile(r"^RUN --mount=type=cache,target=(\S+),mode=0700 \\\n(.*)", re.MULTILINE | re.DOTALL)
DOCKERFILES = [_RUN.findall(one) for one in blocks("dockerfile")]
ROOT, MAKE_KEY, READ_COPY, MOUNT, ROOM = blocks("sh")


@pytest.fixture
def shelf(tmp_path: Path) -> Callable[[str], Bind]:
    """Return what makes a directory that outlives systems, as a cache mount does."""

    def bind(target: str) -> Bind:
        path = tmp_path / target.strip("/").replace("/", "-")
        path.mkdir(mode=0o700, exist_ok=True)
        return Bind(source=path, target=target, writable=True)

    return bind


def run(machine: Machine, commands: str) -> Counter[str]:
    """Run the commands of a block; return how often each reason was given for a pyc that was written."""
    asked = commands.replace("pkgtools-compile ", "pkgtools-compile --json /srv/report ")
    machine.system.run("sh", "-euc", asked)
    report = json.loads(machine.system.read("/srv/report"))
    return Counter(one["reason"] for one in report["outcomes"] if one["path"].endswith(".pyc"))


def build(machine: Machine) -> None:
    for path, text in APP.items():
        machine.system.write(path, text)


def test_application_is_compiled_once_for_all_images(start: StartMachine, shelf: Callable[[str], Bind]) -> None:
    ((target, commands),) = DOCKERFILES[0]
    for reason in ("missing", "reused"):
        with start(binds=(shelf(target),)) as machine:
            build(machine)
            assert run(machine, commands) == {reason: len(APP)}
            assert machine.cached("/opt/app") == caches(APP, "3.11")
            assert machine.imports("shop.till", path="/opt/app") == ""


def test_packages_are_compiled_once_for_all_images(start: StartMachine, shelf: Callable[[str], Bind]) -> None:
    ((target, commands),) = DOCKERFILES[1]
    for reason in ("missing", "reused"):
        with start(binds=(shelf(target),)) as machine:
            before = machine.system.read("/etc/pkgtools/bytecode.conf")
            asked = commands.replace("apt-get install -y python3-django", f"dpkg --install {machine.stage(SAMPLE)}")
            assert run(machine, asked) == {reason: len(MODULES)}
            assert machine.cached() == caches(MODULES, "3.11")
            assert machine.system.read("/etc/pkgtools/bytecode.conf") == before
            times = machine.system.tree(DIST)
            machine.system.run("pkgtools-trigger", "--all")
            assert machine.system.tree(DIST) == times
            machine.dpkg("--purge", "shop")
            assert machine.cached() == {}


def test_system_below_a_directory_has_the_store_in_it(start: StartMachine, shelf: Callable[[str], Bind]) -> None:
    make, mount, compile_, unmount = ROOT.splitlines()
    inside = f"/srv/image{SHELF}"
    assert (make, mount, unmount) == (
        f"mkdir -p --mode=0700 {inside}",
        f"mount --bind {SHELF} {inside}",
        f"umount {inside}",
    )
    with start(binds=(Bind(source=shelf(SHELF).source, target=inside, writable=True),)) as machine:
        for path, text in APP.items():
            machine.system.write(f"/srv/image{path}", text)
        machine.system.run("sh", "-euc", "mkdir -p /srv/image/usr/bin; cp /usr/bin/python3.11 /srv/image/usr/bin")
        for reason in ("missing", "reused"):
            assert run(machine, f"{make}\n{compile_}") == {reason: len(APP)}
            machine.system.run("rm", "-r", "/srv/image/opt/app/shop/__pycache__")
        assert not machine.system.exists(SHELF)


def test_fleet_takes_what_the_builder_s_key_authenticates(start: StartMachine, shelf: Callable[[str], Bind]) -> None:
    with start(binds=(shelf(FLEET),)) as builder:
        build(builder)
        builder.system.run("pkgtools-compile", "/opt/app")
        assert run(builder, MAKE_KEY) == {"forced": len(APP)}
        key = builder.system.read("/etc/pkgtools/store.key")
    copy = Bind(source=shelf(FLEET).source, target=FLEET)
    with start(binds=(copy,)) as reader:
        build(reader)
        reader.system.write("/etc/pkgtools/store.key", key, mode=0o600)
        assert run(reader, READ_COPY) == {"reused": len(APP)}
    with start(binds=(shelf(FLEET),)) as stranger:
        build(stranger)
        stranger.system.write("/etc/pkgtools/store.key", key[::-1], mode=0o600)
        assert run(stranger, READ_COPY) == {"missing": len(APP)}


@pytest.mark.slow
def test_copy_on_a_read_only_mount_needs_no_key(start: StartMachine, shelf: Callable[[str], Bind]) -> None:
    with start(binds=(shelf(FLEET),)) as builder:
        build(builder)
        run(builder, MAKE_KEY)
    mount, compile_ = MOUNT.splitlines()
    assert mount.startswith("mount -o ro ")
    with start(binds=(Bind(source=shelf(FLEET).source, target=FLEET),)) as reader:
        build(reader)
        assert run(reader, compile_) == {"reused": len(APP)}


@pytest.mark.slow
def test_what_is_old_can_be_deleted(start: StartMachine, shelf: Callable[[str], Bind]) -> None:
    ((target, commands),) = DOCKERFILES[0]
    with start(binds=(shelf(target),)) as machine:
        build(machine)
        run(machine, commands)
        machine.system.run("sh", "-euc", ROOM)
        assert len(machine.system.run("ls", SHELF).stdout.split()) == len(APP) + 1
        machine.system.run("sh", "-euc", f"touch --date=2020-01-01 {SHELF}/*")
        machine.system.run("sh", "-euc", ROOM)
        assert machine.system.run("ls", SHELF).stdout == "CACHEDIR.TAG\n"
        machine.system.run("rm", "-r", "/opt/app/shop/__pycache__")
        assert run(machine, commands) == {"missing": len(APP)}
