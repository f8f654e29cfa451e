# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What `make deb` calls, with the standard library alone: build our Debian packages into a new directory."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.lab.commands import LabUnavailableError
from tests.lab.ours import build_ours


def main() -> None:
    """Build into the directory that the only argument names; exit with 2 where a tool is missing."""
    target = Path(sys.argv[1])
    try:
        build = build_ours(documentation=True)
    except LabUnavailableError as error:
        print(f"deb: {error}", file=sys.stderr)
        sys.exit(2)
    shutil.copytree(build.directory, target)


if __name__ == "__main__":
    main()
