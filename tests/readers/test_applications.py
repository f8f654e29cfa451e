# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which directories are a package's own: real layouts of Debian's packages, as their file lists have them."""

from __future__ import annotations

import pytest

from pkgtools.runtime.facts import InstalledPath
from pkgtools.survey.applications import Standing, judge, private_roots

OWN, POSSIBLE, PROGRAMS, NONE = Standing.OWN, Standing.POSSIBLE, Standing.PROGRAMS, Standing.NONE
CASES: dict[str, tuple[str, dict[str, bool], dict[str, Standing]]] = {
    "application": (
        "gajim",
        {"/usr/share/gajim/gajim.py": False, "/usr/share/gajim/plugins/x/x.py": False},
        {"/usr/share/gajim": OWN},
    ),
    "library directory": (
        "acme",
        {"/usr/lib/acme/a/m.py": False, "/usr/lib/acme/b/m.py": False},
        {"/usr/lib/acme": OWN},
    ),
    "another name": ("hplip-data", {"/usr/share/hplip/base/g.py": False}, {"/usr/share/hplip/base": POSSIBLE}),
    "programs": (
        "hplip-data",
        {"/usr/share/hplip/toolbox.py": True, "/usr/share/hplip/base/g.py": False},
        {"/usr/share/hplip": POSSIBLE},
    ),
    "own programs": ("acme", {"/usr/share/acme/run.py": True}, {"/usr/share/acme": PROGRAMS}),
    "a program above modules": (
        "acme",
        {"/usr/share/acme/run.py": True, "/usr/share/acme/parts/m.py": False},
        {"/usr/share/acme": OWN},
    ),
    "programs elsewhere": ("acme", {"/srv/web/run.py": True}, {"/srv/web": NONE}),
    "a program among modules": (
        "acme",
        {"/usr/share/acme/run.py": True, "/usr/share/acme/m.py": False},
        {"/usr/share/acme": OWN},
    ),
    "libstdc++6": (
        "libstdc++6",
        {
            "/usr/share/gcc/python/libstdcxx/v6/printers.py": False,
            "/usr/share/gdb/auto-load/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30-gdb.py": False,
        },
        {
            "/usr/share/gcc/python/libstdcxx/v6": NONE,
            "/usr/share/gdb/auto-load/usr/lib/x86_64-linux-gnu": NONE,
        },
    ),
    "libglib2.0-0": ("libglib2.0-0", {"/usr/share/glib-2.0/gdb/glib_gdb.py": False}, {"/usr/share/glib-2.0/gdb": NONE}),
    "monitoring-plugins-contrib": (
        "monitoring-plugins-contrib",
        {"/usr/lib/nagios/plugins/check_x.py": False},
        {"/usr/lib/nagios/plugins": NONE},
    ),
    "hook of apport": (
        "acme",
        {"/usr/share/apport/package-hooks/acme.py": False},
        {"/usr/share/apport/package-hooks": NONE},
    ),
    "apport itself": (
        "apport",
        {"/usr/share/apport/general-hooks/x.py": False},
        {"/usr/share/apport/general-hooks": OWN},
    ),
    "inkscape": ("inkscape", {"/usr/share/inkscape/extensions/x.py": False}, {"/usr/share/inkscape/extensions": OWN}),
    "plugin of inkscape": (
        "inkscape-textext",
        {"/usr/share/inkscape/extensions/textext/x.py": False},
        {"/usr/share/inkscape/extensions/textext": NONE},
    ),
    "printer backend": ("acme", {"/usr/lib/cups/backend/acme.py": True}, {"/usr/lib/cups/backend": NONE}),
    "examples": ("acme", {"/usr/share/acme/examples/a.py": False}, {"/usr/share/acme/examples": NONE}),
    "templates": (
        "acme",
        {"/usr/share/acme/templates/a.py": False, "/usr/share/acme/m.py": False},
        {"/usr/share/acme": OWN, "/usr/share/acme/templates": NONE},
    ),
    "vendor": ("acme", {"/opt/acme/lib/m.py": False}, {"/opt/acme/lib": OWN}),
    "vendor's other name": ("acme", {"/opt/vendor/acme/m.py": False}, {"/opt/vendor/acme": POSSIBLE}),
    "shared directories": ("acme", {"/usr/share/m.py": False, "/etc/acme/m.py": False, "/usr/bin/x.py": True}, {}),
    "a longer name": ("acme", {"/usr/share/acme-data/m.py": False}, {"/usr/share/acme-data": POSSIBLE}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_directories_are_judged(case: tuple[str, dict[str, bool], dict[str, Standing]]) -> None:
    package, sources, expected = case
    judged = judge(package, {InstalledPath(path): executable for path, executable in sources.items()})
    assert {one.directory: one.standing for one in judged} == expected
    assert all(one.why for one in judged)
    assert list(private_roots(judged, OWN)) == sorted(one for one, standing in expected.items() if standing is OWN)
