# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the jobs of a plan cut into waves, and each wave into the shares that forks take."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .steps import CompileJob

    Share = tuple[CompileJob, ...]

_WAVE = 64 << 20
"""Bytes of source in one wave, about: there are never more shares than their numbers fit into a pipe (`forks`)."""
_LARGEST_SHARE = 256 * 1024
_SMALLEST_SHARE = 64 * 1024
"""Bytes of source in one share: a source that is larger is a share of its own."""
_SHARES_EACH = 4
"""How many shares there are for each fork, so that all end at about the same time."""


def waves(jobs: Sequence[CompileJob], directories: int) -> Iterator[tuple[CompileJob, ...]]:
    """Cut jobs into waves: those of one have at most so many cache directories, in each of which a lock is held."""
    wave: list[CompileJob] = []
    caches: set[str] = set()
    size = 0
    for job in jobs:
        if (len(caches) >= directories and job.cache.directory not in caches) or size >= _WAVE:
            yield tuple(wave)
            wave, caches, size = [], set(), 0
        wave.append(job)
        caches.add(job.cache.directory)
        size += job.state.size
    if wave:
        yield tuple(wave)


def shares(jobs: Sequence[CompileJob], forks: int) -> list[Share]:
    """Cut a wave into shares, each of jobs with one cache directory, the largest first."""
    largest = sum(job.state.size for job in jobs) // (_SHARES_EACH * min(forks, 64))
    largest = max(_SMALLEST_SHARE, min(_LARGEST_SHARE, largest))
    by_cache: dict[str, list[CompileJob]] = {}
    for job in jobs:
        by_cache.setdefault(job.cache.directory, []).append(job)
    found: list[tuple[int, Share]] = []
    for some in by_cache.values():
        found.extend(_cut(some, largest))
    found.sort(key=lambda one: -one[0])
    return [share for _, share in found]


def _cut(jobs: list[CompileJob], largest: int) -> Iterator[tuple[int, Share]]:
    share: list[CompileJob] = []
    size = 0
    for job in jobs:
        if share and size + job.state.size > largest:
            yield size, tuple(share)
            share, size = [], 0
        share.append(job)
        size += job.state.size
    yield size, tuple(share)
