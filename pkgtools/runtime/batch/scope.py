# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a batch is about, from what the last one saw and what there is now."""

from __future__ import annotations

from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple

from .known_packages import LastBatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.policy.admin import AdminPolicy
    from pkgtools.runtime.policy.configuration import DropIns, Exclusion, PrivateDirectory
    from pkgtools.runtime.system.all_interpreters import Installed
    from pkgtools.runtime.system.dpkg_lists import FileLists
    from pkgtools.runtime.system.dpkg_records import Diversion


class BatchScope(NamedTuple):
    """What a batch is about."""

    is_whole: bool
    """Everything is looked at, not only what is named here."""
    changed: tuple[str, ...] = ()
    """Packages that came or changed, or that a removal that was broken off has cleaned."""
    gone: tuple[str, ...] = ()
    """Packages that went."""
    registered: tuple[InstalledPath, ...] = ()
    """Private directories that were not registered before, or for other versions."""
    given_up: tuple[tuple[InstalledPath, str], ...] = ()
    """Private directories that are no longer registered, each with a drop-in file that registered it."""
    exclusions: tuple[InstalledPath, ...] = ()
    """Files and directories that other modules of are excluded than before."""
    overridden: tuple[InstalledPath, ...] = ()
    """Files and directories that dpkg-statoverride gave another owner or mode."""
    dropped_levels: frozenset[str] = frozenset()
    """Optimization levels that the administrator no longer wants, as in names of pycs."""
    diverted: tuple[InstalledPath, ...] = ()
    """Files that a diversion came or went for, by both names."""

    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self == BatchScope(is_whole=False)


def view_of(
    policy: AdminPolicy,
    installed: Installed,
    drop_ins: DropIns,
    lists: FileLists | None,
    diversions: tuple[Diversion, ...],
    overrides: tuple[tuple[str, ...], ...],
) -> LastBatch:
    """Return what this batch sees, as the next one will read it."""
    serving = [(i.path, i.cache_tag, i.magic.hex(), i.release, i.abi, str(i.is_shared)) for i in installed.interpreters]
    default = installed.default.path if installed.default else ""
    says = (str(policy.compile), ",".join(map(str, policy.levels)), policy.mode.value, default)
    return LastBatch(
        settings="\n".join((*says, *(" ".join(one) for one in serving))),
        tags=installed.live_tags(),
        registrations=frozenset(
            (one.file, one.directory, str(one.versions), _server(one, installed)) for one in drop_ins.private
        ),
        exclusions=frozenset(map(_text_of, drop_ins.exclusions)),
        diversions=frozenset((one.origin, one.target, one.package) for one in diversions),
        overrides=frozenset(overrides),
        packages=frozenset(f"{name}\t{identity}" for name, identity in lists.identities.items())
        if lists
        else frozenset(),
    )


def _server(entry: PrivateDirectory, installed: Installed) -> str:
    """Return which interpreter serves a registered directory."""
    if entry.python and installed.own:
        return installed.own.identity(entry)
    versions = entry.versions
    return " ".join(f"{one.path} {one.magic.hex()}" for one in installed.one_of(versions))


def _levels_of(settings: str) -> frozenset[str]:
    """Return the optimization levels in `LastBatch.settings`, as they stand in names of pycs: 0 is not there."""
    levels = settings.split("\n")[1]
    return frozenset("" if level == "0" else level for level in levels.split(","))


def _text_of(exclusion: Exclusion) -> tuple[str, ...]:
    pattern = exclusion.pattern.pattern if exclusion.pattern else ""
    return exclusion.kind.value, str(exclusion.versions), exclusion.place, pattern


def scope_of(last: LastBatch | None, now: LastBatch, cleaned: frozenset[str], *, everything: bool) -> BatchScope:
    """Compare. `cleaned` are packages whose bytecode went and may have to come back; `everything`: on request."""
    if last is None:
        return BatchScope(is_whole=True)
    changed = {name_of(one) for one in now.packages - last.packages}
    gone = {name_of(one) for one in last.packages - now.packages} - changed
    if cleaned:
        changed |= {name for name in map(name_of, now.packages) if name.partition(":")[0] in cleaned}
    directories = {row[1] for row in now.registrations}
    given_up = sorted((InstalledPath(row[1]), row[0]) for row in last.registrations if row[1] not in directories)
    known = {row[1:] for row in last.registrations}
    registered = sorted({InstalledPath(row[1]) for row in now.registrations if row[1:] not in known})
    return BatchScope(
        is_whole=everything or last.settings != now.settings or not last.tags <= now.tags,
        changed=tuple(sorted(changed)),
        gone=tuple(sorted(gone)),
        registered=tuple(registered),
        given_up=tuple(given_up),
        dropped_levels=_levels_of(last.settings) - _levels_of(now.settings),
        exclusions=tuple(sorted({InstalledPath(place) for _, _, place, _ in last.exclusions ^ now.exclusions})),
        overridden=tuple(sorted({InstalledPath(row[-1]) for row in last.overrides ^ now.overrides})),
        diverted=tuple(sorted({InstalledPath(p) for row in last.diversions ^ now.diversions for p in row[:2]})),
    )


def name_of(line: str) -> str:
    """Return the package of a line in `LastBatch.packages`."""
    return line[: line.index("\t")]
