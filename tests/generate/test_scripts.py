# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Each script of each target under each strategy: read by every shell it may meet, short, and of known descent."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pkgtools.config import parse_manifest
from pkgtools.render.generate import TARGETS, generate, open_templates
from pkgtools.render.generated import GeneratedFile, Job
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.runtime.errors import UsageError
from tests.lab.commands import clean_environment
from tests.lab.needs import need_tools
from tests.lab.project import STRATEGIES, Sample, Value

pytestmark = pytest.mark.slow

LONGEST = 60
MACRO = "%{name}"
"""What rpmbuild would expand, and no shell."""
SNIPPETS = """
[[packages.{name}.snippets]]
hook = "pre-install"
text = '''
case "$1" in
    install | upgrade) : "it's 100%" ;;
esac
'''
[[packages.{name}.snippets]]
hook = "post-remove"
when = "before"
text = '''
cat > /dev/null <<'END'
    %{{name}} "$1" `x`
END
'''
"""


def _samples(kind: str) -> list[Sample]:
    """Return one sample for each strategy that the kind of manifest is legal for."""
    if kind == "plain":
        return [Sample(strategy=strategy) for strategy in STRATEGIES]
    if kind == "public only":
        return [Sample(strategy=strategy, private_too=False) for strategy in STRATEGIES]
    if kind == "private only":
        return [Sample(strategy=strategy, options={"public": False}) for strategy in STRATEGIES]
    if kind == "plugins":
        return [Sample(strategy=strategy, plugins=True) for strategy in STRATEGIES]
    if kind == "snippets":
        return [Sample(strategy=name, snippets=SNIPPETS.format(name=f"acme-{name}")) for name in STRATEGIES]
    return [_strict(strategy) for strategy in ("direct", "standalone", "cache-prefix")]


def _strict(strategy: str) -> Sample:
    """Return a sample with all the options that make arguments."""
    options: dict[str, Value] = {
        "bad-source": "fail",
        "levels": [0, 1, 2],
        "invalidation-mode": "unchecked-hash",
        "exclude": [f"acme_{strategy}/a b'/.*".replace("-", "_")],
    }
    return Sample(strategy=strategy, options=options)


def test_fpm_refuses_what_rpmbuild_would_expand() -> None:
    """A snippet is the packager's text: nobody can tell what was meant."""
    document = tomllib.loads("\n".join(sample.toml() for sample in _samples("snippets")))
    manifest = parse_manifest(document, where="pkgtools.toml", origin="pkgtools.toml", directory=Path("/srv/project"))
    with pytest.raises(UsageError, match=re.escape(MACRO.rstrip("}"))):
        generate(Job(manifest=manifest, templates=open_templates(), output="out"), TARGETS["fpm"], manifest.packages)


KINDS = ("plain", "public only", "private only", "plugins", "snippets", "strict")


@dataclass(frozen=True, slots=True)
class Script:
    """One script as a shell comes to read it."""

    origin: str
    shell: str
    """sh or bash."""
    text: str


@cache
def generated(target: PackagingTarget, kind: str) -> tuple[GeneratedFile, ...]:
    """Return all files of a target for one kind of manifest."""
    text = "\n".join(sample.toml() for sample in _samples(kind))
    if target is TARGETS["fpm"]:
        text = text.replace(f"    {MACRO}", "    macro")  # which it refuses
    document = tomllib.loads(text)
    manifest = parse_manifest(document, where="pkgtools.toml", origin="pkgtools.toml", directory=Path("/srv/project"))
    job = Job(manifest=manifest, templates=open_templates(), output="out")
    return generate(job, target, manifest.packages)


def scripts(target: PackagingTarget, kind: str) -> Iterator[Script]:
    """Yield the scripts among the generated files, taken out of spec file fragments and hooks."""
    for file in generated(target, kind):
        if file.path.endswith(".pyz"):
            continue
        text = file.content.decode()
        if file.path.endswith(".scriptlets.inc"):
            yield from _scriptlets(file.path, text)
        elif file.path.endswith(".hook"):
            yield _action(file.path, text)
        elif file.path.endswith(".install"):
            yield Script(file.path, "bash", text)
        elif text.startswith("#!"):
            assert text.startswith("#!/bin/sh\n"), file.path
            yield Script(file.path, "sh", text)


def _scriptlets(path: str, text: str) -> Iterator[Script]:
    """Yield the bodies of a fragment's sections, as rpm stores them."""
    pieces = re.split(r"^%(\w+.*)$", text, flags=re.MULTILINE)
    for section, body in zip(pieces[1::2], pieces[2::2], strict=True):
        yield Script(f"{path}.{section.split()[0]}", "sh", f"#!/bin/sh\n{body.replace('%%', '%')}")


