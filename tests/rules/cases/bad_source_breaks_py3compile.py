# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Templates and other files that are called .py, in directories that scripts compile."""

from __future__ import annotations

from functools import partial

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case

TEMPLATE = "import acme\n\nclass {{ cookiecutter.name }}(acme.Application):\n    pass\n"
STATEMENT = "{% if private %}\nx = 1\n{% endif %}\n"
PRIVATE = "/usr/share/acme/skeleton/app.py"
BY_HELPER = "# Automatically added by dh_python3\nif command -v py3compile >/dev/null 2>&1; then\n\t{}\nfi\n"
BY_HELPER += "# End automatically added section\n"


def ships(path: str, source: str, script: str, **more: str) -> SamplePackage:
    files = {"/usr/share/acme/acme.py": "x = 1\n", path: source, **more}
    return SamplePackage(name="acme", files=files, scripts={"postinst": script})


_case = partial(Case, compiles=True)
TRIPS = [
    _case(
        id="private",
        package=ships(PRIVATE, TEMPLATE, "py3compile -p acme /usr/share/acme\n"),
        hits=(("postinst", 3),),
    ),
    _case(
        id="public",
        package=ships(f"{PUBLIC}/acme/templates/app.py", STATEMENT, BY_HELPER.format("py3compile -p acme:all")),
        hits=(("postinst", 5),),
    ),
    _case(
        id="another-exclusion",
        package=ships(PRIVATE, TEMPLATE, "py3compile -p acme /usr/share/acme -V 3.9- -X 'tests/.*'\n"),
        hits=(("postinst", 3),),
    ),
    _case(
        id="tree",
        package=ships(PRIVATE, STATEMENT, "py3compile -p acme /usr/share/acme\n"),
        kind=Kind.TREE,
        hits=(("postinst", 3),),
    ),
    _case(
        id="python-2",
        package=ships(PRIVATE, "print 'hello'\n", "py3compile -p acme /usr/share/acme\n"),
        hits=(("postinst", 3),),
    ),
]
SPARES = [
    _case(id="tolerated", package=ships(PRIVATE, TEMPLATE, "py3compile -p acme /usr/share/acme || true\n")),
    _case(id="no-set-e", package=ships(PRIVATE, TEMPLATE, "set +e\npy3compile -p acme /usr/share/acme\n")),
    _case(id="elsewhere", package=ships("/usr/share/till/app.py", TEMPLATE, "py3compile -p acme /usr/share/acme\n")),
    _case(id="private-and-not-named", package=ships(PRIVATE, TEMPLATE, "py3compile -p acme\n")),
    _case(id="excluded", package=ships(PRIVATE, TEMPLATE, "py3compile -p acme /usr/share/acme -X 'skeleton/.*'\n")),
    _case(
        id="excluded-in-public",
        package=ships(
            f"{PUBLIC}/acme/app.py",
            TEMPLATE,
            "py3compile -p acme\n",
            **{"/usr/share/python3/bcep/acme": "dir|-3.0|/usr/lib/python3/dist-packages/acme|app.py\n"},
        ),
    ),
    _case(id="ours", package=ships(PRIVATE, TEMPLATE, "pkgtools-compile -p acme\n")),
    _case(id="another-suffix", package=ships(f"{PRIVATE}.in", TEMPLATE, "py3compile -p acme /usr/share/acme\n")),
    _case(
        id="braces-in-a-string",
        package=ships(PRIVATE, "x = '''\n{{ name }}\n'''\n", "py3compile -p acme /usr/share/acme\n"),
    ),
    _case(id="variable", package=ships(PRIVATE, TEMPLATE, 'py3compile -p acme "$directory"\n')),
    _case(id="broken-pattern", package=ships(PRIVATE, TEMPLATE, "py3compile -p acme /usr/share/acme -X '('\n")),
]
