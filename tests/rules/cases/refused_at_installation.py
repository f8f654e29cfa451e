# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What the runtime refuses or skips on every system."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE
from tests.rules.case import Case

CONF = "/usr/share/pkgtools/private.d/acme.conf"
EXCLUSION = "/usr/share/python3/bcep/acme"
SETTINGS = "/etc/pkgtools/bytecode.conf"
DEBIAN = "/etc/python3/debian_config"
M = f"{PRIVATE}/lib/m.py"
P = f"{PUBLIC}/acme/m.py"
REGISTERED = f"compile||{PRIVATE}\n"


def named(length: int) -> str:
    return f"{PUBLIC}/{'n' * length}.py"


def with_registration(text: str = REGISTERED, mode: int = 0o644, uid: int = 0) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, CONF: SampleFile(text, mode, uid=uid)})


def below(mode: int, directory: str = PRIVATE, text: str = REGISTERED) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, CONF: text}, directory_modes={directory: mode})


def linked(to: str, **files: str) -> SamplePackage:
    return SamplePackage(name="acme", files={f"{PUBLIC}/acme/__init__.py": SOURCE, **files}, symlinks={P: to})


TRIPS = [
    Case(
        id="carriage-return",
        package=with_registration(f"compile||{PRIVATE}\r\n"),
        hits=((CONF, None),),
        severity=Severity.INFO,
    ),
    Case(
        id="bad-lines",
        package=with_registration(f"# ours\ncompile|3|{PRIVATE}\n{REGISTERED}exclude||{PRIVATE}|(\n"),
        hits=((CONF, 2), (CONF, 4)),
    ),
    Case(id="unknown-kind", package=with_registration(f"complie||{PRIVATE}\n{REGISTERED}"), hits=((CONF, 1),)),
    Case(
        id="kind-of-a-newer-runtime",
        package=with_registration(f"{REGISTERED}compile-by-moonlight||{PRIVATE}\n"),
        hits=((CONF, 2),),
    ),
    Case(
        id="no-interpreter-of-its-own",
        package=with_registration(f"compile-for||{PRIVATE}|python3.13\ncompile-for||{PRIVATE}\n"),
        hits=((CONF, 1), (CONF, 2)),
    ),
    Case(
        id="bad-exclusion", package=SamplePackage(name="acme", files={EXCLUSION: "all||/x\n"}), hits=((EXCLUSION, 1),)
    ),
    Case(id="rpm", package=with_registration("compile||lib\n"), kind=Kind.RPM, hits=((CONF, 1),)),
    Case(id="tree", package=with_registration("compile||lib\n"), kind=Kind.TREE, hits=((CONF, 1),)),
    Case(id="registration-to-be-written", package=with_registration(mode=0o666), hits=((CONF, None),)),
    Case(id="registration-of-a-builder", package=with_registration(uid=1000), hits=((CONF, None),)),
    Case(
        id="registrations-directory",
        package=below(0o1777, CONF.rpartition("/")[0]),
        hits=((CONF, None),),
    ),
    Case(
        id="linked-registration",
        package=SamplePackage(name="acme", files={M: SOURCE}, symlinks={CONF: "/etc/acme/private.conf"}),
        hits=((CONF, None),),
    ),
    Case(id="system", package=with_registration(mode=0o666), kind=Kind.ROOT, hits=((CONF, None),)),
    Case(
        id="system-bad-lines",
        package=SamplePackage(name="acme", files={M: SOURCE, CONF: "compile||lib\n", SETTINGS: "levels = 3\n"}),
        kind=Kind.ROOT,
        hits=((CONF, 1), (SETTINGS, None)),
        severity=Severity.WARNING,
    ),
    Case(
        id="settings-of-others",
        package=SamplePackage(name="acme", files={M: SOURCE, SETTINGS: SampleFile("compile = no\n", uid=1000)}),
        kind=Kind.ROOT,
        hits=((SETTINGS, None),),
        severity=Severity.ERROR,
    ),
    Case(id="way-to-modules", package=below(0o777), hits=((PRIVATE, None),), severity=Severity.DANGER),
    Case(id="base-that-is-sticky", package=below(0o1777), hits=((PRIVATE, None),), severity=Severity.DANGER),
    Case(
        id="way-in-an-interpreter's-path",
        package=SamplePackage(
            name="acme", files={f"{PUBLIC}/a/b/m.py": SOURCE}, directory_modes={f"{PUBLIC}/a": 0o1777}
        ),
        hits=((f"{PUBLIC}/a", None),),
        severity=Severity.DANGER,
    ),
    Case(id="link", package=linked("/etc/acme/m.py"), hits=((P, None),), severity=Severity.INFO),
    Case(
        id="link-in-the-package",
        package=linked("../../../../share/acme/m.py", **{f"{PRIVATE}/m.py": SOURCE}),
        hits=((P, None),),
        severity=Severity.INFO,
    ),
    Case(
        id="directory",
        package=SamplePackage(name="acme", files={f"{P}/x": "", f"{PUBLIC}/acme/n.py": SOURCE}),
        hits=((P, None),),
        severity=Severity.INFO,
    ),
    Case(
        id="long-name",
        package=SamplePackage(name="acme", files={named(240): SOURCE}),
        hits=((named(240), None),),
        severity=Severity.WARNING,
    ),
    Case(
        id="long-name-for-another-level",
        package=SamplePackage(name="acme", files={named(239): SOURCE}),
        hits=((named(239), None),),
        severity=Severity.INFO,
    ),
]
SPARES = [
    Case(id="own-interpreter", package=with_registration(f"compile-for||{PRIVATE}|/opt/acme/bin/python3.13\n")),
    Case(
        id="system",
        package=SamplePackage(name="acme", files={M: SOURCE, CONF: REGISTERED, SETTINGS: "compile = no\n"}),
        kind=Kind.ROOT,
    ),
    Case(
        id="debians-settings",
        package=SamplePackage(name="acme", files={M: SOURCE, DEBIAN: "[DEFAULT]\nbyte-compile = standard\n"}),
        kind=Kind.ROOT,
    ),
    Case(id="directories-of-a-system", package=below(0o777), kind=Kind.ROOT),
    Case(id="right", package=with_registration(f"# ours\n\n{REGISTERED}exclude|-3.9|{PRIVATE}|t.*\n")),
    Case(id="built-with-umask-002", package=with_registration(mode=0o664)),
    Case(
        id="not-read", package=SamplePackage(name="acme", files={f"{CONF}.dpkg-new": "?", f"{CONF[:-9]}.x.conf": "?"})
    ),
    Case(id="longest-name", package=SamplePackage(name="acme", files={named(233): SOURCE})),
    Case(id="roots-group", package=below(0o775)),
    Case(id="said-by-another-rule", package=below(0o777, f"{PRIVATE}/lib")),
    Case(
        id="nobody-compiles-it",
        package=SamplePackage(
            name="acme",
            files={M: SOURCE, "/usr/share/doc/acme/m.py/x": ""},
            directory_modes={PRIVATE: 0o777},
            symlinks={f"{PRIVATE}/l.py": "lib/m.py"},
        ),
    ),
    Case(id="sticky-way-above-the-base", package=below(0o1777, text=f"compile||{PRIVATE}/lib\n")),
]