def _action(path: str, text: str) -> Script:
    """Return what a hook of libalpm hands to its shell; libalpm splits words as a shell does."""
    line = next(line for line in text.splitlines() if line.startswith("Exec = "))
    program, option, body = shlex.split(line.removeprefix("Exec = "))
    assert (program, option) == ("/bin/sh", "-c")
    return Script(path, "sh", f"#!/bin/sh\n{body}\n")


Written = dict[PackagingTarget, dict[Path, "Script"]]
each = pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Return target -> file on this machine -> script; each text once, under the first target that has it."""
    top = tmp_path_factory.mktemp("scripts")
    found: Written = {target: {} for target in TARGETS.values()}
    seen: set[str] = set()
    for target in TARGETS.values():
        texts = {script.text: script for kind in KINDS for script in scripts(target, kind) if script.text not in seen}
        seen |= texts.keys()
        for number, script in enumerate(texts.values()):
            path = top / f"{target.name}-{number}-{script.origin.replace('/', '_')}"
            path.write_text(script.text)
            found[target][path] = script
    return found


def complaints(argv: list[str]) -> str:
    """Return what a checker says of files."""
    done = subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=False)
    return done.stdout + done.stderr + (f"exit {done.returncode}" if done.returncode else "")


@each
@pytest.mark.parametrize("shell", ["sh", "dash", "bash --posix", "busybox sh"])
def test_each_shell_reads_each_script(written: Written, target: PackagingTarget, shell: str) -> None:
    need_tools((shell.split(maxsplit=1)[0],), root=False)
    paths = [str(path) for path, script in written[target].items() if script.shell == "sh" or "bash" in shell]
    loop = f'for file; do {shell} -n "$file" || echo "$file"; done'
    assert complaints(["sh", "-c", loop, "sh", *paths]) == ""


@each
def test_shellcheck_finds_nothing(written: Written, target: PackagingTarget) -> None:
    need_tools(("shellcheck",), root=False)
    for shell, excluded in (("sh", "SC2016"), ("bash", "SC2016,SC2317,SC2329")):
        # a directory is called $HOME (SC2016); functions of a .install are called by pacman (the others)
        paths = [str(path) for path, script in written[target].items() if script.shell == shell]
        said = complaints(["shellcheck", "--format=gcc", f"--shell={shell}", f"--exclude={excluded}", *paths])
        assert not paths or said == ""


@each
def test_checkbashisms_finds_nothing(written: Written, target: PackagingTarget) -> None:
    need_tools(("checkbashisms",), root=False)
    paths = [str(path) for path, script in written[target].items() if script.shell == "sh"]
    assert complaints(["checkbashisms", "--posix", *paths]) == ""


@each
@pytest.mark.parametrize("kind", KINDS)
def test_scripts_are_short(target: PackagingTarget, kind: str) -> None:
    too_long = {s.origin: n for s in scripts(target, kind) if (n := s.text.count("\n")) > LONGEST}
    assert not too_long


@each
@pytest.mark.parametrize("kind", KINDS)
def test_each_text_says_where_it_comes_from(target: PackagingTarget, kind: str) -> None:
    for file in generated(target, kind):
        if file.path.endswith(".pyz"):
            continue
        head = file.content.split(b"\n", 3)[:3]
        told = (
            rb"Generated by pkgtools \S+ from pkgtools\.toml \(packages\.acme-\S+, strategy \S+\)\. Change it there\."
        )
        if file.path == "pkgtools.mk":
            told = rb"Generated by pkgtools \S+ from pkgtools\.toml"
        assert re.search(told, b"\n".join(head)), (file.path, head)


@each
@pytest.mark.parametrize("kind", KINDS)
def test_modes_are_those_of_programs_and_texts(target: PackagingTarget, kind: str) -> None:
    """debhelper, rpm and pacman set modes themselves; dpkg-deb, nfpm, fpm and abuild take them as they are."""
    for file in generated(target, kind):
        program = file.content.startswith(b"#!") and target is not TARGETS["debhelper"]
        assert file.mode == (0o755 if program or file.path.endswith(".pyz") else 0o644), file.path


@each
def test_nothing_is_generated_for_nobody(target: PackagingTarget) -> None:
    """Strategy none has no script, no payload and no dependency but that on Python."""
    for kind in ("plain", "private only"):
        of_none = [file for file in generated(target, kind) if "acme-none" in file.path]
        lines = b"\n".join(file.content for file in of_none).decode().splitlines()
        said = [
            line for line in lines if line and not line.startswith(("#", "--rpm-tag", "%global __brp", "overrides"))
        ]
        assert not [line for line in said if "pkgtools-" in line or "py3compile" in line], said


@each
def test_the_same_manifest_gives_the_same_bytes(target: PackagingTarget) -> None:
    first = generated(target, "plain")
    generated.cache_clear()
    assert generated(target, "plain") == first
