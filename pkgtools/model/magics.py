# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which Python writes which magic number at the start of a pyc.

Source: the comments in CPython's Lib/importlib/_bootstrap_external.py and Include/internal/pycore_magic_number.h.
"""

from __future__ import annotations

Version = tuple[int, int]

_RANGES = (
    (3000, 3131, (3, 0)),
    (3140, 3151, (3, 1)),
    (3160, 3189, (3, 2)),
    (3190, 3230, (3, 3)),
    (3250, 3310, (3, 4)),
    (3320, 3351, (3, 5)),
    (3360, 3379, (3, 6)),
    (3390, 3399, (3, 7)),
    (3400, 3413, (3, 8)),
    (3420, 3425, (3, 9)),
    (3430, 3439, (3, 10)),
    (50823, 62211, (2, 7)),  # and all of Python 2 before it
)
_FIRST = 3450
"""The first of 3.11; from then on each minor version has 50."""
_LAST = 3999
_END = b"\r\n"

RELEASED: dict[Version, bytes] = {
    version: number.to_bytes(2, "little") + _END
    for version, number in {
        (3, 7): 3394,
        (3, 8): 3413,
        (3, 9): 3425,
        (3, 10): 3439,
        (3, 11): 3495,
        (3, 12): 3531,
        (3, 13): 3571,
        (3, 14): 3627,
        (3, 15): 3666,
    }.items()
}
"""The magic number that all final releases of a CPython have, since hash-based pycs exist."""


def version_of_magic(magic: bytes) -> Version | None:
    r"""Return the CPython whose pycs begin with 4 bytes, pre-releases included; None for PyPy's and what is none.

    >>> version_of_magic(b"\xa7\r\r\n")
    (3, 11)
    """
    if len(magic) < 4 or magic[2:4] != _END:
        return None
    number = int.from_bytes(magic[:2], "little")
    if _FIRST <= number <= _LAST:
        return 3, 11 + (number - _FIRST) // 50
    return next((version for first, last, version in _RANGES if first <= number <= last), None)
