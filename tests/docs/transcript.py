# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The commands of a tutorial and what it says that they print, run one after the other in a throw-away system.

In a block ```console a line that begins with `# ` is a command; a here-document belongs to it. The lines below it are
its output: `...` alone stands for any lines, and ` ... ` or a closing ` ...` within a line for any text. A command
without such lines prints nothing, and each command ends with status 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.system import System

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"<<'(\w+)'")
_MARK = "=-=-= command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a page."""

    command: str
    """What is typed, with its here-document."""
    output: str
    """What the page shows below it."""


def steps_of(page: Path) -> list[Step]:
    """Return the commands of a page."""
    return [step for block in _BLOCK.findall(page.read_text("utf-8")) for step in _steps(block.splitlines())]


def _steps(lines: list[str]) -> Iterator[Step]:
    waiting = iter(lines)
    command: list[str] = []
    output: list[str] = []
    for line in waiting:
        if line.startswith("# "):
            if command:
                yield Step(command="\n".join(command), output="\n".join(output))
            command, output = [line[2:]], []
            heredoc = _HEREDOC.search(line)
            while heredoc is not None and command[-1] != heredoc[1]:
                command.append(next(waiting))
            while command[-1].endswith("\\"):
                command.append(next(waiting))
        else:
            assert command, f"output before a command: {line}"
            output.append(line)
    if command:
        yield Step(command="\n".join(command), output="\n".join(output))


def run_steps(system: System, steps: list[Step], directory: str) -> None:
    """Run the commands in one shell that begins in `directory`; assert that each prints what its page shows."""
    script = f"cd {directory}\nexec 2>&1\n"
    for number, step in enumerate(steps):
        script += f"{{ {step.command}\n}} </dev/null\necho '{_MARK}' {number} $?\n"
    said = system.run("bash", "-s", stdin=script).stdout
    parts = re.split(rf"^{_MARK} (\d+) (\d+)\n", said, flags=re.MULTILINE)
    shown = list(zip(parts[::3], parts[2::3], strict=False))
    assert len(shown) == len(steps), f"the shell ended after {len(shown)} of {len(steps)} commands:\n{said[-3000:]}"
    for step, (printed, status) in zip(steps, shown, strict=True):
        assert status == "0", f"{step.command}: exit {status}\n{printed}"
        assert is_like(step.output, printed.rstrip("\n")), f"{step.command}\n{printed}"


def is_like(shown: str, printed: str) -> bool:
    """Whether a page's output, which may leave out lines and parts of lines, is that of a command."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in shown.split("\n")
    )
    return re.fullmatch(pattern, f"{printed}\n") is not None
