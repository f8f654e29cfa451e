# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages and manifests for tests of what is rendered: fixed ones, and random ones with all that may be in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hypothesis import strategies as st

from pkgtools.model.manifest import (
    BadSource,
    DeclaredDirectory,
    DeclaredPackage,
    Family,
    Hook,
    Manifest,
    Snippet,
    Strategy,
    Variant,
    When,
)
from pkgtools.render.generate import generate, open_templates
from pkgtools.render.generated import GeneratedFile, Job
from pkgtools.render.packaging_target import PackagingTarget
from pkgtools.runtime.facts import InstalledPath, InvalidationMode

ALL_FAMILIES = frozenset(Family)
HOSTILE = (
    "/opt/it's 100%{name} $HOME",
    '/opt/a"b`id`$(id)\\',
    "/opt/\\'; exit 7 #",
    "/opt/été %% *?[x]",
    "/opt/ blank ",
    "/opt/!not %(id) \\\\",
    "/opt/%files",
)
"""Directories that a manifest may have, with what some reader of ours takes for its own."""


def variants(strategy: Strategy = Strategy.TRIGGER, name: str = "acme", depends: bool = True) -> dict[Family, Variant]:
    return {family: Variant(name=name, strategy=strategy, depends=depends) for family in Family}


def private(
    directory: str = "/usr/share/acme", versions: str = "", exclude: Iterable[str] = (), plugins: bool = False
) -> DeclaredDirectory:
    path = InstalledPath(directory)
    return DeclaredDirectory(directory=path, versions=versions, exclude=tuple(exclude), plugins=plugins)


def snippet(
    text: str,
    hook: Hook = Hook.POST_INSTALL,
    when: When = When.AFTER,
    families: frozenset[Family] = ALL_FAMILIES,
    number: int = 0,
) -> Snippet:
    origin = f"packages.acme.snippets[{number}]"
    return Snippet(hook=hook, when=when, families=families, text=f"{text}\n", origin=origin)


def package(
    strategy: Strategy = Strategy.TRIGGER,
    *,
    key: str = "acme",
    public: bool = True,
    private: Iterable[DeclaredDirectory] = (),
    levels: tuple[int, ...] = (0,),
    invalidation: InvalidationMode = InvalidationMode.TIMESTAMP,
    bad_source: BadSource = BadSource.REPORT,
    exclude: Iterable[str] = (),
    python: str = "",
    cache_prefix: str = "/var/cache/python",
    runtime_directory: str = "",
    snippets: Iterable[Snippet] = (),
    depends: bool = True,
    name: str = "",
) -> DeclaredPackage:
    return DeclaredPackage(
        key=key,
        variants=variants(strategy, name or key, depends),
        public=public,
        private=tuple(private),
        levels=levels,
        invalidation=invalidation,
        bad_source=bad_source,
        exclude=tuple(exclude),
        python=python or ("3.11" if strategy is Strategy.SOURCELESS else ""),
        cache_prefix=InstalledPath(cache_prefix),
        runtime_directory=InstalledPath(runtime_directory or f"/usr/lib/{key}"),
        snippets=tuple(snippets),
    )


def job_of(
    *packages: DeclaredPackage, origin: str = "pkgtools.toml", output: str = "out", own: Path | None = None
) -> Job:
    manifest = Manifest(origin=origin, directory="/project", packages=packages)
    return Job(manifest=manifest, templates=open_templates(own), output=output)


def render(target: PackagingTarget, *packages: DeclaredPackage, own: Path | None = None) -> dict[str, GeneratedFile]:
    """Generate all files of a target, by path."""
    return {file.path: file for file in generate(job_of(*packages, own=own), target, packages)}


def texts(target: PackagingTarget, *packages: DeclaredPackage, own: Path | None = None) -> dict[str, str]:
    """Generate all files of a target but embedded runtimes, by path."""
    files = render(target, *packages, own=own).values()
    return {file.path: file.content.decode() for file in files if file.template != "runtime"}


_NAME = st.text("abcdefghijklmnopqrstuvwxyz!\"#$%&'()*+,-.:;<=>?@[\\]^_`{}~ éß€漢", min_size=1, max_size=12)
_PLAIN_NAME = st.text("abcdefgh0123456789._+-", min_size=1, max_size=8)

