# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Systems in which something is to be compiled and is not, or is not to be."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SOME_DAY, Files, SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, pair, pyc
from tests.rules.case import Case

PROGRAM, NEWER = "/usr/bin/python3.11", "/usr/bin/python3.13"
M, N, P = f"{PUBLIC}/acme/m.py", f"{PUBLIC}/acme/n.py", f"{PRIVATE}/p.py"
OLD_TAG, NEW_TAG = "cpython-311", "cpython-313"
CONF = "/etc/pkgtools/bytecode.conf"
DROP_IN = "/usr/share/pkgtools/private.d/acme.conf"
BCEP = "/usr/share/python3/bcep/acme"
DEFAULTS = "/usr/share/python3/debian_defaults"
PY3COMPILE = "/usr/bin/py3compile"
OWNED = "/var/lib/dpkg/info/acme.list"
REPORT = "/var/lib/pkgtools/trigger.json"
REGISTERED = {DROP_IN: f"compile||{PRIVATE}\n"}
OWN = "/opt/acme/bin/python3.13"
OWN_REGISTERED = {DROP_IN: f"compile-for||{PRIVATE}|{OWN}\n"}
OWN_LINKED = {DROP_IN: f"compile-for||{PRIVATE}|/opt/acme/bin/python3\n"}
OWN_BESIDE = {"/opt/acme/bin/python3": "", OWN: "", **OWN_LINKED}
PYTHON2 = 'print "hello"\n'


def system(
    files: Files,
    compiler: str = "/usr/bin/pkgtools-compile",
    symlinks: Mapping[str, str] | None = None,
    directory_modes: Mapping[str, int] | None = None,
) -> SamplePackage:
    everything = {PROGRAM: "", **({compiler: ""} if compiler else {}), **files}
    return SamplePackage(name="acme", files=everything, symlinks=symlinks or {}, directory_modes=directory_modes or {})


def failed(source: str, mode: int = 0o600) -> dict[str, SampleFile]:
    """Return the report of a last batch that could not compile a source."""
    outcome = {"status": "failed", "reason": "syntax-error", "source": source, "interpreter": PROGRAM}
    return {REPORT: SampleFile(json.dumps({"outcomes": [outcome]}), mode)}


def trip(case_id: str, package: SamplePackage, *places: str, severity: Severity = Severity.WARNING) -> Case:
    hits = tuple((place, None) for place in places)
    return Case(id=case_id, package=package, kind=Kind.ROOT, hits=hits, severity=severity)


def spare(case_id: str, package: SamplePackage) -> Case:
    return Case(id=case_id, package=package, kind=Kind.ROOT)


def of_tag(source: str, tag: str = OLD_TAG, level: str = "") -> dict[str, str | bytes]:
    return {source: SOURCE, cached(source, level, tag): pyc(source)}


