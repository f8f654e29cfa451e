# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Source packages that dh_pkgtools is tried with: many binary packages in few sources, for builds take time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tests.lab.source_builds import Source

STRATEGIES = ("trigger", "direct", "standalone", "native", "shipped", "sourceless", "cache-prefix", "none")
LEVELS = (9, 10, 11, 12, 13, 14)
LAST_STABLE_LEVEL = 13
DIST = "usr/lib/python3/dist-packages"

_WHO = "Nobody <nobody@example.org>"
_MODULE = '"""A module."""\n\nNAME = __name__\n'
_ENV = "#!/usr/bin/env python3\nprint('hello')\n"
EXTENSION = """\
#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""
_COMPILE = "gcc -shared -fPIC $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(shell python3-config --includes)"
_PAYLOAD = "override_dh_auto_install:\n\tset -e; cd payload; for name in *; do cp -a $$name ../debian/; done\n"


def binary(name: str, architecture: str = "all", **fields: str) -> str:
    """Return a paragraph of debian/control; `misc` and `pkgtools` make its Depends unless `Depends` does."""
    given = {
        "Depends": "${misc:Depends}, ${pkgtools:Depends}",
        **{key.replace("_", "-"): value for key, value in fields.items()},
    }
    lines = "".join(f"{key}: {value}\n" for key, value in given.items())
    return (
        f"Package: {name}\nArchitecture: {architecture}\n{lines}"
        "Description: sample of the pkgtools laboratory\n It is small, and there is nothing else to be said.\n"
    )


def source(
    name: str,
    binaries: Iterable[str],
    files: Mapping[str, str],
    *,
    rules: str = _PAYLOAD,
    level: int = 13,
    stable: int = LAST_STABLE_LEVEL,
    build_depends: str = "dh-sequence-pkgtools",
    dh: str = "dh $@ --buildsystem=none",
    fields: str = "",
) -> Source:
    """Return a source package; `rules` follow the rule that calls dh."""
    # a level that is still open has no package to depend on
    debhelper = f"debhelper-compat (= {level})" if level <= stable else "debhelper (>= 13)"
    head = (
        f"Source: {name}\nSection: python\nPriority: optional\nMaintainer: {_WHO}\nRules-Requires-Root: no\n"
        f"Standards-Version: 4.6.2\nBuild-Depends: {debhelper}, python3-all-dev, {build_depends}\n{fields}"
    )
    debian = {
        "control": "\n".join((head, *binaries)),
        "changelog": f"{name} (1) unstable; urgency=low\n\n  * Made.\n\n -- {_WHO}  Thu, 02 Mar 2023 03:04:05 +0000\n",
        "copyright": f"{name} was made for tests.\n\nCopyright 2026 Nobody\n\nIt is free.\n",
        "rules": f"#!/usr/bin/make -f\n%:\n\t{dh}\n\n{rules}",
        "source/format": "3.0 (native)\n",
        **({"compat": f"{level}\n"} if level > stable else {}),
    }
    return Source(name=name, files={**{f"debian/{path}": text for path, text in debian.items()}, **files})


def all_sources(python: str) -> tuple[Source, ...]:
    """Return all but those for pybuild, for a release whose default version is `python`."""
    whole = kinds(python)
    return (
        whole,
        replace(whole, name="kinds-indep", arguments=("--build=all",)),
        replace(whole, name="kinds-arch", arguments=("--build=any",)),
        choices(python),
        ranged(python),
        *compared(python),
        *(level_source(level, python) for level in LEVELS),
        *nothing_of_python(),
        *failing(python),
    )


def kinds(python: str) -> Source:
    """Return one with packages of all kinds, put in order without options."""
    return source(
        "kinds",
        (
            binary("python3-alpha"),
            binary("alpha-app"),
            binary("python3-fast", "any", Depends="${misc:Depends}, ${shlibs:Depends}, ${pkgtools:Depends}"),
            binary("python3-fast-dbg", "any", Depends="${misc:Depends}, ${shlibs:Depends}, ${pkgtools:Depends}"),
            binary("python3-listed", Recommends="${pkgtools:Recommends}", Suggests="${pkgtools:Suggests}"),
            binary("alpha-misc", Depends="${misc:Depends}"),
            binary("alpha-doc", Depends="${misc:Depends}"),
        ),
        {**kinds_payload(python), **_listed_files(python)},
        rules=_kinds_rules(python),
    )


def kinds_payload(python: str) -> dict[str, str]:
    """Return what a build installs: modules in three places, scripts, private directories, leftovers."""
    public, egg = f"payload/python3-alpha/usr/lib/python{python}", f"Alpha-1.0-py{python}.egg-info"
    return {
        f"{public}/site-packages/alpha/__init__.py": _MODULE,
        f"{public}/site-packages/alpha/deep/module.py": _MODULE,
        f"{public}/site-packages/alpha/__pycache__/__init__.cpython-311.pyc": "junk",
        f"{public}/site-packages/tests/test_alpha.py": _MODULE,
        f"{public}/site-packages/.coverage": "junk",
        f"{public}/site-packages/{egg}/PKG-INFO": "Metadata-Version: 2.1\nName: Alpha\nVersion: 1.0\n",
        f"{public}/site-packages/{egg}/SOURCES.txt": "setup.py\n",
        f"payload/python3-alpha/usr/local/lib/python{python}/dist-packages/space/part/__init__.py": _MODULE,
        f"payload/python3-alpha/{DIST}/alone.py": _MODULE,
        "payload/python3-alpha/usr/bin/alpha-tool": _ENV,
        "payload/python3-alpha/usr/bin/alpha-shell": "#!/bin/sh\nexit 0\n",
        "payload/alpha-app/usr/share/alpha-app/main.py": f"#!/usr/bin/env python{python}\n{_MODULE}",
        "payload/alpha-app/usr/share/alpha-app/parts/one.py": _MODULE,
        "payload/alpha-app/usr/lib/alpha-app/two.py": _MODULE,
        "payload/alpha-app/opt/alpha-app/lib/three.py": _MODULE,
        "payload/alpha-app/usr/bin/alpha-app": "#!/usr/local/bin/python3 -E\nprint('hello')\n",
        f"payload/alpha-misc/{DIST}/alpha_misc.py": _MODULE,
        "payload/alpha-doc/usr/share/alpha-doc/README": "Nothing of Python.\n",
        "fast.c": EXTENSION.replace("NAME", "fast"),
        "stable.c": EXTENSION.replace("NAME", "stable"),
        "source_only.py": _MODULE,
    }


def _kinds_rules(python: str) -> str:
    lines = _PAYLOAD
    for package in ("python3-fast", "python3-fast-dbg"):
        target = f"debian/{package}/usr/lib/python{python}/dist-packages"
        lines += (
            f"\tinstall -d {target}\n"
            f"\t{_COMPILE} -o {target}/fast.so fast.c\n"
            f"\t{_COMPILE} -o {target}/stable.abi3.so stable.c\n"
            f"\tinstall -m 644 source_only.py {target}/slow.py\n"
        )
    return lines


def _listed_files(python: str) -> dict[str, str]:
    """Return a package that is made of the files that a maintainer writes for dh_python3."""
    info = f"payload/python3-listed/usr/lib/python{python}/dist-packages/listed-1.0.dist-info"
    return {
        "debian/python3-listed.pyinstall": (
            "# what and where\nsrc/one.py\nsrc/two.py acme.sub\nsrc/three.py acme.sub 3.0-3.2\nsrc/four.py 3.0-\n"
        ),
        "debian/python3-listed.pyremove": "gone\nkept/gone*.py\nnever.py 3.0-3.2\n",
        "debian/python3-listed.pydist": "listed python3-listed; PEP440\n",
        "debian/python3-listed.bcep": "dir|3.0-3.2|/usr/lib/python3/dist-packages/kept\n",
        "debian/py3dist-overrides": (
            "mapped python3-by-override; PEP440\nold 3.0-3.2 python3-never\nold python3-of-old\n"
        ),
        **{f"src/{name}.py": _MODULE for name in ("one", "two", "three", "four")},
        **{f"payload/python3-listed/{DIST}/{name}": _MODULE for name in ("gone/a.py", "kept/gone1.py", "kept/b.py")},
        f"payload/python3-listed/{DIST}/never.py": _MODULE,
        f"{info}/METADATA": (
            "Metadata-Version: 2.1\nName: listed\nVersion: 1.0\n"
            "Requires-Dist: mapped (>=1.2,!=1.4,<3)\nRequires-Dist: old\n"
            "Requires-Dist: packaging>=20; sys_platform != 'win32' and python_version >= '3.8'\n"
            "Requires-Dist: colorama; sys_platform == 'win32'\n"
            "Requires-Dist: backport; python_version < '3.2'\n"
            "Provides-Extra: more\nRequires-Dist: setuptools; extra == 'more'\n"
        ),
        f"{info}/RECORD": "a,b,1\n",
        f"{info}/direct_url.json": "{}\n",
        f"{info}/INSTALLER": "pip\n",
        f"{info}/LICENSE": "free\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nlisted = listed:main\n",
    }


def choices(python: str) -> Source:
    """Return one whose rules call the helper several times, with other options each."""
    own = f"usr/lib/python{python}/dist-packages"
    files = {f"payload/choice-{name}/{own}/choice_{name.replace('-', '_')}.py": _MODULE for name in STRATEGIES}
    files |= {
        f"payload/choice-options/{own}/choice_options.py": _MODULE,
        "payload/choice-options/usr/bin/choice-options": _ENV,
        "payload/choice-options/usr/share/choice-options/x.py": _MODULE,
        f"payload/choice-left/{own}/choice_left.py": _MODULE,
        f"payload/choice-alone/{own}/choice_alone.py": _MODULE,
        "payload/choice-dirs/opt/dirs/x.py": _MODULE,
        "payload/choice-dirs/opt/choice-dirs/y.py": _MODULE,
        "payload/choice-dirs/opt/dirs/template.py": "{{ no Python }}\n",
        f"payload/choice-dirs/{own}/choice_dirs.py": _MODULE,
        "more-requirements": "packaging>=20\n",
    }
    calls = "".join(f"\tdh_pkgtools -pchoice-{name} --strategy={name}\n" for name in STRATEGIES)
    calls += (
        "\tdh_pkgtools -pchoice-options --shebang='/usr/bin/python3 -s' -V 3.9- --skip-private"
        " --depends='packaging>=20' --recommends=setuptools --suggests=wheel --requires=more-requirements\n"
        "\tdh_pkgtools -pchoice-dirs /opt/dirs -X 'template\\.py' -V 3.9-\n"
        "\tdh_pkgtools -pchoice-dirs\n"
        "\tdh_pkgtools --remaining-packages -Nchoice-alone\n"
    )
    names = [f"choice-{name}" for name in (*STRATEGIES, "left", "alone", "dirs")]
    options = binary("choice-options", Recommends="${pkgtools:Recommends}", Suggests="${pkgtools:Suggests}")
    rules = f"{_PAYLOAD}\noverride_dh_pkgtools:\n{calls}"
    verbose = source("choices", [*map(binary, names), options], files, rules=rules)
    return replace(verbose, environment={"DH_VERBOSE": "1"})


def ranged(python: str) -> Source:
    """Return one with X-Python3-Version, a manifest, dh --with, DH_OPTIONS, and a call that must change nothing."""
    own = f"usr/lib/python{python}/dist-packages"
    listing = "find debian -printf '%p %i %m %s %T@\\n' | sort >"
    rules = (
        f"export DH_OPTIONS=-Nranged-skipped\n{_PAYLOAD}\n"
        f"execute_before_dh_pkgtools:\n\techo print >> debian/python3-ranged/{own}/ranged.py\n"
        f"\t{listing} ../before\n"
        "\tDH_NO_ACT=1 dh_pkgtools > ../no-act\n"
        "\tdh_pkgtools --no-act > ../no-act-option\n"
        f"\t{listing} ../after\n"
    )
    manifest = '[packages.ranged-declared]\nstrategy = "direct"\n\n[packages.python3-ranged]\nstrategy = "trigger"\n'
    return source(
        "ranged",
        (binary("python3-ranged"), binary("ranged-declared"), binary("ranged-skipped")),
        {
            "debian/pkgtools.toml": manifest,
            f"payload/python3-ranged/{own}/ranged.py": _MODULE,
            f"payload/ranged-declared/{own}/declared.py": _MODULE,
            f"payload/ranged-skipped/{own}/skipped.py": _MODULE,
        },
        rules=rules,
        dh="dh $@ --buildsystem=none --with pkgtools",
        build_depends="dh-pkgtools",
        fields="X-Python3-Version: >= 3.9\n",
    )


def compared(python: str) -> Iterator[Source]:
    """Yield twins: one by dh_python3, one by `dh_pkgtools --compat=dh_python3`."""
    depends = "${misc:Depends}, ${python3:Depends}, ${shlibs:Depends}"
    packages = (
        binary("python3-alpha", Depends=depends),
        binary("alpha-app", Depends=depends),
        binary("python3-fast", "any", Depends=depends),
        binary("python3-listed", Depends=depends),
    )
    unwanted = ("payload/alpha-misc", "payload/alpha-doc")
    payload = {**kinds_payload(python), **_listed_files(python)}
    payload = {path: text for path, text in payload.items() if not path.startswith(unwanted)}
    rules = _kinds_rules(python)
    call = "\noverride_dh_pkgtools:\n\tdh_pkgtools --compat=dh_python3\n"
    theirs = source("compared", packages, payload, rules=rules, build_depends="dh-sequence-python3")
    ours = source("compared", packages, payload, rules=rules + call)
    yield replace(theirs, name="compared-theirs")
    yield replace(ours, name="compared-ours")


def level_source(level: int, python: str) -> Source:
    """Return the smallest one, for one compatibility level of debhelper."""
    files = {f"payload/python3-level/usr/lib/python{python}/dist-packages/level.py": _MODULE}
    stable = 14 if python == "3.14" else LAST_STABLE_LEVEL  # that of debhelper 14, in the release with this Python
    one = source("level", (binary("python3-level"),), files, level=level, stable=stable)
    return replace(one, name=f"level-{level}")


def nothing_of_python() -> Iterator[Source]:
    """Yield one without any Python, and one without anything at all."""
    yield source("plain", (binary("plain", Depends="${misc:Depends}"),), {"README": "Nothing.\n"}, rules="")
    rules = "override_dh_installdocs override_dh_installchangelogs:\n"
    yield source("nothing", (binary("nothing", Depends="${misc:Depends}"),), {"README": "Nothing.\n"}, rules=rules)


def failing(python: str) -> Iterator[Source]:
    """Yield those that can't be built."""
    info = f"payload/python3-lossy/{DIST}/lossy-1.dist-info/METADATA"
    metadata = "Metadata-Version: 2.1\nName: lossy\nVersion: 1\nRequires-Dist: there @ https://example.org/there.zip\n"
    strict = f"{_PAYLOAD}\noverride_dh_pkgtools:\n\tdh_pkgtools --strict\n"
    yield source("lossy", (binary("python3-lossy"),), {info: metadata}, rules=strict)
    one = source("bad-range", (binary("python3-bad"),), {}, fields="X-Python3-Version: new\n")
    yield replace(one, files={**one.files, f"payload/python3-bad/{DIST}/bad.py": _MODULE})