directories = st.one_of(
    st.sampled_from(HOSTILE),
    _NAME.filter(lambda name: name not in {".", ".."}).map(lambda name: f"/opt/{name}"),
)
"""Directories without control characters, `|` and slashes at their end."""
plain_directories = _PLAIN_NAME.filter(lambda name: name not in {".", ".."}).map(lambda name: f"/usr/share/{name}")
"""Directories that dpkg's triggers and rpm's prefixes take."""
names = st.from_regex(r"[a-z0-9][a-z0-9+.-]{1,12}", fullmatch=True)
"""Names that all families take."""
versions = st.sampled_from(["", "3.9-", "-3.13", "3.9-3.13", "3.11"])
patterns = st.sampled_from(
    ["tests/", "-old/", r"a\.py$", "(?i)DATA/", "^gen/|^auto/", 'it\'s "$(id)" `x`', "/opt/x%", "x\\\\"]
)
own_patterns = st.sampled_from(["acme/tests/", r"acme/it's \"$(id)\" %{x}/|acme/b/", r"acme/\d+\.py\Z", r"acme/x\\"])
"""Patterns that are about one directory only."""
SNIPPETS = (
    'echo one >> "${TRACE:-/dev/null}"',
    "exit 0",
    "cd /\nIFS=:\nPATH=/nonexistent\nset +e\nfalse\n:",
    "pkgtools_run() { echo hijacked; }\nset -u\nexport DPKG_ROOT=/nonexistent\n:",
    "cat > /dev/null << 'E'\n100% %(id) $x `y` \\\n) }\nE",
    "trap 'echo trapped' 0\ntrap - 0",
    "exec > /dev/null 2>&1 < /dev/null\n# it's only a comment \\\n:",
)
"""Shell lines that end well, whatever they do to their own shell."""


@st.composite
def private_directories(draw: st.DrawFn, exact: str = "") -> tuple[DeclaredDirectory, ...]:
    """Draw private directories that don't lie in each other."""
    found = draw(st.lists(st.tuples(st.booleans(), directories, plain_directories), max_size=3))
    made: dict[str, DeclaredDirectory] = {}
    for plugins, hostile, plain in found:
        where = plain if plugins else hostile
        only = exact or draw(versions)
        made[where] = private(where, only, draw(st.lists(patterns, max_size=2, unique=True)), plugins)
    return tuple(made.values())


@st.composite
def packages(draw: st.DrawFn, strategy: Strategy | None = None) -> DeclaredPackage:
    """Draw a package that the manifest's rules allow."""
    chosen = strategy or draw(st.sampled_from(Strategy))
    adjustable = chosen in {Strategy.DIRECT, Strategy.STANDALONE, Strategy.SHIPPED, Strategy.CACHE_PREFIX}
    sourceless = chosen is Strategy.SOURCELESS
    inside = draw(private_directories("3.11" if sourceless else ""))
    tolerant = st.sampled_from([BadSource.REPORT, BadSource.IGNORE])
    return package(
        chosen,
        key=draw(names),
        public=draw(st.booleans()) or not inside,
        private=inside,
        levels=draw(st.sampled_from([(0,), (0, 2), (1,)])) if adjustable else (0,),
        invalidation=draw(st.sampled_from(tuple(InvalidationMode))) if adjustable else InvalidationMode.TIMESTAMP,
        bad_source=draw(st.sampled_from(BadSource)) if adjustable else draw(tolerant),
        exclude=draw(st.lists(own_patterns, max_size=2, unique=True)),
        cache_prefix=draw(st.sampled_from(["/var/cache/python", "/var/cache/it's $(id)"])),
        runtime_directory=draw(st.sampled_from(["/usr/lib/acme", "/opt/it's 100% $(id)/lib"])),
        snippets=draw(st.lists(snippets(), max_size=3)),
        depends=draw(st.booleans()),
    )


@st.composite
def snippets(draw: st.DrawFn) -> Snippet:
    """Draw shell lines for any place."""
    hook, when = draw(st.sampled_from(Hook)), draw(st.sampled_from(When))
    return snippet(draw(st.sampled_from(SNIPPETS)), hook, when, number=draw(st.integers(0, 9)))
