# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Mirrors of some packages, indexed by apt-ftparchive and signed by gpg with a key that is made for the tests."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import lzma
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.cli.packages import run, write_deb
from tests.lab.commands import run_on_host

SUITE = "teststable"
ARCHITECTURE = "amd64"
BINARY = f"dists/{SUITE}/main/binary-{ARCHITECTURE}"
Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body of an answer of HTTP."""
_RELEASE = {
    "Origin": "Test",
    "Suite": SUITE,
    "Codename": SUITE,
    "Architectures": ARCHITECTURE,
    "Components": "main",
    "Date": "Sat, 01 Aug 2026 10:00:00 UTC",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs, in a home of gpg's own."""

    home: Path
    """GNUPGHOME."""
    keyring: Path
    """Its public half, as gpgv reads it."""

    def sign(self, *arguments: str | Path) -> None:
        """Run gpg to sign."""
        run_on_host(["gpg", "--homedir", str(self.home), "--batch", "--yes", *map(str, arguments)])


def make_key(top: Path, name: str) -> Key:
    """Make a key without a pass phrase."""
    home = top / f"gnupg-{name}"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    run_on_host([*gpg, "--passphrase", "", "--quick-generate-key", f"{name}@example.org", "ed25519", "sign", "never"])
    keyring = top / f"{name}.gpg"
    run_on_host([*gpg, "--output", str(keyring), "--export"])
    run_on_host(["gpgconf", "--homedir", str(home), "--kill", "all"])
    return Key(home, keyring)


def write_index(mirror: Path, key: Key | None, *, contents: bool = True, **fields: str) -> None:
    """Write the indexes of what is in `pool`, and the Release file above them, signed in itself."""
    binary = mirror / BINARY
    binary.mkdir(parents=True, exist_ok=True)
    packages = run_on_host(["apt-ftparchive", "--arch", ARCHITECTURE, "packages", "pool"], cwd=mirror)
    (binary / "Packages.xz").write_bytes(lzma.compress(packages.encode()))
    listed = binary.parent / f"Contents-{ARCHITECTURE}.gz"
    listed.unlink(missing_ok=True)
    if contents:
        text = run_on_host(["apt-ftparchive", "--arch", ARCHITECTURE, "contents", "pool"], cwd=mirror)
        listed.write_bytes(subprocess.run(["gzip", "-n"], input=text.encode(), capture_output=True, check=True).stdout)
    write_release(mirror, key, **fields)


def write_release(mirror: Path, key: Key | None, **fields: str) -> None:
    """Write the Release file over the indexes that are there, and sign it."""
    top = mirror / "dists" / SUITE
    lines = [f"{name}: {value}" for name, value in {**_RELEASE, **fields}.items()]
    lines.append("SHA256:")
    for path in sorted((top / "main").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            lines.append(f" {hashlib.sha256(content).hexdigest()} {len(content)} {path.relative_to(top)}")
    (top / "Release").write_text("\n".join(lines) + "\n")
    for name in ("InRelease", "Release.gpg"):
        (top / name).unlink(missing_ok=True)
    if key is not None:
        key.sign("--output", top / "InRelease", "--clearsign", top / "Release")


def make_mirror(top: Path, packages: Mapping[str, bool], key: Key | None) -> Path:
    """Make a mirror of packages, each a name and whether it has findings."""
    for name, is_bad in packages.items():
        write_deb(top / "pool" / f"{name}_1_all.deb", name, bad=is_bad)
    write_index(top, key)
    return top


def check(
    mirror: Path | str, store: Path, *options: str | Path, job: str = "check"
) -> subprocess.CompletedProcess[str]:
    """Run `pkgtools archive check` over a suite."""
    where = ("--suite", SUITE, "--arch", ARCHITECTURE, "--store", store)
    return run(store.parent, "archive", job, str(mirror), *where, *options)


@contextlib.contextmanager
def served(
    top: Path, answer: Callable[[str], tuple[int, Mapping[str, str], bytes] | None] | None = None
) -> Iterator[str]:
    """Serve a directory on the loopback and yield its address; `answer` may give another answer for a path."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            other = answer(self.path) if answer else None
            if other is None:
                super().do_GET()
                return
            status, headers, body = other
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(top)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def edit_packages(mirror: Path, key: Key, change: Callable[[str], str]) -> None:
    """Write another index of packages, and vouch for it."""
    path = mirror / BINARY / "Packages.xz"
    path.write_bytes(lzma.compress(change(lzma.decompress(path.read_bytes()).decode()).encode()))
    write_release(mirror, key)


def replace_listed(mirror: Path, key: Key, package: Path, content: bytes) -> None:
    """Put other bytes in the place of a package, and have the index vouch for them."""
    old = package.read_bytes()
    package.write_bytes(content)
    before, after = (hashlib.sha256(one).hexdigest() for one in (old, content))

    def change(text: str) -> str:
        entries = text.split("\n\n")
        (at,) = (number for number, entry in enumerate(entries) if before in entry)
        entries[at] = entries[at].replace(before, after).replace(f"\nSize: {len(old)}\n", f"\nSize: {len(content)}\n")
        return "\n\n".join(entries)

    edit_packages(mirror, key, change)
