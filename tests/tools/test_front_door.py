# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a newcomer calls first: `make deb` on a system without the tools of development."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.lab.commands import clean_environment
from tests.lab.ours import CHECKOUT

PROVIDERS = {
    "debhelper-compat": "debhelper",
    "dh-sequence-python3": "dh-python",
    "dh-sequence-sphinxdoc": "python3-sphinx",
}


def test_building_the_debian_packages_imports_nothing_of_development() -> None:
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import tools.build_debs"
    subprocess.run([sys.executable, "-ISB", "-c", program], check=True, env=clean_environment({}))


def test_build_dependencies_are_those_that_make_deb_installs() -> None:
    listed = (CHECKOUT / "tools/apt-packages-deb.txt").read_text("utf-8").split()
    fields = (CHECKOUT / "debian/control").read_text("utf-8").partition("\n\n")[0]
    wanted = re.findall(r"^ ([a-z0-9.+-]+)", fields.partition("Build-Depends:\n")[2], re.MULTILINE)
    assert "python3-hatchling" in wanted
    assert {PROVIDERS.get(name, name) for name in wanted} <= set(listed)
