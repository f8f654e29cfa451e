# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Tools of Python 2's packaging."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme.py": "x = 1\n"}
BY_DH_PYTHON2 = (
    "# Automatically added by dh_python2\n"
    "if which pyclean >/dev/null 2>&1; then\n"
    "\tpyclean -p acme \n"
    "else\n"
    '\tdpkg -L acme | grep \\.py$ | while read file; do rm -f "${file}"[co]; done\n'
    "fi\n"
    "# End automatically added section\n"
)
BY_DH_PYSUPPORT = (
    "# Automatically added by dh_pysupport\n"
    "if which update-python-modules >/dev/null 2>&1; then\n"
    "\tupdate-python-modules acme.public\n"
    "fi\n"
    "# End automatically added section\n"
)
BY_DH_PYCENTRAL = (
    "# Automatically added by dh_pycentral\n"
    "rm -f /usr/share/pycentral-data/acme\n"
    "rm -f /usr/share/pycentral-data/till\n"
    "# End automatically added section\n"
)


def script(body: str, name: str = "postinst", depends: str = "python3") -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={name: body}, fields={"Depends": depends})


TRIPS = [
    Case(id="dh-python2", package=script(BY_DH_PYTHON2, "prerm"), hits=(("prerm", 5),), severity=Severity.WARNING),
    Case(id="dh-pysupport", package=script(BY_DH_PYSUPPORT), hits=(("postinst", 5),), severity=Severity.WARNING),
    Case(id="part-of-a-helper", package=script(BY_DH_PYCENTRAL), hits=(("postinst", 4),), severity=Severity.WARNING),
    Case(
        id="not-tested",
        package=script("pycompile -p acme\n/usr/bin/py_compilefiles /usr/share/acme\n"),
        hits=(("postinst", 3), ("postinst", 4)),
        severity=Severity.ERROR,
    ),
    Case(
        id="tolerated",
        package=script("pycentral pkginstall acme || true\n"),
        hits=(("postinst", 3),),
        severity=Severity.WARNING,
    ),
    Case(
        id="tested-by-its-path",
        package=script("[ ! -x /usr/bin/pycompile ] || pycompile -p acme\n"),
        hits=(("postinst", 3),),
        severity=Severity.WARNING,
    ),
    Case(
        id="for-an-old-upgrade",
        package=script('if dpkg --compare-versions "$2" lt 0.3; then\n  pycentral pkgremove acme\nfi\n', "preinst"),
        hits=(("preinst", 4),),
        severity=Severity.WARNING,
    ),
    Case(
        id="tree",
        package=script("nice update-python-modules -p\n"),
        kind=Kind.TREE,
        hits=(("postinst", 3),),
        severity=Severity.ERROR,
    ),
]
SPARES = [
    Case(id="those-that-are-there", package=script("py3compile -p acme\npypy3compile -p acme || true\n")),
    Case(id="only-asked-for", package=script("if command -v pycompile >/dev/null; then echo old; fi\n")),
    Case(id="with-python-2", package=script(BY_DH_PYTHON2, depends="python2:any (>= 2.7)")),
    Case(id="with-python", package=script("pycompile -p acme\n", depends="python (>= 2.7), libc6")),
    Case(id="an-argument", package=script("echo pycompile\nrm -f /usr/bin/pycompile.acme\n")),
]
