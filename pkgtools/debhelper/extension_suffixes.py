# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What names of extension modules end with: EXTENSION_SUFFIXES of the interpreters that are installed.

Debian's python3.13 and later load `.abi3-x86_64-linux-gnu.so`, python3.15 `.abi3t-x86_64-linux-gnu.so`, too.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pkgtools.runtime.pythons import CPYTHON_STEM

if TYPE_CHECKING:
    from pkgtools.debhelper.supported_pythons import Minor

_ASK = "import _imp, sys; print(getattr(sys.implementation, '_multiarch', ''), *_imp.extension_suffixes())"
_PATIENCE = 60


def suffixes_loaded(version: Minor, multiarch: str) -> tuple[str, ...]:
    """Return the suffixes that Debian's interpreter of a version loads, as that of an architecture does.

    Empty if it isn't installed: a cross build has interpreters of the machine that builds, of which only the triplet
    differs.
    """
    own, *suffixes = _answer(version) or ("",)
    return tuple(suffix.replace(own, multiarch) if own else suffix for suffix in suffixes)


@functools.cache
def _answer(version: Minor) -> tuple[str, ...]:
    import subprocess  # noqa: PLC0415 - 7 ms, and few packages have names that need it

    argv = [f"/usr/bin/{CPYTHON_STEM}{version}", "-IS", "-c", _ASK]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(done.stdout.decode("ascii", "replace").rstrip("\n").split(" "))
