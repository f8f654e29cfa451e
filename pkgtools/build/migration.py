# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the texts in debian/ of a source package that uses dh_python3 -> the same for dh_pkgtools, and back.

A text is changed word by word, so that comments and layout stay as they are.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from debian._deb822_repro import LIST_COMMA_SEPARATED_INTERPRETATION, parse_deb822_file

from pkgtools.runtime.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONTROL = "debian/control"
RULES = "debian/rules"
MANIFEST = "debian/pkgtools.toml"
_FIELDS = ("Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch")
_MARK = "# Written by pkgtools migrate. All keys: pkgtools init; /usr/share/doc/pkgtools/manifest.md\n"
_RESTRICTED = r"(?:\s*\([^)]*\)|\s*\[[^]]*\]|\s*<[^>]*>)*"
_EVERYWHERE = ("debhelper-compat", "debhelper")
"""What is built with where dh-python comes with another package."""
_SUBSTVAR = "${python3:Depends}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A debhelper program and how source packages name it."""

    program: str
    """As `dh_python3`; override targets are named after it."""
    addon: str
    """What follows `dh --with`."""
    package: str
    """What is built with that names the addon in debian/rules."""

    @property
    def sequence(self) -> str:
        """Return what is built with to have the addon without naming it."""
        return f"dh-sequence-{self.addon}"


THEIRS = Helper(program="dh_python3", addon="python3", package="dh-python")
OURS = Helper(program="dh_pkgtools", addon="pkgtools", package="dh-pkgtools")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a migration leaves to the maintainer."""

    file: str
    """As seen from the source package's top."""
    line: int
    """Counted from 1; 0 for the whole file."""
    text: str
    """What is to be done there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMigration:
    """A file that changes."""

    file: str
    """As seen from the source package's top."""
    old: str | None
    """None: there is no such file."""
    new: str | None
    """None: the file goes."""

    def diff(self) -> str:
        """Return a unified diff, which `patch -p1` takes."""
        before, after = ((text or "").splitlines(keepends=True) for text in (self.old, self.new))
        there = "/dev/null" if self.old is None else f"a/{self.file}"
        wanted = "/dev/null" if self.new is None else f"b/{self.file}"
        lines = difflib.unified_diff(before, after, there, wanted)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What is to change in a source package."""

    files: tuple[FileMigration, ...]
    """Those that differ, sorted by name."""
    remarks: tuple[Remark, ...]
    """What is left to do by hand, sorted by file and line."""


def plan_migration(texts: Mapping[str, str], *, back: bool = False, strategy: str = "") -> Migration:
    """Plan to use dh_pkgtools in the place of dh_python3, or the reverse.

    `texts` are the files of debian/ by their paths from the top, control and rules among them; `strategy` goes to
    a manifest. Raises UsageError where neither program is used, or debian/control can't be read.
    """
    old, new = (OURS, THEIRS) if back else (THEIRS, OURS)
    has_sequence = re.search(_word(old.sequence), texts[CONTROL]) is not None
    named = not has_sequence and _names(texts[RULES], old)
    rules = _migrated_rules(texts[RULES], old, new)
    control = _migrated_control(texts[CONTROL], old, new, is_named=named)
    after: dict[str, str | None] = {CONTROL: control, RULES: rules}
    if back and texts.get(MANIFEST, "").startswith(_MARK):
        after[MANIFEST] = None
    elif strategy:
        after[MANIFEST] = _manifest(texts, strategy)
    if control == texts[CONTROL] and rules == texts[RULES] and not _uses(texts, new):
        raise UsageError(f"{CONTROL} and {RULES} name neither {old.sequence} nor dh --with {old.addon}: nothing to do")
    files = (FileMigration(file=name, old=texts.get(name), new=after[name]) for name in sorted(after))
    return Migration(
        files=tuple(one for one in files if one.old != one.new), remarks=tuple(_remarks(texts, after, old))
    )


def _uses(texts: Mapping[str, str], helper: Helper) -> bool:
    return re.search(_word(helper.sequence), texts[CONTROL]) is not None or _names(texts[RULES], helper)


def _names(rules: str, helper: Helper) -> bool:
    """Whether debian/rules calls the program, or has dh call it: that needs its package."""
    return (
        _with_addon(helper).search(rules) is not None
        or re.search(rf"^\t.*{_word(helper.program)}", rules, re.MULTILINE) is not None
    )


def _word(name: str) -> str:
    """Return a pattern for a name of a package or program that isn't a part of another."""
    return rf"(?<![\w.+-]){re.escape(name)}(?![\w.+-])"


def _with_addon(helper: Helper) -> re.Pattern[str]:
    """Match what stands before and behind an addon's name among those that dh is called with."""
    return re.compile(rf"(--with(?:out)?(?:=|[ \t]+)[\"']?(?:[\w.-]+,)*){helper.addon}(?![\w.-])")


def _migrated_rules(text: str, old: Helper, new: Helper) -> str:
    named = _with_addon(old).sub(rf"\g<1>{new.addon}", text)
    return re.sub(
        rf"(?<![\w-])((?:override_|execute_before_|execute_after_)?){old.program}(?!\w)", rf"\g<1>{new.program}", named
    )


def _migrated_control(text: str, old: Helper, new: Helper, *, is_named: bool) -> str:
    """Exchange the sequences in Build-Depends; `is_named`: debian/rules names the helper, and needs its package."""
    fields = _build_depends(text)
    for start, end in reversed(fields):
        value = _exchanged(text[start:end], old, new)
        if is_named and new is THEIRS:
            value = _removed(value, old.package)
        text = text[:start] + value + text[end:]
    if not is_named or new is THEIRS or re.search(_word(new.package), text):
        return text
    for beside in (old.package, *_EVERYWHERE):
        for start, end in _build_depends(text):
            if (added := _added(text[start:end], beside, new.package)) is not None:
                return text[:start] + added + text[end:]
    return _appended(text, new.package)


