# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Put a package's tree in order, and return what it holds then."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pkgtools.debhelper.records import Modules, Note, Origin, Shebang, TreeContents
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below
from pkgtools.survey.applications import Judged, Standing, judge

from .extensions import parse_extension, rename_extension
from .public_locations import move_to_shared
from .python_directories import clean_dist_info, is_dist_info, is_foreign, is_public, rename_egg, version_of
from .shebang_lines import LENGTH, parse_first_line, rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.debhelper.source_package import TreeSettings

    from .virtual_tree import VirtualTree

_BIN = frozenset({"bin", "sbin", "usr/bin", "usr/sbin", "usr/games", "usr/local/bin", "usr/local/sbin"})
_TESTS = frozenset({"test", "tests"})
_BUILD_NAMES = frozenset({"build", "debian", "dist", "doc", "docs", "src", "target", *_TESTS})
"""Directories at the top of a source package that a build system may install by mistake; dh-python 7 has this list."""
_BYTECODE = (".pyc", ".pyo")
_KEPT_IN_DBG = (".so", ".h")
_EXECUTABLE = 0o111


@dataclass(slots=True)
class _Seen:
    """What was found so far in one place."""

    compile: bool = False
    shebangs: set[Shebang] = field(default_factory=set)
    versions: set[Minor] = field(default_factory=set)
    untagged: set[str] = field(default_factory=set)
    stable: set[str] = field(default_factory=set)

    def frozen(self) -> Modules:
        return Modules(
            compile=self.compile,
            shebangs=frozenset(self.shebangs),
            extension_versions=frozenset(self.versions),
            untagged_extensions=frozenset(self.untagged),
            stable_extensions=frozenset(self.stable),
        )


@dataclass(slots=True)
class _Scan:
    """A walk through a tree, with what it comes to."""

    tree: VirtualTree
    settings: TreeSettings
    private: tuple[str, ...]
    programs: frozenset[str] = frozenset()
    notes: list[Note] = field(default_factory=list)
    public: _Seen = field(default_factory=_Seen)
    seen: dict[str, _Seen] = field(default_factory=dict)
    public_versions: set[Minor] = field(default_factory=set)
    metadata: dict[str, list[str]] = field(default_factory=lambda: {"requires": [], "egg": [], "dist": []})


def put_in_order(tree: VirtualTree, settings: TreeSettings) -> TreeContents:
    """Change a tree into what its package shall be. What is to be done on disk is recorded in the tree."""
    notes: list[Note] = []
    if not settings.private:
        move_to_shared(tree, settings, notes)
    options = settings.options
    judged = () if settings.private or options.skip_private or options.compat else _judged(tree, settings)
    scan = _Scan(
        tree=tree,
        settings=settings,
        private=tuple(_private(settings, judged)),
        programs=frozenset(one.directory[1:] for one in judged if one.standing is Standing.PROGRAMS),
        notes=notes,
    )
    for top in settings.private or ("",):
        for directory in list(tree.walk(top)):
            if tree.is_directory(directory) and not is_foreign(directory):
                _directory(scan, directory)
    return TreeContents(
        public=scan.public.frozen(),
        public_versions=frozenset(scan.public_versions),
        private={InstalledPath(f"/{path}"): seen.frozen() for path, seen in sorted(scan.seen.items())},
        requires_txt=tuple(scan.metadata["requires"]),
        egg_info=tuple(scan.metadata["egg"]),
        dist_info=tuple(scan.metadata["dist"]),
        notes=tuple(notes),
        judged=judged,
    )


def _private(settings: TreeSettings, judged: tuple[Judged, ...]) -> Iterator[str]:
    if settings.options.skip_private:
        return
    if settings.private or settings.options.compat:
        yield from settings.private or settings.usual_private
        return
    yield from (one[1:] for one in settings.declared)
    yield from (one.directory[1:] for one in judged if one.standing in {Standing.OWN, Standing.PROGRAMS})


def _judged(tree: VirtualTree, settings: TreeSettings) -> tuple[Judged, ...]:
    """Judge the directories of modules that aren't declared."""
    sources = {
        InstalledPath(f"/{directory}/{name}"): bool(node.mode & _EXECUTABLE)
        for directory in tree.walk("")
        if not is_public(directory) and directory not in _BIN
        for name in tree.names(directory)
        if name.endswith(".py") and (node := tree.get(posixpath.join(directory, name))) is not None
    }
    declared = settings.declared
    judged = judge(settings.package, sources) if sources else ()
    return tuple(
        one for one in judged if not any(one.directory == top or is_below(one.directory, top) for top in declared)
    )


def _directory(scan: _Scan, directory: str) -> None:
    tree, settings = scan.tree, scan.settings
    root = next((root for root in scan.private if directory == root or directory.startswith(f"{root}/")), None)
    public = is_public(directory) and root is None
    if root is None and not public and directory not in _BIN:
        return
    if public and directory.endswith("-packages"):
        _clean_packages(scan, directory)
    cache = posixpath.join(directory, "__pycache__")
    if tree.is_directory(cache):
        tree.remove(cache)
    told = public or _tells_requirements(settings, directory)
    if told and _metadata(scan, directory):
        return
    seen = scan.public if root is None else scan.seen.setdefault(root, _Seen())
    for name in tree.names(directory):
        path = posixpath.join(directory, name)
        if tree.exists(path) and not tree.is_directory(path):
            if told and path.endswith(".egg-info"):
                _egg_file(scan, path)
            else:
                _file(scan, path, seen, public=public, is_run=root in scan.programs)
    if root is None and not settings.private:
        tree.prune(directory)


