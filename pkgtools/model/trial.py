# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools try` sees of a package's whole life in a throw-away system: steps, and what was wrong after each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .finding import Severity


class LifeStep(Enum):
    """A step in the life of a package, in the order in which they are played."""

    INSTALL = "install"
    REINSTALL = "reinstall"
    DOWNGRADE = "downgrade"
    """To the old version that --with names."""
    UPGRADE = "upgrade"
    """From the old version."""
    FAILED_UPGRADE = "failed-upgrade"
    """The preinst of the new version fails, and dpkg goes back to what was there (Debian Policy 6.6)."""
    INTERPRETER_ADDED = "interpreter-added"
    DEFAULT_CHANGED = "default-changed"
    """/usr/bin/python3 becomes the interpreter that was added."""
    INTERPRETER_REMOVED = "interpreter-removed"
    RUNTIME_ADDED = "runtime-added"
    """pkgtools-runtime is installed, and the package again."""
    POLICY_OFF = "policy-off"
    """`compile = no` in bytecode.conf(5), and the package again."""
    POLICY_ON = "policy-on"
    """Without that line, and the package again."""
    RUNTIME_REMOVED = "runtime-removed"
    FULL_DISK = "full-disk"
    """The disk is full while the package is configured; then it is configured again."""
    KILLED = "killed"
    """The package manager is killed while it configures the package; then `dpkg --configure -a` goes on."""
    REMOVE = "remove"
    PURGE = "purge"


class StepStatus(Enum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"
    """There is a fault at or above the severity that counts."""
    SKIPPED = "skipped"


class TrialCheck(Enum):
    """What is looked for after a step, beside the rules of `pkgtools audit`."""

    STEP_FAILED = "step-failed"
    """The package manager ended with an error where it had to succeed."""
    OVER_LIMIT = "over-limit"
    """Time, memory or processes were used up, and the step was ended."""
    WARNED = "warned"
    """The package manager or a script warned, as of a directory that isn't empty."""
    LEFT_BEHIND = "left-behind"
    """Bytecode is left after the removal, or any file after the purge."""
    OTHERS_CHANGED = "others-changed"
    """Files that were there before the package came were changed, or are gone."""
    NOT_RESTORED = "not-restored"
    """After a reinstallation, a failed upgrade, a full disk or a kill the bytecode isn't what installing makes."""
    IMPORT_FAILED = "import-failed"
    """A module that the package ships can't be imported by an ordinary user."""
    NOT_FROM_CACHE = "not-from-cache"
    """A module is imported, and not from the pyc that lies there for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFault:
    """One thing that was wrong after a step, said in the first step in which it was seen."""

    check: str
    """A `TrialCheck`, or the id of a rule that `pkgtools explain` explains."""
    severity: Severity
    """That of the rule; what is lost or left behind is an error."""
    text: str
    """What is wrong, one line."""
    path: str = ""
    """The file as the system sees it; empty where it is about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PycChange:
    """A pyc that a step brought, changed or took away."""

    change: str
    """`new`, `changed` or `gone`."""
    path: str
    """The file as the system sees it."""
    by: str
    """`package` that ships it, `pkgtools-runtime`, or `scripts` of packages."""
    mode: str
    """As `0644`; of one that is gone, what it was."""
    owner: str
    """As `0:0`, user and group."""
    mtime: int
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTrial:
    """A module that was imported by an ordinary user, in a process of its own."""

    module: str
    """Its dotted name."""
    error: str
    """The exception in one line; empty where the import succeeded."""
    has_cache: bool
    """There is a pyc for it."""
    from_cache: bool
    """Its code came from there."""
    seconds: float
    """Wall time of the import, with bytecode where there is some."""
    seconds_without: float
    """The same where no bytecode is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What one step did, and what was seen after it."""

    step: LifeStep
    """Which step it is."""
    status: StepStatus
    """Whether something was wrong."""
    reason: str = ""
    """Why it was skipped."""
    exit: int = 0
    """Exit status of the last command; negative for a signal."""
    seconds: float = 0.0
    """Wall time of the commands."""
    bytes_used: int = 0
    """Bytes that the system's files take after the step, beyond those before the first."""
    pyc_files: int = 0
    """How many pycs there are beyond those before the first step."""
    pyc_bytes: int = 0
    """Bytes in them."""
    changes: tuple[PycChange, ...] = ()
    """The pycs that came, changed or went, sorted by path."""
    imports: tuple[ImportTrial, ...] = ()
    """One for each module that was tried; empty where the package isn't installed."""
    faults: tuple[TrialFault, ...] = ()
    """Worst first."""
    output: str = ""
    """What the commands said, the middle left out where it is long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The life of one package."""

    origin: str
    """The package's file as it was given."""
    name: str = ""
    """Its name; empty where it could not be read."""
    version: str = ""
    """As its package manager writes it."""
    old_version: str = ""
    """That of --with; empty without."""
    error: str = ""
    """Why it could not be tried; then there is no step."""
    notes: tuple[str, ...] = ()
    """Which fences there were not, what of the root was left out, modules that were not tried."""
    steps: tuple[StepResult, ...] = ()
    """In the order in which they were played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReport:
    """What became of all packages that were given."""

    trials: tuple[Trial, ...]
    """One for each package, in the order given."""
    fail_on: Severity
    """The severity from which on a fault makes the exit status 1."""
    asked: tuple[LifeStep, ...] = ()
    """The steps that --steps names: one of them that is skipped makes the exit status 2."""