LOCAL = "/usr/local/lib/python3.11/site-packages"
NEW_LOCAL = "/usr/local/lib/python3.13/site-packages"
NEW_DEFAULT = {"/usr/bin/python3": "python3.13"}
INFO = Severity.INFO
TRIPS = [
    trip("public", system({M: SOURCE}), PUBLIC),
    trip("one-of-two", system({**of_tag(M), N: SOURCE}), PUBLIC),
    trip("py3compile", system({M: SOURCE, OWNED: f"{M}\n"}, PY3COMPILE), PUBLIC),
    trip("py3compile-of-no-package", system({M: SOURCE, OWNED: f"{N}\n"}, PY3COMPILE), PUBLIC, severity=INFO),
    trip("no-compiler", system({M: SOURCE}, ""), PUBLIC, severity=INFO),
    trip("registered", system({P: SOURCE, **REGISTERED}), PRIVATE),
    trip("both", system({P: SOURCE, M: SOURCE, **REGISTERED}), PUBLIC, PRIVATE),
    trip("other-tag", system(of_tag(M, NEW_TAG)), PUBLIC),
    trip("each-interpreter-of-a-public-directory", system({NEWER: "", **of_tag(M)}), PUBLIC),
    trip("levels", system({CONF: "levels = 0,1\n", **of_tag(M)}), PUBLIC),
    trip("default", system({NEWER: "", **REGISTERED, **of_tag(P)}, symlinks=NEW_DEFAULT), PRIVATE),
    trip(
        "range",
        system({NEWER: "", DROP_IN: f"compile|-3.12|{PRIVATE}\n", **of_tag(P, NEW_TAG)}, symlinks=NEW_DEFAULT),
        PRIVATE,
    ),
    trip("own-interpreter", system({NEWER: "", OWN: "", P: SOURCE, **OWN_REGISTERED}, symlinks=NEW_DEFAULT), PRIVATE),
    trip("own-interpreter-by-the-name-beside-it", system({**OWN_BESIDE, **of_tag(P)}), PRIVATE),
    trip(
        "declared-default",
        system(
            {NEWER: "", DEFAULTS: "[DEFAULT]\ndefault-version = python3.13\n", **REGISTERED, **of_tag(P)},
            symlinks={"/usr/bin/python3": "/etc/alternatives/python3"},
        ),
        PRIVATE,
    ),
    trip("merged-usr", system({"/usr/lib/acme/m.py": SOURCE, DROP_IN: "compile||/lib/acme\n"}), "/usr/lib/acme"),
    trip("exclusion-of-others", system({M: SOURCE, BCEP: SampleFile(f"dir||{PUBLIC}\n", 0o666)}), PUBLIC),
    trip("settings-of-others", system({M: SOURCE, CONF: SampleFile("compile = no\n", 0o666)}), PUBLIC),
    trip("local", system({f"{LOCAL}/m.py": SOURCE}), LOCAL, severity=INFO),
    trip(
        "local-interpreter",
        system({"/usr/local/bin/python3.13": "", f"{NEW_LOCAL}/m.py": SOURCE}, ""),
        NEW_LOCAL,
        severity=INFO,
    ),
    trip("failed", system({M: SOURCE, **failed(M)}), PUBLIC, severity=INFO),
    trip("changed-since-it-failed", system({M: SampleFile(SOURCE, mtime=SOME_DAY + 9), **failed(M)}), PUBLIC),
    trip("damaged-report", system({M: SOURCE, REPORT: "[]"}), PUBLIC),
    trip("report-of-others", system({M: SOURCE, **failed(M, 0o606)}), PUBLIC),
    trip("python-2", system({M: PYTHON2}), PUBLIC, severity=INFO),
    trip("refused", system({P: SOURCE, **REGISTERED}, directory_modes={PRIVATE: 0o777}), PRIVATE, severity=INFO),
    trip("unreadable", system({P: SampleFile(SOURCE, 0o600, uid=1234), **REGISTERED}), PRIVATE, severity=INFO),
    trip("linked-cache", system({M: SOURCE}, symlinks={f"{PUBLIC}/acme/__pycache__": "/srv"}), PUBLIC, severity=INFO),
    trip("file-for-a-cache", system({M: SOURCE, f"{PUBLIC}/acme/__pycache__": ""}), PUBLIC, severity=INFO),
    trip("long-name", system({f"{PUBLIC}/{'m' * 240}.py": SOURCE}), PUBLIC, severity=INFO),
    Case(
        id="looks-like-python-2-and-compiles",
        package=system({M: f'"""\n{PYTHON2}"""\n'}),
        kind=Kind.ROOT,
        hits=((PUBLIC, None),),
        severity=Severity.WARNING,
        compiles=True,
    ),
]
SPARES = [
    spare("compiled", system(of_tag(M))),
    spare("no-modules", system({})),
    spare("switched-off", system({M: SOURCE, CONF: "compile = no\n"})),
    spare("excluded", system({M: SOURCE, BCEP: f"dir|-3.12|{PUBLIC}/acme\n"})),
    spare("left-alone", system({M: SOURCE, DROP_IN: "leave|none|acme\n", OWNED: f"{M}\n"})),
    spare("excluded-by-pattern", system({P: SOURCE, DROP_IN: f"compile||{PRIVATE}\nexclude||{PRIVATE}|p[.]py\n"})),
    spare("not-registered", system({P: SOURCE})),
    spare("registration-of-others", system({P: SOURCE, DROP_IN: SampleFile(f"compile||{PRIVATE}\n", 0o666)})),
    spare("standard-library", system({"/usr/lib/python3.11/os.py": SOURCE})),
    spare("no-interpreter", system({"/usr/lib/python3.12/site-packages/m.py": SOURCE})),
    spare(
        "one-interpreter-of-a-private-directory",
        system({NEWER: "", **REGISTERED, **of_tag(P, NEW_TAG)}, symlinks=NEW_DEFAULT),
    ),
    spare("own-interpreter", system({OWN: "", **OWN_REGISTERED, **of_tag(P, NEW_TAG)})),
    spare("own-interpreter-by-the-name-beside-it", system({**OWN_BESIDE, **of_tag(P, NEW_TAG)})),
    spare("own-interpreter-of-unknown-version", system({"/opt/acme/bin/python3": "", P: SOURCE, **OWN_LINKED})),
    spare("link", system(of_tag(M), symlinks={N: "m.py"})),
    spare("central", system({M: SOURCE, f"/var/cache/python{PUBLIC}/acme/m.{OLD_TAG}.pyc": pyc(M)})),
    spare("unusable", system({**pair(M), "/usr/bin/python2.7": "", "/usr/lib/python2.7/dist-packages/m.py": SOURCE})),
]
