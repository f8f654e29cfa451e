# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Where SELinux is on, what was made gets its label; where it is off, nobody asks."""

from __future__ import annotations

import pytest

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, pyc_of
from tests.lab.rpm_machine import RpmMachine

RECORD = "#!/bin/sh\nprintf '%s\\n' \"$*\" >> /run/labels\ncat >> /run/labels\n"
FILES = {
    f"{DIST}/shop/__init__.py": "",
    f"{DIST}/shop/till.py": "",
    f'{DIST}/shop/\u00e9\u2028/a"b.py': "",
    "/opt/app/a.py": "",
    "/usr/share/pkgtools/private.d/app.conf": "compile||/opt/app\n",
}


@pytest.mark.parametrize("enabled", [True, False], ids=["on", "off"])
def test_cache_directories_that_were_written_are_relabelled(machine: RpmMachine, enabled: bool) -> None:
    machine.system.write("/usr/sbin/selinuxenabled", f"#!/bin/sh\nexit {int(not enabled)}\n", mode=0o755)
    machine.system.write("/usr/sbin/restorecon", RECORD, mode=0o755)
    machine.install(SamplePackage(name="shop", files=FILES))
    if not enabled:
        assert not machine.system.exists("/run/labels")
        return
    calls = machine.system.read("/run/labels").split("-i -0 -f -\n")
    labelled = {path for call in calls for path in call.split("\0") if path}
    sources = [path for path in FILES if path.endswith(".py")]
    made = {pyc_of(source, version) for source in sources for version in machine.python}
    assert labelled == made | {path.rpartition("/")[0] for path in made}
