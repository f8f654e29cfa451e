# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Write docs/completions: what bash, zsh and fish ask when a command is typed, made of the commands' own parsers.

`pkgtools` itself is asked by click's scripts, so that rules, templates and packages of a manifest are completed, too.
The others are described by shtab.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import shtab
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pkgtools.cli.group import main as group
from pkgtools.debhelper.main import make_parser
from pkgtools.runtime.facts import InvalidationMode
from pkgtools.runtime.options import COMMANDS

COMPLETIONS = Path(__file__).resolve().parent.parent / "docs/completions"
_LICENCE = "# SPDX-FileCopyrightText: 2026 The pkgtools authors\n# SPDX-License-Identifier: MIT\n"
_MADE = "# Written by tools/completions.py; don't edit.\n"
_HEADS = {
    # what click and shtab write; each is theirs to mend
    "bash": "# shellcheck shell=bash\n"
    "# shellcheck disable=SC2004,SC2015,SC2034,SC2048,SC2086,SC2128,SC2162,SC2178,SC2199,SC2206,SC2207,SC2219\n",
    "zsh": "",
    "fish": "",
}
_NAMES = {"bash": "{}", "zsh": "_{}", "fish": "{}.fish"}
_PACKAGES = {"bash": "_pkgtools_packages", "zsh": "_pkgtools_packages", "fish": "__pkgtools_packages"}
"""What completes the name of an installed package."""
_PREAMBLE = {
    "bash": """
_pkgtools_packages() {
    compgen -W "$(dpkg-query --show --showformat='${Package}\\n' -- "$1*" 2>/dev/null)" -- "$1"
}
""",
    "zsh": """
_pkgtools_packages() {
    local -a packages
    packages=("${(@f)$(dpkg-query --show --showformat='${Package}\\n' -- "$PREFIX*" 2>/dev/null)}")
    compadd -a packages
}
""",
    "fish": """
function __pkgtools_packages
    dpkg-query --show --showformat='${Package}\\n' -- (commandline -ct)'*' 2>/dev/null
end
""",
}
_COMPLETE = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY, "PATH": shtab.FILE, "PKG": _PACKAGES}
"""What an argument is called in --help -> what completes it."""
_OF_CLICK: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_PARSERS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    **{line.program: line.parser for line in COMMANDS.values()},
    "dh_pkgtools": make_parser,
}


def main() -> None:
    """Write all of them."""
    for path, text in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def files() -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of each script."""
    for shell, name in _NAMES.items():
        of_click = _OF_CLICK[shell](group, {}, "pkgtools", "_PKGTOOLS_COMPLETE")
        text = of_click.source_template % of_click.source_vars()
        yield COMPLETIONS / shell / name.format("pkgtools"), _headed(shell, text)
        for command, make in _PARSERS.items():
            parser = make()
            for action in parser._actions:
                _describe(action)
            text = shtab.complete(parser, shell, preamble=_PREAMBLE)  # type: ignore[arg-type] # a text for each shell, as its manual says
            yield COMPLETIONS / shell / name.format(command), _headed(shell, text)


def _describe(action: argparse.Action) -> None:
    """Say of an option what completes its value."""
    if isinstance(action.metavar, str) and action.metavar in _COMPLETE:
        action.complete = _COMPLETE[action.metavar]  # type: ignore[attr-defined] # as shtab wants it
    if action.dest == "mode":
        action.choices = [mode.value for mode in InvalidationMode]


def _headed(shell: str, text: str) -> str:
    """Put the licence above a script; zsh wants its own first line first."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    first, rest = "", lines
    if lines.startswith("#compdef"):
        first, _, rest = lines.partition("\n")
        first += "\n"
    return f"{first}{_HEADS[shell]}{_LICENCE}{_MADE}\n{rest.strip()}\n"


if __name__ == "__main__":
    main()
