# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Layers and images by hand, as docker, podman and builders of OCI layouts write them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.lab.debs import SOME_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A member of a layer."""

    content: bytes = b""
    mode: int = 0o644
    uid: int = 0
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mtime: int = SOME_DAY
    pax: tuple[tuple[str, str], ...] = ()


Members = Iterable[tuple[str, bytes | Made]]
DIRECTORY = Made(mode=0o755, type=tarfile.DIRTYPE)


def symlink(to: str) -> Made:
    return Made(mode=0o777, type=tarfile.SYMTYPE, link=to)


def hardlink(to: str) -> Made:
    return Made(type=tarfile.LNKTYPE, link=to)


def layer(*members: tuple[str, bytes | Made]) -> bytes:
    """Return a tar archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as archive:
        for name, given in members:
            made = given if isinstance(given, Made) else Made(content=given)
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.uid, info.type = len(made.content), made.mode, made.uid, made.type
            info.linkname, info.mtime, info.pax_headers = made.link, made.mtime, dict(made.pax)
            archive.addfile(info, io.BytesIO(made.content))
    return stream.getvalue()


def zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout


PACKED: Mapping[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": zstd}


def docker_image(*layers: bytes, tags: Iterable[str] = ("acme:1.0",)) -> bytes:
    """Return what `docker save` wrote for years."""
    names = [f"{number:064x}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "config.json", "RepoTags": list(tags), "Layers": names}]
    return layer(
        *zip(names, layers, strict=True), ("config.json", b"{}"), ("manifest.json", json.dumps(manifest).encode())
    )


def blob(content: bytes) -> tuple[str, bytes]:
    return f"blobs/sha256/{hashlib.sha256(content).hexdigest()}", content


def described(content: bytes, **more: object) -> dict[str, object]:
    return {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content), **more}


def oci_manifest(layers: Iterable[bytes], architecture: str = "amd64") -> tuple[bytes, list[bytes]]:
    """Return an image's manifest, and all blobs that it takes, itself among them."""
    config = json.dumps({"architecture": architecture, "os": "linux"}).encode()
    layers = list(layers)
    manifest = json.dumps({"config": described(config), "layers": [described(one) for one in layers]}).encode()
    return manifest, [config, manifest, *layers]


def oci_image(index: object, blobs: Iterable[bytes]) -> bytes:
    """Return an OCI layout as a tar archive."""
    names = dict(blob(one) for one in blobs)
    return layer(
        ("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'),
        *names.items(),
        ("index.json", json.dumps(index).encode()),
    )


def simple_oci_image(*layers: bytes) -> bytes:
    manifest, blobs = oci_manifest(layers)
    return oci_image({"manifests": [described(manifest)]}, blobs)
