# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Have forky's lintian judge our own packages, and print what it finds beyond what is accepted here.

By hand, as root and with network: `make test` has the lintian of Debian 12 judge them. There an override would be an
unused one, so the reasons are here.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.lab.ours import build_ours
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

ACCEPTED = {
    "no-human-maintainers": "who uploads them to an archive names themselves; here it is the project",
    "ancient-python-version-field": "it keeps off a Python that is too old",
    "out-of-date-standards-version": "Debian 12, where they are built, has no newer one",
    "package-uses-old-debhelper-compat-version": "13 is the newest level of Debian 12's debhelper",
    "redundant-priority-optional-field": "Debian 12's dpkg and lintian want the field",
    "redundant-rules-requires-root-no-field": "Debian 12's dpkg takes binary-targets for granted",
    "very-long-line-length-in-source-file": "snapshots and completions are generated, tables have long rows",
}
"""Tag -> why our packages keep it."""
_TAG = re.compile(r"^[EWIPX]: pkgtools\S*(?: source)?: (\S+)")


def main() -> int:
    """Return 1 if there is a tag that is not accepted, or one is accepted that is no longer found."""
    ours = build_ours()
    binds = (Bind(source=ours.directory, target="/srv/ours"),)
    with System(root_directory("build-forky"), binds=binds, network=True) as system:
        system.run("apt-get", "-qq", "update")
        system.run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", "lintian", timeout=600)
        options = ("-EI", "--pedantic", "--allow-root", "--fail-on=none", "--tag-display-limit=0")
        said = system.run("lintian", *options, f"/srv/ours/{ours.changes().name}", timeout=600).stdout
    found = [(tag[1], line) for line in said.splitlines() if (tag := _TAG.match(line))]
    new = [line for tag, line in found if tag not in ACCEPTED]
    gone = ACCEPTED.keys() - {tag for tag, _ in found}
    print("\n".join([*new, *(f"{tag}: accepted, and not found" for tag in sorted(gone))]))
    print(f"{len(found)} findings, {len(new)} of them not accepted")
    return int(bool(new or gone))


if __name__ == "__main__":
    sys.exit(main())