def _tells_requirements(settings: TreeSettings, directory: str) -> bool:
    """Whether metadata in a private directory are the package's own: in others they are those of what it bundles."""
    return any(f"{directory}/".startswith(f"{one}/") for one in (*settings.private, *settings.usual_private))


def _clean_packages(scan: _Scan, directory: str) -> None:
    """Remove what must not lie beside all packages' modules: tests, hidden files."""
    version = version_of(directory)
    if version is not None:
        scan.public_versions.add(version)
    settings = scan.settings
    for name in scan.tree.names(directory):
        path = posixpath.join(directory, name)
        if name in _BUILD_NAMES and scan.tree.is_directory(path):
            _build_name(scan, path, stops=settings.options.compat and settings.pythons.dialect.stops_at_unmerged)
        elif name.startswith("."):
            scan.tree.remove(path)


def _build_name(scan: _Scan, path: str, *, stops: bool) -> None:
    """Report a module that every program can import as `docs`, unless the package is called so; tests go."""
    name, package = posixpath.basename(path), scan.settings.package
    if scan.settings.options.allow_build_names or package in {name, f"python3-{name.replace('_', '-')}"}:
        return
    if name in _TESTS and not stops:
        scan.tree.remove(path)
        return
    text = "every program can import it by this name: leave it out of the build, or remove it by debian/PKG.pyremove"
    if stops:
        text += ", or let it be so by --allow-build-directory-module-name"
    scan.notes.append(Note(origin=Origin(file=path, line=0), text=text, stops=stops))


def _metadata(scan: _Scan, directory: str) -> bool:
    """Look after a directory of metadata, if it is one."""
    tree = scan.tree
    if not directory.endswith((".dist-info", ".egg-info")):
        return False
    if scan.settings.is_dbg:
        tree.remove(directory)
        return True
    if is_dist_info(directory):
        clean_dist_info(tree, directory)
        _note_file(scan, "dist", posixpath.join(directory, "METADATA"))
        return True
    renamed = rename_egg(tree, directory)
    if renamed is not None:
        sources = posixpath.join(renamed, "SOURCES.txt")
        if tree.exists(sources):
            tree.remove(sources)
        _note_file(scan, "requires", posixpath.join(renamed, "requires.txt"))
        if not tree.exists(posixpath.join(renamed, "requires.txt")):  # which says the same
            _note_file(scan, "egg", posixpath.join(renamed, "PKG-INFO"))
    return True


def _egg_file(scan: _Scan, path: str) -> None:
    """Look after metadata of distutils, which are a file."""
    if scan.settings.is_dbg and is_public(path):
        scan.tree.remove(path)
        return
    renamed = rename_egg(scan.tree, path)
    if renamed is not None:
        _note_file(scan, "egg", renamed)


def _note_file(scan: _Scan, kind: str, path: str) -> None:
    if scan.tree.is_file(path):
        scan.metadata[kind].append(path)


def _file(scan: _Scan, path: str, seen: _Seen, *, public: bool, is_run: bool) -> None:
    tree, settings = scan.tree, scan.settings
    if _is_unwanted(scan, path, public=public):
        tree.remove(path)
    elif parse_extension(posixpath.basename(path)):
        _extension(scan, path, seen)
    else:
        in_bin = posixpath.dirname(path) in _BIN
        if in_bin or not public:
            _script(scan, path, seen, in_bin=in_bin)
        imported = settings.options.compat or not (in_bin or is_run)
        if path.endswith(".py") and imported and not tree.is_directory(path):
            seen.compile = True


def _is_unwanted(scan: _Scan, path: str, *, public: bool) -> bool:
    """Whether a file is bytecode of the build, or doesn't belong into a -dbg package.

    A pyc without its source is the program (PEP 3147); dh_python3 removes it all the same.
    """
    if path.endswith(_BYTECODE):
        return scan.settings.options.compat or path.endswith(".pyo") or scan.tree.exists(path[:-1])
    return public and scan.settings.is_dbg and not path.endswith(_KEPT_IN_DBG)


def _extension(scan: _Scan, path: str, seen: _Seen) -> None:
    settings = scan.settings
    if settings.options.rename_extensions:
        path = rename_extension(scan.tree, path, settings, scan.notes)
    parsed = parse_extension(posixpath.basename(path))
    version = (parsed.version if parsed else None) or version_of(path)
    if parsed and parsed.flags == "t":  # python3 of the distribution can't load it
        return
    if parsed and parsed.is_stable and (not settings.options.compat or settings.pythons.dialect.knows_stable_abi):
        seen.stable.add(path)
    elif version is not None:
        seen.versions.add(version)
    elif settings.options.compat or (parsed and parsed.tag):
        seen.untagged.add(path)


def _script(scan: _Scan, path: str, seen: _Seen, *, in_bin: bool) -> None:
    """Rewrite a script's first line and remember the interpreter that it names."""
    tree, options = scan.tree, scan.settings.options
    path = tree.leads_to(path) or path
    node = tree.get(path)
    if node is None or not tree.is_file(path) or not (in_bin or node.mode & _EXECUTABLE):
        return
    if in_bin and (options.ignore_shebangs or not options.rewrite_shebangs) and options.compat:
        return
    line = parse_first_line(tree.read_start(path, LENGTH))
    if line is None:
        return
    if options.rewrite_shebangs:
        content = rewritten(tree.read_bytes(path), line, options.shebang)
        if content is not None:
            tree.write(path, content)
            line = parse_first_line(content[:LENGTH])
    if line is not None and not options.ignore_shebangs:
        seen.shebangs.add(line.shebang)
