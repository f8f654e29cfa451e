# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which layers an image's tar file has, by the index that docker, podman and others write into it.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md, and manifest.json of `docker save`.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.readers.tar.archives import TarArchive

_DOCKER = InstalledPath("/manifest.json")
_INDEX = InstalledPath("/index.json")
_LARGEST = 4 << 20
_MOST_LAYERS = 1000
_MOST_NESTED = 8
_MOST_MANIFESTS = 1000
_BLOB = re.compile(r"/blobs/sha256/([0-9a-f]{64})")
_DIGEST = re.compile(r"(sha256|sha384|sha512):([0-9a-f]{64,128})")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_NAME = "org.opencontainers.image.ref.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """An archive in an image's tar file."""

    name: InstalledPath
    """Its path from the top of the tar file; `/` if it is the tar file itself."""
    sha256: str = ""
    """The digest that it should have, hexadecimal; empty if nothing says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenImage:
    """The image that was chosen of those in a tar file."""

    layers: tuple[Layer, ...]
    """From the lowest to the topmost."""
    is_layered: bool = True
    """Names have the meaning that they have in layers; False for a plain file tree."""
    name: str = ""
    """The name it was given, as `acme:1.0`; empty if it has none."""
    architecture: str = ""
    """As Go calls it: `amd64`; empty if nothing says."""
    notes: tuple[str, ...] = ()
    """What there was to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    digest: InstalledPath
    name: str
    platform: str
    architecture: str


def choose_layers(archive: TarArchive) -> ChosenImage:
    """Choose an image: the first in manifest.json, or the one for this machine in index.json, or the tree itself.

    Raises UnreadablePackage for an index that is broken, and one of `tar.BROKEN`.
    """
    if _DOCKER in archive.members:
        return _by_docker(archive)
    if _INDEX in archive.members:
        return _by_index(archive)
    return ChosenImage(layers=(Layer(name=InstalledPath("/")),), is_layered=False)


def _by_docker(archive: TarArchive) -> ChosenImage:
    images = _objects(_parsed(archive, _DOCKER))
    if not images:
        raise UnreadablePackage(archive.path, "manifest.json: there is no image in it")
    names = [_texts(image.get("RepoTags")) for image in images]
    notes: tuple[str, ...] = ()
    if len(images) > 1:
        others = ", ".join(name for some in names[1:] for name in some) or "without names"
        notes = (f"only the first of {len(images)} images was looked at; the others: {others}",)
    layers = _texts(images[0].get("Layers"))
    return ChosenImage(
        layers=_checked(archive, [_layer(absolute(f"/{name}")) for name in layers]),
        name=names[0][0] if names[0] else "",
        notes=notes,
    )


def _by_index(archive: TarArchive) -> ChosenImage:
    found = [one for one in _described(archive, _INDEX, "", 0) if one.architecture != "unknown"]
    if not found:
        raise UnreadablePackage(archive.path, "index.json: there is no image in it")
    machine = os.uname().machine
    own = _MACHINES.get(machine, machine)
    chosen = next((one for one in found if one.architecture == own), found[0])
    notes: tuple[str, ...] = ()
    if len(found) > 1:
        others = ", ".join(one.platform or one.name or one.digest[-12:] for one in found if one is not chosen)
        notes = (f"only the image for {chosen.platform or 'no platform'} was looked at; the others: {others}",)
    manifest = _object(_parsed(archive, chosen.digest))
    layers = [_layer(_blob(archive, one)) for one in _objects(manifest.get("layers"))]
    return ChosenImage(
        layers=_checked(archive, layers), name=chosen.name, architecture=chosen.architecture, notes=notes
    )


def _described(archive: TarArchive, index: InstalledPath, name: str, depth: int) -> Iterator[_Described]:
    """Yield the manifests of an index and of the indexes in it."""
    if depth > _MOST_NESTED:
        raise UnreadablePackage(archive.path, "too many indexes within one another")
    described = _objects(_object(_parsed(archive, index)).get("manifests"))
    if len(described) > _MOST_MANIFESTS:
        raise UnreadablePackage(archive.path, f"{index[1:]}: there are {len(described)} images in it")
    for one in described:
        blob = _blob(archive, one)
        its_name = _text(_object(one.get("annotations")).get(_NAME)) or name
        content = _object(_parsed(archive, blob)) if blob in archive.members else {}
        if "manifests" in content:
            yield from _described(archive, blob, its_name, depth + 1)
            continue
        platform = _object(one.get("platform")) or _platform(archive, content)
        system, architecture = _text(platform.get("os")), _text(platform.get("architecture"))
        if "layers" in content:
            where = "/".join(part for part in (system, architecture, _text(platform.get("variant"))) if part)
            yield _Described(digest=blob, name=its_name, platform=where, architecture=architecture)


def _platform(archive: TarArchive, manifest: dict[str, object]) -> dict[str, object]:
    """Return what an image's configuration says of its platform."""
    described = _object(manifest.get("config"))
    if not described:
        return {}
    blob = _blob(archive, described)
    return _object(_parsed(archive, blob)) if blob in archive.members else {}


def _blob(archive: TarArchive, described: dict[str, object]) -> InstalledPath:
    found = _DIGEST.fullmatch(_text(described.get("digest")))
    if found is None:
        raise UnreadablePackage(archive.path, "something in its index has no digest")
    return InstalledPath(f"/blobs/{found[1]}/{found[2]}")


def _layer(name: InstalledPath) -> Layer:
    found = _BLOB.fullmatch(name)
    return Layer(name=name, sha256=found[1] if found else "")


def _checked(archive: TarArchive, layers: list[Layer]) -> tuple[Layer, ...]:
    if not 0 < len(layers) <= _MOST_LAYERS:
        raise UnreadablePackage(archive.path, f"the image has {len(layers)} layers")
    missing = [layer.name[1:] for layer in layers if layer.name not in archive.members]
    if missing:
        raise UnreadablePackage(archive.path, f"its layer {missing[0]!r} isn't in it")
    return tuple(layers)


def _parsed(archive: TarArchive, name: InstalledPath) -> object:
    content = archive.read(name, _LARGEST)
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadablePackage(archive.path, f"{name[1:]}: {error}") from error
    return value


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
