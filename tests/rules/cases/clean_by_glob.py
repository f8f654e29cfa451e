# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scripts that delete by name, and some that look as if they did."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def prerm(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"prerm": body})


def trip(case_id: str, body: str, severity: Severity = Severity.ERROR) -> Case:
    return Case(id=case_id, package=prerm(body), hits=(("prerm", 3),), severity=severity)


def spare(case_id: str, body: str) -> Case:
    return Case(id=case_id, package=prerm(body))


TRIPS = [
    trip("find-delete", "find /usr/lib/python3/dist-packages/acme -name '*.pyc' -delete\n"),
    trip("find-everywhere", "find / -name '*.pyc' -delete\n"),
    trip("find-exec", "find /usr/lib/python3 -name '*.py[co]' -exec rm -f {} +\n"),
    trip("find-xargs", "find /usr/lib/python3 -name __pycache__ -print0 | xargs -0 -r rm -rf\n"),
    trip("find-in-own-directory", "find /usr/share/acme -name '*.pyc' -delete\n", Severity.INFO),
    trip("rm-glob", "rm -f /usr/lib/python3/dist-packages/*.pyc\n"),
    trip("rm-shared-cache", "rm -rf /usr/lib/python3/dist-packages/__pycache__\n"),
    trip("rm-in-every-directory", "rm -rf /usr/lib/python3/dist-packages/*/__pycache__\n"),
    Case(
        id="scriptlet",
        package=SamplePackage(name="acme", scripts={"postun": "find /usr/lib -name '*.pyc' -delete"}),
        kind=Kind.RPM,
        hits=(("%postun", 1),),
    ),
]
SPARES = [
    spare("by-package", "py3clean -p acme\n"),
    spare("only-looks", "find /usr/lib/python3/dist-packages/acme -name '*.pyc' | wc -l\n"),
    spare("empty-directories", "find /usr/lib/python3 -type d -name __pycache__ -empty -delete\n"),
    spare("own-cache-directory", "rm -rf /usr/share/acme/acme/__pycache__\n"),
    spare("own-tree", "rm -rf /usr/share/acme\n"),
    spare(
        "names-from-dpkg",
        "dpkg -L acme | perl -ne 's,/([^/]*)\\.py$,/__pycache__/\\1.*, or next; unlink $_ foreach glob($_)'\n",
    ),
    Case(
        id="interpreter",
        package=SamplePackage(
            name="libpython3.15-minimal",
            scripts={"postrm": "find /usr/lib/python3.15 -name __pycache__ | xargs -r rm -rf\n"},
        ),
    ),
]
