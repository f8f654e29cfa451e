# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What upstream's metadata demand -> relations of the Debian package, and a word about everything that gets lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pkgtools.debhelper.records import ASKABLE, Field, Note, Origin, Relations
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.model.pep508 import RequirementError, TolerantRequirement, read_marker, read_tolerantly
from pkgtools.runtime.errors import UsageError

from .markers import Facts, VersionSpan, judge
from .names import OVERRIDES, Names, advice, find
from .pydist import PydistRule
from .relations import Spelling, limit_relations, needed, with_pythons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.markers import Marker
    from packaging.requirements import Requirement as Pep508Parts

    from pkgtools.debhelper.source_package import HelperOptions
    from pkgtools.debhelper.supported_pythons import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement, and where it was read."""

    origin: Origin
    """The file and line, or the option, that it was read from."""
    text: str
    """As PEP 508 has it: `aa[x] (>= 1); python_version < "3.8"`."""
    field: Field = Field.DEPENDS
    """Where it goes unless it is only for an extra."""
    extra: str = ""
    """The section of requires.txt that it is in."""
    marker: str = ""
    """That section's condition."""
    python: Minor | None = None
    """The version that the metadata are for, by their directory; None: all."""
    owner: str = ""
    """The distribution that has the requirement; empty: not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that decides about the relations of one binary package, the requirements excepted."""

    names: Names
    """Where distributions are packaged, by PyDist files and dpkg's database."""
    build_depends: Mapping[str, str]
    """Name of a package -> the limit on its version, such as `>= 1.2`; empty: none."""
    options: HelperOptions
    """The options of the call: extras, and whether upstream's versions are kept."""
    default: Minor
    """The distribution's python3."""
    supported: tuple[Minor, ...]
    """All Pythons of the distribution."""
    machines: tuple[str, ...]
    """platform_machine: see markers.machines."""
    dialect: Dialect
    """How relations say that they are not needed with some Pythons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What one requirement came to."""

    requirement: Requirement
    """The requirement that was translated."""
    relations: tuple[tuple[Field, str], ...]
    """Empty where none is needed, or none can be made: then there is a note."""
    notes: tuple[Note, ...]
    """What was lost or taken more loosely on the way."""


def translate(requirements: Iterable[Requirement], context: Context) -> Relations:
    """Translate all requirements of a package."""
    return collect(translate_each(requirements, context), context)


def collect(translations: Iterable[Translation], context: Context) -> Relations:
    """Put the relations of all requirements into their fields, each once, in order."""
    found = tuple(translations)
    fields: dict[Field, dict[str, None]] = {}
    for translation in found:
        for field, relation in translation.relations:
            fields.setdefault(field, {})[relation] = None
    notes = dict.fromkeys([note for translation in found for note in translation.notes])
    by_field = {field: tuple(relations) for field, relations in fields.items()}
    return Relations(by_field=by_field, notes=(*context.names.notes(), *notes))


def translate_each(requirements: Iterable[Requirement], context: Context) -> tuple[Translation, ...]:
    """Translate each requirement for itself; those of a distribution for itself ask for more of its extras."""
    known = tuple(requirements)
    options = replace(context.options, sections=_all_sections(known, context))
    context = replace(context, options=options)
    return tuple(_translation(requirement, context) for requirement in known)


def _all_sections(requirements: tuple[Requirement, ...], context: Context) -> Mapping[Field, tuple[str, ...]]:
    """Add the extras that asked ones ask for, as in `Requires-Dist: own-name[x]; extra == "all"`."""
    own = [found for requirement in requirements if (found := _own_extras(requirement))]
    sections = {field: tuple(map(canonicalize_name, extras)) for field, extras in context.options.sections.items()}
    facts = Facts(machines=context.machines, oldest=context.dialect.oldest)
    for _ in own:
        for field, asked in sections.items():
            more = [
                extra
                for requirement, parsed in own
                if _is_asked_for(requirement, parsed, asked, facts)
                for extra in map(canonicalize_name, sorted(parsed.parts.extras))
            ]
            sections[field] = tuple(dict.fromkeys([*asked, *more]))
    return sections


def _own_extras(requirement: Requirement) -> tuple[Requirement, TolerantRequirement] | None:
    """Take a requirement apart if it is one of a distribution for its own extras."""
    if not requirement.owner or "[" not in requirement.text:
        return None
    try:
        parsed = read_tolerantly(requirement.text)
    except RequirementError:
        # _translation reports it
        return None
    return (requirement, parsed) if _is_own(requirement, parsed) else None


def _is_own(requirement: Requirement, parsed: TolerantRequirement) -> bool:
    """Whether a distribution asks for itself."""
    return canonicalize_name(parsed.parts.name) == canonicalize_name(requirement.owner)


def _is_asked_for(requirement: Requirement, parsed: TolerantRequirement, extras: tuple[str, ...], facts: Facts) -> bool:
    if requirement.extra and canonicalize_name(requirement.extra) not in extras:
        return False
    try:
        return bool(judge(_markers(requirement, parsed), extras, facts).spans)
    except RequirementError:
        # _translation reports it
        return False


def _markers(requirement: Requirement, parsed: TolerantRequirement) -> tuple[Marker | None, ...]:
    """Return the marker of the section that a requirement is in, and its own."""
    return read_marker(requirement.marker) if requirement.marker else None, parsed.parts.marker


