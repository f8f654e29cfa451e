# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What upstream's metadata demand -> relations of the Debian package, and a word about everything that gets lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import UsageError

from .markers import Facts, NoMarkerError, Span, judge
from .names import OVERRIDES, Names, advice, find
from .pep508 import NoRequirementError, Parsed, canonical, parse
from .pydist import Rule
from .records import Field, Minor, Note, Origin, Relations
from .relations import Dialect, Spelling, limit_relations, needed, with_pythons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_STRENGTH = (Field.DEPENDS, Field.RECOMMENDS, Field.SUGGESTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement, and where it was read."""

    origin: Origin
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
    build_depends: Mapping[str, str]
    """Name of a package -> the limit on its version, such as `>= 1.2`; empty: none."""
    accept_upstream_versions: bool
    sections: Mapping[Field, tuple[str, ...]]
    """The extras whose requirements go to a field."""
    default: Minor
    """The distribution's python3."""
    machines: tuple[str, ...]
    """platform_machine: see markers.machines."""
    dialect: Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What one requirement came to."""

    requirement: Requirement
    relations: tuple[tuple[Field, str], ...]
    """Empty where none is needed, or none can be made: then there is a note."""
    notes: tuple[Note, ...]


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
    context = replace(context, sections=_all_sections(known, context))
    return tuple(_translation(requirement, context) for requirement in known)


def _all_sections(requirements: tuple[Requirement, ...], context: Context) -> Mapping[Field, tuple[str, ...]]:
    """Add the extras that asked ones ask for, as in `Requires-Dist: own-name[x]; extra == "all"`."""
    own = [found for requirement in requirements if (found := _own_extras(requirement))]
    sections = {field: tuple(map(canonical, extras)) for field, extras in context.sections.items()}
    facts = Facts(machines=context.machines, oldest=context.dialect.oldest)
    for _ in own:
        for field, asked in sections.items():
            more = [
                extra
                for requirement, parsed in own
                if _is_asked_for(requirement, parsed, asked, facts)
                for extra in map(canonical, parsed.extras)
            ]
            sections[field] = tuple(dict.fromkeys([*asked, *more]))
    return sections


def _own_extras(requirement: Requirement) -> tuple[Requirement, Parsed] | None:
    """Take a requirement apart if it is one of a distribution for its own extras."""
    if not requirement.owner or "[" not in requirement.text:
        return None
    try:
        parsed = parse(requirement.text)
    except NoRequirementError:
        # _translation tells of it
        return None
    return (requirement, parsed) if canonical(parsed.name) == canonical(requirement.owner) else None


def _is_asked_for(requirement: Requirement, parsed: Parsed, extras: tuple[str, ...], facts: Facts) -> bool:
    if requirement.extra and canonical(requirement.extra) not in extras:
        return False
    try:
        return bool(judge((requirement.marker, parsed.marker), extras, facts).spans)
    except NoMarkerError:
        # _translation tells of it
        return False


def _translation(requirement: Requirement, context: Context) -> Translation:
    notes: list[Note] = []
    relations: tuple[tuple[Field, str], ...] = ()
    try:
        relations = tuple(dict.fromkeys(_relations(requirement, context, notes)))
    except NoRequirementError as error:
        notes.append(_loss(requirement, f"{_short(requirement.text)!r} is no requirement: {error} (PEP 508)"))
    except NoMarkerError as error:
        notes.append(_loss(requirement, f"the marker of {_short(requirement.text)!r} says nothing: {error} (PEP 508)"))
    except UsageError as error:
        notes.append(_loss(requirement, str(error)))
    return Translation(requirement=requirement, relations=relations, notes=tuple(notes))


def _relations(requirement: Requirement, context: Context, notes: list[Note]) -> Iterator[tuple[Field, str]]:
    parsed = parse(requirement.text)
    wanted = list(_wanted(requirement, parsed, context, notes))
    if not wanted or (requirement.owner and canonical(parsed.name) == canonical(requirement.owner)):
        return
    texts = list(_demands(requirement, parsed, context, notes))
    marker = f"{requirement.marker} {parsed.marker}"
    for field, spans in wanted:
        for text in texts:
            yield from ((field, full) for full in with_pythons(text, spans, marker, context.dialect))


def _wanted(
    requirement: Requirement, parsed: Parsed, context: Context, notes: list[Note]
) -> Iterator[tuple[Field, tuple[Span, ...]]]:
    """Yield the fields in which a requirement is wanted, each with the Pythons for which it is."""
    facts = Facts(machines=context.machines, oldest=context.dialect.oldest)
    section = canonical(requirement.extra)
    known: list[tuple[Span, ...]] = []
    for field in _STRENGTH if requirement.field is Field.DEPENDS else (requirement.field,):
        extras = [canonical(extra) for extra in context.sections.get(field, ())]
        if section and section not in extras:
            continue
        # without any extra, the stronger field has it already
        asked = [*(("",) if field is requirement.field else ()), *extras]
        if not asked:
            continue
        verdict = judge((requirement.marker, parsed.marker), asked, facts)
        spans = needed(verdict.spans, context.dialect)
        if not spans or spans in known:
            continue
        known.append(spans)
        if verdict.doubt:
            text = f"{verdict.doubt} isn't the same everywhere: {_short(requirement.text)!r} is a dependency everywhere"
            notes.append(_loss(requirement, text))
        yield field, spans
        if spans == (Span(first=None, end=None),):
            return


def _demands(requirement: Requirement, parsed: Parsed, context: Context, notes: list[Note]) -> Iterator[str]:
    """Yield the relations that a distribution comes to, whatever the Python."""
    answer = find(context.names, parsed.name, requirement.python or context.default)
    if answer is None:
        notes.append(_loss(requirement, advice(parsed.name)))
        return
    relation = answer.relation if isinstance(answer, Rule) else answer
    by_hand = isinstance(answer, Rule) and answer.origin.file == OVERRIDES
    if not relation:
        return
    if not by_hand:
        notes.extend(_losses(requirement, parsed))
    *others, target = (part.strip() for part in relation.split(","))
    yield from others
    if isinstance(answer, Rule) and answer.is_final:
        yield target
        return
    keeps = context.accept_upstream_versions or (isinstance(answer, Rule) and answer.keeps_versions)
    if parsed.complaint:
        text = f"{parsed.complaint}: {_short(requirement.text)!r} is taken for any version"
        notes.append(Note(origin=requirement.origin, text=text, loss=keeps))
    if keeps and parsed.limits:
        yield from _limited(requirement, parsed, target, answer, notes)
        return
    limit = context.build_depends.get(target, "") if isinstance(answer, Rule) else ""
    yield f"{target} ({limit})" if limit else target


def _losses(requirement: Requirement, parsed: Parsed) -> Iterator[Note]:
    if parsed.url:
        yield _loss(
            requirement, f"{parsed.name} is wanted from {_short(parsed.url)}: any version of the package will do"
        )
    if parsed.extras:
        extras = ", ".join(parsed.extras)
        text = f"what {parsed.name} needs for its extra {extras} isn't known: add it to debian/control"
        yield _loss(requirement, text)


def _limited(
    requirement: Requirement, parsed: Parsed, target: str, answer: Rule | str, notes: list[Note]
) -> Iterator[str]:
    """Yield a package with its version limits; without them where they can't be said."""
    spelling = Spelling()
    if isinstance(answer, Rule) and answer.keeps_versions:
        spelling = Spelling(answer.rewrites, tilde=answer.standard is not None)
    try:
        yield from tuple(limit_relations(target, parsed.limits, spelling))
    except ValueError as error:
        notes.append(_loss(requirement, f"the versions of {_short(requirement.text)!r} are lost: {error}"))
        yield target


def _loss(requirement: Requirement, text: str) -> Note:
    return Note(origin=requirement.origin, text=text, loss=True)


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}..."
