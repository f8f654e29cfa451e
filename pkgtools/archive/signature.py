# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Signatures of indexes, which gpgv checks against one keyring that the caller names."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from pkgtools.runtime.errors import EnvironmentFault, UsageError, said

from .listed import MirrorFault

_CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"
_ARMOURED = b"-----BEGIN PGP"
_STATUS = "[GNUPG:] "
_BROKEN_HASHES = frozenset({"1", "2", "3"})
"""MD5, SHA-1 and RIPE-MD/160 by their numbers (RFC 4880, section 9.4), which anybody with patience can forge."""
_PATIENCE = 60.0
_HASH = 7
"""Which word of VALIDSIG is the hash, behind the keyword (doc/DETAILS of GnuPG)."""


def require_keyring(keyring: Path) -> Path:
    """Return the absolute path of a keyring that gpgv reads. Raises UsageError."""
    try:
        with keyring.open("rb") as stream:
            begin = stream.read(len(_ARMOURED))
    except OSError as error:
        raise UsageError(f"{keyring}: the keyring can't be read: {said(error)}") from error
    if begin == _ARMOURED:
        raise UsageError(f"{keyring} is ASCII, which gpgv doesn't read: `gpg --dearmor < {keyring} > keyring.gpg`")
    return keyring.absolute()


def signed_text(name: str, content: bytes, keyring: Path) -> tuple[bytes, str]:
    """Return the text of a clear-signed file (InRelease), and the fingerprint that vouches for it.

    Raises MirrorFault where no key of the keyring does.
    """
    if not content.startswith(_CLEAR):
        raise MirrorFault(name, "it is not a signed text")
    if content.count(_CLEAR) > 1:
        raise MirrorFault(name, "it holds more than one signed text")
    with tempfile.TemporaryDirectory(prefix="pkgtools-archive-") as where:
        signed, text = Path(where, "signed"), Path(where, "text")
        signed.write_bytes(content)
        status = _gpgv(where, keyring, ["--output", str(text), str(signed)])
        signer = _signer(name, status)
        return text.read_bytes(), signer


def signer_of(name: str, content: bytes, signature: bytes, keyring: Path) -> str:
    """Return the fingerprint that vouches for a file by a signature beside it. Raises MirrorFault."""
    with tempfile.TemporaryDirectory(prefix="pkgtools-archive-") as where:
        file, beside = Path(where, "file"), Path(where, "signature")
        file.write_bytes(content)
        beside.write_bytes(signature)
        return _signer(name, _gpgv(where, keyring, [str(beside), str(file)]))


def _gpgv(home: str, keyring: Path, arguments: list[str]) -> str:
    """Return what gpgv says of each signature. Raises EnvironmentFault where there is no gpgv."""
    argv = ["gpgv", "--homedir", home, "--keyring", str(keyring), "--status-fd", "1", *arguments]
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise EnvironmentFault("gpgv is missing, which checks signatures: install the package gpgv") from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFault(f"gpgv did not end within {_PATIENCE:.0f} seconds") from error
    return done.stdout.decode("utf-8", "replace")


def _signer(name: str, status: str) -> str:
    """Return who signed by what gpgv says: at least one good signature, and no bad one. Raises MirrorFault."""
    is_good, signers, unknown = False, [], []
    for line in (line.removeprefix(_STATUS) for line in status.splitlines() if line.startswith(_STATUS)):
        keyword, *words = line.split(" ")
        match keyword:
            case "NEWSIG":
                is_good = False
            case "GOODSIG":
                is_good = True
            case "VALIDSIG" if is_good and len(words) > _HASH:
                if words[_HASH] in _BROKEN_HASHES:
                    unknown.append(f"{words[0]} (by a hash that can be forged: sign with SHA-256)")
                else:
                    signers.append(words[-1])
            case "BADSIG":
                raise MirrorFault(name, f"the signature of key {words[0]} is bad: the file was changed")
            case "NO_PUBKEY" | "EXPKEYSIG" | "REVKEYSIG" | "EXPSIG":
                unknown.append(f"{words[0]} ({_WHY[keyword]})")
            case _:
                continue
    if not signers:
        why = f"; it is signed by {', '.join(unknown)}" if unknown else ""
        raise MirrorFault(name, f"no key of the keyring vouches for it{why}")
    return signers[0]


_WHY = {
    "NO_PUBKEY": "not in the keyring",
    "EXPKEYSIG": "the key has expired",
    "REVKEYSIG": "the key was revoked",
    "EXPSIG": "the signature has expired",
}