def _translation(requirement: Requirement, context: Context) -> Translation:
    notes: list[Note] = []
    relations: tuple[tuple[Field, str], ...] = ()
    try:
        relations = tuple(dict.fromkeys(_relations(requirement, context, notes)))
    except RequirementError as error:
        within = f" in section [:{_short(requirement.marker)}]" if requirement.marker else ""
        notes.append(_loss(requirement, f"{_short(requirement.text)!r}{within} is lost: {error} (PEP 508)"))
    except UsageError as error:
        notes.append(_loss(requirement, str(error)))
    return Translation(requirement=requirement, relations=relations, notes=tuple(notes))


def _relations(requirement: Requirement, context: Context, notes: list[Note]) -> Iterator[tuple[Field, str]]:
    parsed = read_tolerantly(requirement.text)
    wanted = list(_wanted(requirement, parsed, context, notes))
    if not wanted or (requirement.owner and _is_own(requirement, parsed)):
        return
    here = any(_is_wanted_here(spans, context) for _, spans in wanted)
    texts = list(_demands(requirement, parsed, context, notes if here else []))
    marker = " ".join(str(one) for one in _markers(requirement, parsed) if one)
    for field, spans in wanted:
        for text in texts:
            yield from ((field, full) for full in with_pythons(text, spans, marker, context.dialect))


def _wanted(
    requirement: Requirement, parsed: TolerantRequirement, context: Context, notes: list[Note]
) -> Iterator[tuple[Field, tuple[VersionSpan, ...]]]:
    """Yield the fields in which a requirement is wanted, each with the Pythons for which it is."""
    facts = Facts(machines=context.machines, oldest=context.dialect.oldest)
    section = canonicalize_name(requirement.extra)
    known: list[tuple[VersionSpan, ...]] = []
    for field in ASKABLE if requirement.field is Field.DEPENDS else (requirement.field,):
        extras = [canonicalize_name(extra) for extra in context.options.sections.get(field, ())]
        if section and section not in extras:
            continue
        # without any extra, the stronger field has it already
        asked = [*(("",) if field is requirement.field else ()), *extras]
        if not asked:
            continue
        verdict = judge(_markers(requirement, parsed), asked, facts)
        spans = needed(verdict.spans, context.dialect)
        if not spans or spans in known:
            continue
        known.append(spans)
        if verdict.doubt and _is_wanted_here(spans, context):
            text = f"{verdict.doubt} isn't the same everywhere: {_short(requirement.text)!r} is a dependency everywhere"
            notes.append(_loss(requirement, text))
        yield field, spans
        if spans == (VersionSpan(first=None, end=None),):
            return


def _is_wanted_here(spans: tuple[VersionSpan, ...], context: Context) -> bool:
    """Whether a Python of the release is among them: else nothing is lost, as of `enum34; python_version < "3.4"`."""
    return any(span.has(version) for version in context.supported for span in spans)


def _demands(
    requirement: Requirement, parsed: TolerantRequirement, context: Context, notes: list[Note]
) -> Iterator[str]:
    """Yield the relations that a distribution comes to, whatever the Python."""
    answer = find(context.names, parsed.parts.name, requirement.python or context.default)
    if answer is None:
        notes.append(_loss(requirement, advice(parsed.parts.name)))
        return
    relation = answer.relation if isinstance(answer, PydistRule) else answer
    by_hand = isinstance(answer, PydistRule) and answer.origin.file == OVERRIDES
    if not relation:
        return
    if not by_hand:
        notes.extend(_losses(requirement, parsed.parts))
    *others, target = (part.strip() for part in relation.split(","))
    yield from others
    if isinstance(answer, PydistRule) and answer.is_final:
        yield target
        return
    keeps = context.options.accept_upstream_versions or (isinstance(answer, PydistRule) and answer.keeps_versions)
    if parsed.complaint:
        text = f"{parsed.complaint}: {_short(requirement.text)!r} is taken for any version"
        notes.append(Note(origin=requirement.origin, text=text, loss=keeps))
    if keeps and parsed.parts.specifier:
        yield from _limited(requirement, parsed.parts, target, answer, notes)
        return
    limit = context.build_depends.get(target, "") if isinstance(answer, PydistRule) else ""
    yield f"{target} ({limit})" if limit else target


def _losses(requirement: Requirement, parts: Pep508Parts) -> Iterator[Note]:
    if parts.url:
        text = f"{parts.name} is wanted from {_short(parts.url)}: any version of the package will do"
        yield _loss(requirement, text)
    if parts.extras:
        extras = ", ".join(sorted(parts.extras))
        text = f"what {parts.name} needs for its extra {extras} isn't known: add it to debian/control"
        yield _loss(requirement, text)


def _limited(
    requirement: Requirement, parts: Pep508Parts, target: str, answer: PydistRule | str, notes: list[Note]
) -> Iterator[str]:
    """Yield a package with its version limits; without them where they can't be said."""
    spelling = Spelling()
    if isinstance(answer, PydistRule) and answer.keeps_versions:
        spelling = Spelling(answer.rewrites, tilde=answer.standard is not None)
    try:
        yield from tuple(limit_relations(target, parts.specifier, spelling))
    except ValueError as error:
        notes.append(_loss(requirement, f"the versions of {_short(requirement.text)!r} are lost: {error}"))
        yield target


def _loss(requirement: Requirement, text: str) -> Note:
    return Note(origin=requirement.origin, text=text, loss=True)


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}..."
