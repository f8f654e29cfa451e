# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a package of a manifest -> what its scripts have to call, and when, in the words of no package manager."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.manifest import BadSource, DeclaredDirectory, DeclaredPackage, Family, Strategy
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.policy.configuration import EXCLUSIONS, LEAVING, PRIVATE
from pkgtools.runtime.pythons import SHARED

from .dependencies import interpreters, programs
from .patterns import LIBRARIES, as_argument, behind, public_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPILE = "/usr/bin/pkgtools-compile"
CLEAN = "/usr/bin/pkgtools-clean"
EMBEDDED = "pkgtools.pyz"
_REGISTERED = frozenset({Strategy.TRIGGER, Strategy.DIRECT})
_ALONE = frozenset({Strategy.STANDALONE, Strategy.CACHE_PREFIX})
_BUILT = frozenset({Strategy.SHIPPED, Strategy.SOURCELESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One program with its arguments."""

    program: InstalledPath
    """As the installed system sees it."""
    arguments: tuple[str, ...]
    """Options, packages and directories, one word each and unquoted."""
    strict: bool = False
    """A source that doesn't compile (exit status 1) fails the script."""

    @property
    def words(self) -> tuple[str, ...]:
        """Return the whole command."""
        return (self.program, *self.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptPlan:
    """What the scripts of one package do for its bytecode."""

    name: str
    """The package's name in this family."""
    package: DeclaredPackage
    """The package as the manifest declares it."""
    family: Family
    """The family whose scripts are planned."""
    strategy: Strategy
    """The strategy that the package follows in this family."""
    on_install: tuple[Call, ...]
    """Calls that compile, after the files have come: a new installation, an upgrade, a failed removal."""
    on_trigger: tuple[Call, ...]
    """Calls that put everything in order after others' files came or went: an interpreter, a plugin."""
    before_removal: tuple[Call, ...]
    """Calls that clean, before the files go or are replaced."""
    after_removal: tuple[Call, ...]
    """Calls that clean what was made between that and the files' going."""
    drop_in: tuple[str, ...]
    """Lines that say to pkgtools-runtime, or to py3compile(1), what of it is to be compiled and what isn't."""
    embedded: InstalledPath | None
    """Where the package ships the runtime."""
    plugins: tuple[InstalledPath, ...]
    """Directories into which other packages put modules."""
    requires: tuple[str, ...]
    """Packages that the scripts' programs come from, by their names in this family."""
    interpreter: tuple[str, ...]
    """What the modules run under: Python with its standard library, of the versions that the manifest names."""

    @property
    def depends(self) -> tuple[str, ...]:
        """Return all that the package is to depend on."""
        return tuple(dict.fromkeys((*self.requires, *self.interpreter)))

    @property
    def watches_interpreters(self) -> bool:
        """Whether the package itself has to notice that an interpreter came, for pkgtools-runtime doesn't do it."""
        return self.strategy in _ALONE

    @property
    def is_strict(self) -> bool:
        """Whether a source that doesn't compile fails an installation."""
        return any(call.strict for call in self.on_install)

    @property
    def is_built(self) -> bool:
        """Whether bytecode is made when the package is, by `pkgtools stage`."""
        return self.strategy in _BUILT

    @property
    def cleans_before_upgrade(self) -> bool:
        """Whether rpm needs help to find the directories empty that an upgrade leaves out.

        In public directories the file triggers of pkgtools-runtime see to that.
        """
        return self.strategy in _ALONE or (self.strategy in _REGISTERED and bool(self.package.private))

    @property
    def drop_in_path(self) -> InstalledPath:
        """Where the package ships `drop_in`."""
        if self.strategy is Strategy.NATIVE:
            return InstalledPath(f"{EXCLUSIONS}/{self.name}")
        return InstalledPath(f"{PRIVATE}/{self.name}.conf")

    @property
    def directories(self) -> tuple[InstalledPath, ...]:
        """Directories of what it ships, which rpm leaves behind unless the package has them in its list."""
        registered = bool(self.drop_in) and self.strategy is not Strategy.NATIVE
        runtime = (self.package.runtime_directory,) if self.embedded else ()
        return (*((InstalledPath(dirname(PRIVATE)), PRIVATE) if registered else ()), *runtime)


def plan_scripts(package: DeclaredPackage, family: Family) -> ScriptPlan:
    """Say what the scripts of a package call in one family."""
    variant = package.variants[family]
    strategy = variant.strategy
    plugins = tuple(one.directory for one in package.private if one.plugins)
    embedded = InstalledPath(f"{package.runtime_directory}/{EMBEDDED}") if strategy is Strategy.STANDALONE else None
    return ScriptPlan(
        name=variant.name,
        package=package,
        family=family,
        strategy=strategy,
        on_install=tuple(_compile(package, variant.name, family, strategy)),
        on_trigger=tuple(_on_trigger(package, variant.name, family, strategy)),
        before_removal=tuple(_clean(package, variant.name, family, strategy)),
        after_removal=tuple(_orphans(package, strategy)),
        drop_in=tuple(_drop_in(package, variant.name, family, strategy)),
        embedded=embedded,
        plugins=plugins if strategy in _REGISTERED | _ALONE else (),
        requires=tuple(programs(package, family, strategy)) if variant.depends else (),
        interpreter=tuple(interpreters(package, family, strategy)) if variant.depends else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamelessCalls:
    """The same for package managers whose lists of files our programs can't ask for: names come from elsewhere."""

    compile_listed: Call
    """Reads names from standard input, with NUL between them."""
    compile_named: Call
    """Wants directories as further arguments."""
    compile_directories: tuple[Call, ...]
    """Compile the private directories."""
    clean_listed: Call
    """Reads names from standard input, with NUL between them."""
    clean_orphans: tuple[Call, ...]
    """Clean what plugins left that are gone."""


def plan_nameless(plan: ScriptPlan) -> NamelessCalls | None:
    """Say what is to be called without naming the package; None if its scripts compile nothing."""
    package, strategy = plan.package, plan.strategy
    if strategy not in _REGISTERED | _ALONE:
        return None
    how = tuple(_how(package, strategy))
    public = tuple(_excluding(public_pattern(pattern) for pattern in package.exclude))
    return NamelessCalls(
        compile_listed=_call(package, strategy, "compile", *how, *public, "--from0", "-"),
        compile_named=_call(package, strategy, "compile", *how, *public),
        compile_directories=tuple(
            _plugin_call(package, strategy, one)
            if one.plugins
            else _compile_call(package, strategy, *_directory_words(package, one))
            for one in package.private
        ),
        clean_listed=_call(package, strategy, "clean", "-q", "--from0", "-"),
        clean_orphans=tuple(_without_plugins(package, strategy)),
    )


def _compile(package: DeclaredPackage, name: str, family: Family, strategy: Strategy) -> Iterator[Call]:
    if strategy is Strategy.NATIVE and family is Family.DEB:
        yield from _py3compile(package, name)
    elif strategy is Strategy.CACHE_PREFIX:
        yield from _compile_each(package, name, strategy)
    elif strategy in {Strategy.DIRECT, Strategy.STANDALONE}:
        # what the drop-in says of private directories needn't be said again
        patterns = map(public_pattern, package.exclude if strategy is Strategy.STANDALONE and package.public else ())
        yield _compile_call(package, strategy, "-p", name, *_excluding(patterns))
        yield from (_plugin_call(package, strategy, one) for one in package.private if one.plugins)


def _compile_each(package: DeclaredPackage, name: str, strategy: Strategy) -> Iterator[Call]:
    """Yield one call for the public modules, and one for all private directories that are treated alike."""
    if package.public:
        yield _compile_call(package, strategy, "-p", name, *_excluding(map(public_pattern, package.exclude)))
    owned = sorted((one for one in package.private if not one.plugins), key=treatment)
    for _, group in groupby(owned, treatment):
        alike = tuple(group)
        yield _compile_call(package, strategy, "-p", name, *_directory_words(package, *alike))
    yield from (_plugin_call(package, strategy, one) for one in package.private if one.plugins)


def treatment(one: DeclaredDirectory) -> tuple[str, tuple[str, ...], str]:
    """Return what one call can't have two of: directories for which it is the same are compiled by one."""
    return one.versions, one.exclude, one.interpreter or ""


def _compile_call(package: DeclaredPackage, strategy: Strategy, *words: str) -> Call:
    """Compile modules of the package."""
    return _call(package, strategy, "compile", *_how(package, strategy), *words, strict=_is_strict(package))


def _plugin_call(package: DeclaredPackage, strategy: Strategy, one: DeclaredDirectory) -> Call:
    """Compile all that lies in a directory, whatever package it is of; others' faults are theirs."""
    how = (word for word in _how(package, strategy) if word != "--strict")
    return _call(package, strategy, "compile", *how, *_directory_words(package, one))


def _directory_words(package: DeclaredPackage, *alike: DeclaredDirectory) -> tuple[str, ...]:
    versions, exclude, interpreter = treatment(alike[0])
    only = (*(("-V", versions) if versions else ()), *(("--python", interpreter) if interpreter else ()))
    return (*only, *_excluding([*package.exclude, *exclude]), *(one.directory for one in alike))


def _is_strict(package: DeclaredPackage) -> bool:
    return package.bad_source is BadSource.FAIL


def _on_trigger(package: DeclaredPackage, name: str, family: Family, strategy: Strategy) -> Iterator[Call]:
    if strategy in _ALONE:
        yield from _compile(package, name, family, strategy)
    elif strategy in _REGISTERED:
        yield from (_plugin_call(package, strategy, one) for one in package.private if one.plugins)
    else:
        return
    yield from _without_plugins(package, strategy)


def _without_plugins(package: DeclaredPackage, strategy: Strategy) -> Iterator[Call]:
    if plugins := [one.directory for one in package.private if one.plugins]:
        yield _call(package, strategy, "clean", "-q", *(f"--orphans={directory}" for directory in plugins))


def _clean(package: DeclaredPackage, name: str, family: Family, strategy: Strategy) -> Iterator[Call]:
    if strategy is Strategy.NATIVE and family is Family.DEB:
        yield Call(program=InstalledPath("/usr/bin/py3clean"), arguments=("-p", name))
    elif strategy in _REGISTERED | _ALONE | {Strategy.SHIPPED}:
        yield _call(package, strategy, "clean", "-q", "-p", name)
        if strategy is Strategy.CACHE_PREFIX:
            # what the batches of pkgtools-runtime, or root's imports, put beside the sources
            yield Call(program=InstalledPath(CLEAN), arguments=("-q", "-p", name))


def _orphans(package: DeclaredPackage, strategy: Strategy) -> Iterator[Call]:
    """Yield nothing for an embedded runtime: it has gone with the package's files."""
    if strategy in _REGISTERED and package.private:
        yield _call(package, strategy, "clean", "-q", *(f"--orphans={one.directory}" for one in package.private))


def _call(package: DeclaredPackage, strategy: Strategy, command: str, *arguments: str, strict: bool = False) -> Call:
    prefix = ("--cache-prefix", package.cache_prefix) if strategy is Strategy.CACHE_PREFIX else ()
    if strategy is Strategy.STANDALONE:
        program = InstalledPath(f"{package.runtime_directory}/{EMBEDDED}")
        return Call(program=program, arguments=(command, *prefix, *arguments), strict=strict)
    program = InstalledPath(COMPILE if command == "compile" else CLEAN)
    return Call(program=program, arguments=(*prefix, *arguments), strict=strict)


def _how(package: DeclaredPackage, strategy: Strategy) -> Iterator[str]:
    if package.levels != (0,):
        yield from ("-O", ",".join(map(str, package.levels)))
    if package.invalidation is not InvalidationMode.TIMESTAMP:
        yield from ("--invalidation-mode", package.invalidation.value)
    if package.bad_source is BadSource.FAIL:
        yield "--strict"
    elif package.bad_source is BadSource.IGNORE:
        yield "-q"


def _py3compile(package: DeclaredPackage, name: str) -> Iterator[Call]:
    """Yield the calls that dh_python3(1) puts into a package's postinst."""
    program = InstalledPath("/usr/bin/py3compile")
    if package.public:
        # it takes no -X here: exclusions are in the drop-in
        yield Call(program=program, arguments=("-p", name), strict=_is_strict(package))
    for one in package.private:
        only = ["-V", one.versions] if one.versions else []
        patterns = [*package.exclude, *one.exclude]
        words = ("-p", name, one.directory, *only, *_excluding(patterns))
        yield Call(program=program, arguments=words, strict=_is_strict(package))


def _excluding(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from ("-X", as_argument(pattern))


def _drop_in(package: DeclaredPackage, name: str, family: Family, strategy: Strategy) -> Iterator[str]:
    """Yield lines as `pkgtools.runtime.policy.configuration` reads them."""
    if strategy is Strategy.NATIVE and family is Family.DEB and package.public:
        yield from (f"re|-|{SHARED}|{pattern}" for pattern in package.exclude)
    if strategy.value in LEAVING and package.public and family in {Family.DEB, Family.RPM}:
        yield f"leave|{strategy.value}|{name}"
    # the embedded runtime reads it; and where pkgtools-runtime is, an upgrade from `trigger` withdraws nothing
    if strategy not in _REGISTERED | {Strategy.STANDALONE}:
        return
    for one in package.private:
        if one.interpreter is None:
            yield f"compile|{one.versions}|{one.directory}"
        else:
            yield f"compile-for|{one.versions}|{one.directory}|{one.interpreter}"
        yield from (f"exclude||{one.directory}|{pattern}" for pattern in (*package.exclude, *one.exclude))
    if package.public and strategy in _REGISTERED:
        for pattern in package.exclude:
            yield f"exclude||/usr|{pattern if pattern.startswith('/') else behind(LIBRARIES, pattern)}"
