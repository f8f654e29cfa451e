# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modes of caches."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
CACHE = f"{PRIVATE}/__pycache__"


def with_modes(pyc_mode: int, cache_mode: int = 0o755, source_mode: int = 0o644) -> SamplePackage:
    files = {M: SampleFile(SOURCE, source_mode), cached(M): SampleFile(pyc(M), pyc_mode)}
    return SamplePackage(name="acme", files=files, directory_modes={CACHE: cache_mode})


TRIPS = [
    Case(id="pyc-for-all-to-write", package=with_modes(0o666), hits=((cached(M), None),)),
    Case(id="pyc-of-a-group", package=with_modes(0o664), hits=((cached(M), None),)),
    Case(id="directory-for-all-to-write", package=with_modes(0o644, 0o777), hits=((CACHE, None),)),
    Case(id="umask-077", package=with_modes(0o600, 0o700), hits=((CACHE, None), (cached(M), None))),
    Case(id="directory-not-to-be-entered", package=with_modes(0o644, 0o744), hits=((CACHE, None),)),
    Case(id="secret-source", package=with_modes(0o644, 0o755, 0o600), hits=((cached(M), None),)),
    Case(id="rpm", package=with_modes(0o666), kind=Kind.RPM, hits=((cached(M), None),)),
    Case(id="tree", package=with_modes(0o666), kind=Kind.TREE, hits=((cached(M), None),)),
    Case(
        id="packaged-pyc-of-root's-group",
        package=SamplePackage(
            name="acme",
            files={**with_modes(0o664).files, "/var/lib/dpkg/info/acme.list": f"{cached(M)}\n"},
        ),
        kind=Kind.ROOT,
        hits=((cached(M), None),),
        severity=Severity.DANGER,
    ),
    Case(id="directory-of-umask-077", package=with_modes(0o644, 0o700), hits=((CACHE, None),)),
    Case(id="alpine", package=with_modes(0o666), kind=Kind.APK, hits=((cached(M), None),)),
    Case(id="arch", package=with_modes(0o666), kind=Kind.ALPM, hits=((cached(M), None),)),
]
SPARES = [
    Case(id="as-it-should-be", package=with_modes(0o644)),
    Case(id="secret-both", package=with_modes(0o640, 0o750, 0o640)),
    Case(id="rpm", package=with_modes(0o644), kind=Kind.RPM),
    Case(id="no-cache", package=SamplePackage(name="acme", files={M: SampleFile(SOURCE, 0o777)})),
    Case(
        id="umask-002-in-a-build",
        package=SamplePackage(
            name="acme",
            files={M: SampleFile(SOURCE, 0o664), cached(M): SampleFile(pyc(M), 0o664)},
            directory_modes={PRIVATE: 0o775, CACHE: 0o775},
        ),
        kind=Kind.TREE,
    ),
    Case(
        id="both-directories-are-secret",
        package=SamplePackage(
            name="acme",
            files={M: SampleFile(SOURCE, 0o640), cached(M): SampleFile(pyc(M), 0o640)},
            directory_modes={PRIVATE: 0o750, CACHE: 0o750},
        ),
    ),
    Case(id="alpine", package=with_modes(0o644), kind=Kind.APK),
    Case(id="arch", package=with_modes(0o644), kind=Kind.ALPM),
]
