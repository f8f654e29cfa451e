# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""House rules for shell scripts."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.house.checkout import Checkout, Complaint


def shell(checkout: Checkout) -> Iterator[Complaint]:
    """Run shellcheck over every shell script, maintainer scripts and completions included."""
    dialects: dict[str, list[str]] = {"sh": [], "bash": []}
    for path in checkout.paths:
        if dialect := shell_dialect(path, checkout.text(path)):
            dialects[dialect].append(str(path))
    for dialect, names in dialects.items():
        if not names:
            continue
        argv = ["shellcheck", f"--shell={dialect}", "--format=gcc", "--external-sources", "--", *names]
        output = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=checkout.top)
        for line in (output.stdout + output.stderr).splitlines():
            name, _, rest = line.partition(":")
            number, _, message = rest.partition(":")
            yield Complaint(path=Path(name), line=int(number) if number.isdecimal() else 1, text=message.strip())


def shell_dialect(path: Path, text: str) -> str | None:
    """Return which shell reads a file, or None if no shell does."""
    first = text.partition("\n")[0]
    if match := re.fullmatch(r"#!\s*(?:/usr)?/bin/(?:env )?(sh|bash|dash)\b.*", first):
        return "bash" if match[1] == "bash" else "sh"
    return "bash" if path.parent.as_posix() == "docs/completions/bash" else None
