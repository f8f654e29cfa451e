# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Options of the commands that play the lives of packages, and the order that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from pkgtools.model.trial import LifeStep
from pkgtools.runtime.errors import UsageError
from pkgtools.trial.fence import Limits
from pkgtools.trial.order import TrialOrder

from . import completing
from .shared_options import texts
from .usage import count, did_you_mean, local_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P = ParamSpec("P")
R = TypeVar("R")

_MIB = 1 << 20
_PACKAGES = {
    "--needs": "A package to install first; may be given several times.",
    "--runtime": "A package of pkgtools-runtime, to be added and removed.",
    "--interpreter": "A package of another Python, to be added and removed.",
}
_COUNTS = {
    "--timeout": ("SECONDS", "Longest time of a command (600)."),
    "--disk": ("MIB", "Room on the disk beside the root (1024)."),
    "--memory": ("MIB", "Memory of all processes together (2048)."),
    "--processes": ("N", "Processes at once (512)."),
}


def options_of_trial(command: Callable[P, R]) -> Callable[P, R]:
    """Add in which system, with what and how far a life is played."""
    for name, (kind, text) in reversed(_COUNTS.items()):
        command = click.option(name, callback=count, metavar=kind, help=text)(command)
    for name, text in reversed(_PACKAGES.items()):
        several = click.option(name, multiple=True, metavar="DEB", shell_complete=completing.paths, help=text)
        command = several(command)
    network = "Let scripts use the network, and apt-get fetch dependencies."
    command = click.option("--network", is_flag=True, help=network)(command)
    command = click.option("--steps", metavar="STEP,...", help="Only these steps, in the order of a life.")(command)
    return click.option(
        "--root",
        required=True,
        metavar="TAR|DIR",
        shell_complete=completing.paths,
        help="The system to try in, which stays as it is.",
    )(command)


def trial_order(options: dict[str, object]) -> TrialOrder:
    """Return what is played, as options say. Raises UsageError."""
    usual = Limits()
    return TrialOrder(
        root=_existing(text_of(options["root"])),
        steps=steps_of(options) or tuple(LifeStep),
        needs=tuple(map(file_of, texts(options["needs"]))),
        runtime=tuple(map(file_of, texts(options["runtime"]))),
        interpreters=tuple(map(file_of, texts(options["interpreter"]))),
        network=bool(options["network"]),
        limits=Limits(
            seconds=number_of(options["timeout"]) or usual.seconds,
            disk=number_of(options["disk"]) * _MIB or usual.disk,
            memory=number_of(options["memory"]) * _MIB or usual.memory,
            processes=number_of(options["processes"]) or usual.processes,
        ),
    )


def steps_of(options: dict[str, object]) -> tuple[LifeStep, ...]:
    """Return the steps that --steps names. Raises UsageError."""
    text = text_of(options["steps"])
    names = {one.value: one for one in LifeStep}
    asked = [one.strip() for one in text.split(",") if one.strip()]
    for one in asked:
        if one not in names:
            raise UsageError(f"--steps: no step {one!r}{did_you_mean(one, names)}; there are {', '.join(names)}")
    return tuple(step for step in LifeStep if step.value in asked)


def _existing(text: str) -> Path:
    path = local_path(text)
    if not path.exists():
        raise UsageError(f"{text}: no such file or directory")
    return path


def file_of(text: str) -> Path:
    """Return the path of a package that was named. Raises UsageError."""
    path = _existing(text)
    if not path.is_file():
        raise UsageError(f"{text}: not a package: a directory or device")
    return path


def text_of(value: object) -> str:
    """Return what was given for an option; empty where it was not."""
    return "" if value is None else str(value)


def number_of(value: object) -> int:
    """Return the number that was given for an option; 0 where it was not."""
    return value if isinstance(value, int) else 0
