# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Findings that an administrator accepts: read from settings and baselines, and written into a baseline.

All of it is the host's, never the audited system's, and is refused where others than root and the caller can write it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.config.audit_settings import parse_audit_settings
from pkgtools.model.ignore import Ignore
from pkgtools.runtime.errors import PkgtoolsError, Refused, UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.system.trust import read_settings

from .output import insecure, own_tree
from .rules import require_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.content import Fetch
    from pkgtools.model.finding import CheckVerdict, Finding
    from pkgtools.model.package import File, Package

SETTINGS = InstalledPath("/etc/pkgtools/audit.toml")
DIRECTORY = InstalledPath("/etc/pkgtools/audit.d")
_LARGEST = 64 << 20
_KEYS = frozenset({"rule", "path", "script", "digest"})
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_ignores(config: str | None) -> tuple[Ignore, ...]:
    """Return what the settings of this machine accept, or a file in their place. Raises PkgtoolsError, OSError."""
    if config is not None:
        return _ignores(absolute(config), config)
    found = [SETTINGS, *_listed(DIRECTORY)]
    return tuple(one for path in found for one in _ignores(path, path, may_be_missing=True))


def read_baseline(path: str) -> tuple[Ignore, ...]:
    """Return the findings of a baseline as ignores that hold while the digests are the same. As `read_ignores`."""
    wrong = UsageError(f"{path} is not a baseline: `pkgtools audit --write-baseline FILE` writes one")
    try:
        document = json.loads(_read(absolute(path)))
    except (ValueError, RecursionError) as error:
        raise wrong from error
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, list) or document.get("version") != 1:
        raise wrong
    return tuple(_of_baseline(one, path, wrong) for one in findings)


def baseline_of(verdict: CheckVerdict, digest_of: Digests) -> tuple[str, list[Finding]]:
    """Return the text of a baseline with a verdict's findings, and those that can't be in it: they have no digest."""
    digest_of.read(verdict.findings)
    found = [(one, digest_of(one)) for one in verdict.findings]
    findings = [
        {
            "rule": one.rule.id,
            "path": one.path,
            "script": one.script,
            "package": one.package,
            "text": one.text,
            "digest": digest,
        }
        for one, digest in found
        if digest
    ]
    document = {"version": 1, "pkgtools": __version__, "root": verdict.origin, "findings": findings}
    return json.dumps(document, indent=1) + "\n", [one for one, digest in found if not digest]


@dataclass(frozen=True, slots=True)
class Digests:
    """Digests of findings in a system: of severity, content, owner, group, mode and where a link leads."""

    files: dict[InstalledPath, File]
    """The files of the system, by path."""
    fetch: Fetch
    """Brings contents."""
    contents: dict[InstalledPath, str] = field(default_factory=dict)
    """Digests of contents that were read; empty for what can't be read."""

    @classmethod
    def of(cls, package: Package, fetch: Fetch) -> Digests:
        """Take the files of a system."""
        return cls({file.path: file for file in package.files}, fetch)

    def read(self, findings: Iterable[Finding]) -> None:
        """Read what findings are about in one go: an image has to be gone through for it."""
        wanted = {path for one in findings if self._is_regular(path := InstalledPath(one.path))} - self.contents.keys()
        if wanted:
            brought = self.fetch(wanted)
            for path in wanted:
                content = brought.get(path)
                self.contents[path] = "" if content is None else hashlib.sha256(content).hexdigest()

    def _is_regular(self, path: InstalledPath) -> bool:
        return path in self.files and self.files[path].is_regular

    def __call__(self, finding: Finding) -> str:
        """Return `sha256:...` of what a finding is about; empty if that is not a file, or can't be read."""
        path = InstalledPath(finding.path)
        if not path:
            return ""
        file = self.files.get(path)
        # what is around a file may make a finding worse, such as the directory that a setting names
        parts: list[object] = [finding.rule.id, finding.severity.value, path]
        if file is None:
            parts.append("absent")
        else:
            parts += [file.mode, file.uid, file.gid, file.link, file.acl_digest or file.has_acl]
            if file.is_regular:
                self.read([finding])
                if not self.contents[path]:
                    return ""
                parts.append(self.contents[path])
        text = "\0".join(map(str, parts)).encode("utf-8", "surrogateescape")
        return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _ignores(path: InstalledPath, name: str, *, may_be_missing: bool = False) -> tuple[Ignore, ...]:
    try:
        content = _read(path)
    except FileNotFoundError:
        if may_be_missing:
            return ()
        raise
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: it is not UTF-8") from error
    ignores = parse_audit_settings(text, name)
    for one in ignores:
        require_rule(one.rule, f"{one.origin}: ")
    return ignores


def _listed(directory: InstalledPath) -> Iterator[InstalledPath]:
    tree = own_tree()
    try:
        names = sorted(os.listdir(tree.open_settings(directory)))  # noqa: PTH208 - by descriptor
    except FileNotFoundError:
        return
    finally:
        tree.close()
    yield from (InstalledPath(f"{directory}/{name}") for name in names if name.endswith(".toml"))


def _read(path: InstalledPath) -> bytes:
    directory, _, name = path.rpartition("/")
    tree = own_tree()
    try:
        content = read_settings(tree, InstalledPath(directory or "/"), name, _LARGEST)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from error
    except Refused as error:
        raise UsageError(f"{path} {insecure(error)}") from error
    finally:
        tree.close()
    if len(content) == _LARGEST:
        raise UsageError(f"{path}: it is larger than {_LARGEST >> 20} MiB")
    return content


def _of_baseline(entry: object, path: str, wrong: PkgtoolsError) -> Ignore:
    if not (isinstance(entry, dict) and entry.keys() >= _KEYS and all(isinstance(entry[key], str) for key in _KEYS)):
        raise wrong
    if not _DIGEST.fullmatch(entry["digest"]):  # without one it would hold whatever changes
        raise wrong
    return Ignore(
        rule=entry["rule"],
        paths=(entry["path"] or entry["script"],),
        is_exact=True,
        reason=f"in the baseline {path}",
        digest=entry["digest"],
        origin=path,
    )
