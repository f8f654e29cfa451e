# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""House rules for documents: they say what the code says."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from pkgtools.cli.group import main as group
from pkgtools.runtime.policy.admin import SETTINGS
from tools.house.checkout import Checkout, Complaint

COMMANDS = (
    ("pkgtools-clean", ("triggers/pkgtools-clean",)),
    ("pkgtools-compile", ("triggers/pkgtools-compile",)),
    ("pkgtools-trigger", ("triggers/pkgtools-trigger",)),
    ("dh_pkgtools", (sys.executable, "-m", "pkgtools.debhelper.main")),
    ("py3clean", ("triggers/py3clean",)),
    ("py3compile", ("triggers/py3compile",)),
)
"""Manual pages beside that of pkgtools, and the commands in a checkout whose options each has to mention."""
SPDX = ("SPDX-FileCopyrightText: 2026 The pkgtools authors", "SPDX-License-Identifier: MIT")
SPDX_SUFFIXES = {".c", ".conf", ".py", ".rst", ".sh", ".toml"}


def spdx(checkout: Checkout) -> Iterator[Complaint]:
    """Find programs and configuration without the two-line licence header."""
    for path in checkout.paths:
        text = checkout.text(path)
        if not (path.suffix in SPDX_SUFFIXES or path.name == "Makefile" or text.startswith("#!")):
            continue
        head = "\n".join(text.split("\n")[:4])
        if text and not all(line in head for line in SPDX):
            yield Complaint(path=path, line=1, text=f"must begin with: {' / '.join(SPDX)}")


def manuals(checkout: Checkout) -> Iterator[Complaint]:
    """Find options that the manual page of their command does not mention, and pages of nothing."""
    yield from _sections(checkout, Path("docs/man/pkgtools.rst"))
    for name, argv in COMMANDS:
        options = help_options(checkout.top, argv)
        yield from missing_options(checkout, Path("docs/man") / f"{name}.rst", options)
    yield from _settings(checkout, Path("docs/man/bytecode.conf.rst"))
    for path in checkout.paths:
        if path.parent == Path("docs/man") and path.stem not in {"pkgtools", "bytecode.conf", *dict(COMMANDS)}:
            yield Complaint(path=path, line=1, text="no command of this name is compared with it: see COMMANDS")


def _settings(checkout: Checkout, page: Path) -> Iterator[Complaint]:
    """Compare the keys that a manual page explains with those that the runtime knows."""
    explained = set(re.findall(r"^([a-z-]+) = [A-Za-z0-9]", checkout.text(page), flags=re.MULTILINE))
    for key in explained ^ set(SETTINGS):
        wrong = "is not a setting" if key in explained else "is not explained"
        yield Complaint(path=page, line=1, text=f"{key} {wrong}")


def _sections(checkout: Checkout, page: Path) -> Iterator[Complaint]:
    """Compare the section of each subcommand with what click knows of it, and find sections of none."""
    _, *sections = re.split(r"^\*\*pkgtools ([a-z ]+)\*\*", checkout.text(page), flags=re.MULTILINE)
    texts: dict[str, str] = {}
    for name, text in zip(sections[::2], sections[1::2], strict=True):
        others = re.findall(r"\| \*\*([a-z]+)\*\*", text.partition("\n")[0])
        texts.update((one, text) for one in (name, *(f"{name.rpartition(' ')[0]} {other}" for other in others)))
    commands = dict(commands_of(group))
    for name in texts.keys() ^ commands.keys():
        missing = "has no section" if name in commands else "is not a command"
        yield Complaint(path=page, line=1, text=f"pkgtools {name} {missing}")
    for name in texts.keys() & commands.keys():
        for option in commands[name]:
            if not _is_mentioned(option, texts[name]):
                yield Complaint(path=page, line=1, text=f"{option} is not mentioned in the section of pkgtools {name}")


def commands_of(command: click.Command, name: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each subcommand with its options; of one that has subcommands itself, those, as `templates list`."""
    if not isinstance(command, click.Group):
        options = (one for one in command.params if isinstance(one, click.Option) and not one.hidden)
        yield name, tuple(option for one in options for option in (*one.opts, *one.secondary_opts))
        return
    context = click.Context(command)
    for below in command.list_commands(context):
        found = command.get_command(context, below)
        if found is not None:
            yield from commands_of(found, f"{name} {below}".strip())


def help_options(top: Path, argv: tuple[str, ...]) -> set[str]:
    """Ask a command for its options, short and long."""
    answer = subprocess.run([*argv, "--help"], check=True, capture_output=True, text=True, cwd=top).stdout
    answer = answer.replace("python -m ", "")
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*|-[A-Za-z])(?![\w-])", answer))


def missing_options(checkout: Checkout, page: Path, options: set[str]) -> Iterator[Complaint]:
    """Name the options that a page does not contain."""
    if page not in checkout.paths:
        yield Complaint(path=page, line=1, text="the manual page is missing")
        return
    text = checkout.text(page)
    for option in sorted(options):
        if not _is_mentioned(option, text):
            yield Complaint(path=page, line=1, text=f"{option} is not mentioned")


def _is_mentioned(option: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) is not None


def reasons(checkout: Checkout) -> Iterator[Complaint]:
    """Find status and reason codes that the reference does not explain."""
    page = Path("docs/reference/exit-codes-and-reasons.md")
    documented = set(re.findall(r"^\| `([a-z-]+)`", checkout.text(page), re.MULTILINE))
    facts = Path("pkgtools/runtime/facts.py")
    for node in ast.walk(ast.parse(checkout.text(facts))):
        if isinstance(node, ast.ClassDef) and node.name in {"Status", "Reason"}:
            for code, line in string_constants(node):
                if code not in documented:
                    yield Complaint(path=page, line=1, text=f"{code} ({facts}:{line}) is not explained")


def string_constants(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """Yield the strings that are assigned in a class, with their lines."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield str(statement.value.value), statement.lineno


def versions(checkout: Checkout) -> Iterator[Complaint]:
    """Compare the version of the Debian packages with that of the Python package."""
    changelog = Path("debian/changelog")
    if changelog in checkout.paths:
        debian = checkout.text(changelog).partition("(")[2].partition(")")[0]
        ours = re.search(r'__version__ = "([^"]+)"', checkout.text(Path("pkgtools/__init__.py")))
        if ours is None or ours[1] != debian:
            yield Complaint(path=changelog, line=1, text=f"{debian} is not pkgtools.__version__")