def _build_depends(text: str) -> list[tuple[int, int]]:
    """Return where the values of Build-Depends and its kin begin and end, comments within them included."""
    paragraph = re.search(r"(?:^(?!\s*\n).*\n?)*^Source:.*\n?(?:^(?!\s*\n).+\n?)*", text, re.MULTILINE | re.IGNORECASE)
    if paragraph is None:
        raise UsageError(f"{CONTROL}:1: the first paragraph needs a field Source (Debian Policy 5.2)")
    field = re.compile(rf"^(?:{'|'.join(_FIELDS)})[ \t]*:((?:.*\n?)(?:^[ \t#].*\n?)*)", re.MULTILINE | re.IGNORECASE)
    found = field.finditer(text, paragraph.start(), paragraph.end())
    return [one.span(1) for one in found]


def _lines_of(value: str) -> list[str]:
    return value.splitlines(keepends=True)


def _exchanged(value: str, old: Helper, new: Helper) -> str:
    """Replace the sequence, and drop a limit on its version: the other one has versions of its own."""
    name = rf"{_word(old.sequence)}(?:\s*\([^)]*\))?"
    return "".join(line if line.startswith("#") else re.sub(name, new.sequence, line) for line in _lines_of(value))


def _added(value: str, beside: str, package: str) -> str | None:
    """Add a relation behind another one, in a line of its own where that has one; None where that isn't there."""
    lines = _lines_of(value)
    for number, line in enumerate(lines):
        if line.startswith("#"):
            continue
        own = re.fullmatch(rf"([ \t]+(?:, *)?){beside}({_RESTRICTED})[ \t]*(,?)[ \t]*(\r?\n?)", line)
        profiles = "".join(re.findall(r"\s*<[^>]*>", own[2])) if own else ""
        if own and number:
            comma = "" if "," in own[1] else ","
            first = f"{own[1]}{beside}{own[2]}{comma}{own[4] or chr(10)}"
            return "".join(
                (*lines[:number], first, f"{own[1]}{package}{profiles}{own[3]}{own[4]}", *lines[number + 1 :])
            )
        if found := re.search(rf"{_word(beside)}{_RESTRICTED}(?:[ \t]*\|[^,\n]*)?", line):
            profiles = "".join(re.findall(r"\s*<[^>]*>", found[0]))
            lines[number] = f"{line[: found.end()]}, {package}{profiles}{line[found.end() :]}"
            return "".join(lines)
    return None


def _removed(value: str, package: str) -> str:
    """Remove a relation, and its line where it has one."""
    lines = _lines_of(value)
    for number, line in enumerate(lines):
        if line.startswith("#"):
            continue
        own = re.fullmatch(rf"[ \t]+(, *)?{package}{_RESTRICTED}[ \t]*(,?)[ \t]*\r?\n?", line)
        if own and number:
            if not own[2] and not own[1]:  # the last one: that above it is now, and has no comma
                lines[number - 1] = re.sub(r",(\s*)\Z", r"\1", lines[number - 1])
            return "".join((*lines[:number], *lines[number + 1 :]))
        lines[number] = re.sub(rf",[ \t]*{package}(?![\w.+-]){_RESTRICTED}", "", line)
    return "".join(lines)


def _appended(text: str, package: str) -> str:
    """Add a relation at the end of Build-Depends."""
    document = parse_deb822_file(text.splitlines(keepends=True))
    fields = next(iter(document)).as_interpreted_dict_view(LIST_COMMA_SEPARATED_INTERPRETATION)
    if "Build-Depends" not in fields:
        raise UsageError(f"{CONTROL}: no field Build-Depends: add one that names {package}")
    with fields["Build-Depends"] as relations:
        relations.append(package)
    return document.dump()


def _manifest(texts: Mapping[str, str], strategy: str) -> str:
    """Return a manifest in which all packages with Python modules have a strategy."""
    if MANIFEST in texts:
        raise UsageError(f"{MANIFEST} is there already: say `strategy` there")
    blocks = re.split(r"\n(?:[ \t]*\n)+", texts[CONTROL])
    packages = [
        found[1] for block in blocks if _SUBSTVAR in block and (found := re.search(r"(?m)^Package:[ \t]*(\S+)", block))
    ]
    tables = (f'\n[packages."{name}"]\nstrategy = "{strategy}"\n' for name in packages)
    return _MARK + "".join(tables)


def _remarks(texts: Mapping[str, str], after: Mapping[str, str | None], old: Helper) -> Iterator[Remark]:
    """Yield what a look at words can't change."""
    for name, text in sorted(texts.items()):
        for number, line in enumerate((after.get(name, text) or "").splitlines(), 1):
            code = "" if line.lstrip().startswith("#") else line
            if name != CONTROL and not name.endswith("changelog") and re.search(rf"(?<!\w){old.program}(?!\w)", code):
                yield Remark(file=name, line=number, text=f"{old.program} is named here: change that by hand")
            elif name == RULES and re.search(r"--with(?:=|\s+)\S*\$", code):
                yield Remark(file=name, line=number, text=f"--with takes a variable: see that it is not {old.addon}")
            elif name == RULES and "/cdbs/1/class/python-" in code:
                yield Remark(file=name, line=number, text=f"CDBS calls {old.program}: move to dh first")
