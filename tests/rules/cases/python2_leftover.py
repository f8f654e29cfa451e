# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What only Python 2 understands."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC, SOURCE
from tests.rules.case import Case

MODULE = f"{PUBLIC}/acme.py"


def ships(source: str, path: str = MODULE, depends: str = "python3") -> SamplePackage:
    return SamplePackage(name="acme", files={path: source}, fields={"Depends": depends})


TO = "import sys\nprint >>sys.stderr, 1\nprint 2\n"
EXCEPT = "try:\n    pass\nexcept OSError, e:\n    pass\n"
TRIPS = [
    Case(id="print", package=ships('x = 1\nprint "hello"\n'), compiles=True, hits=((MODULE, 2),)),
    Case(id="print-to", package=ships(TO), compiles=True, hits=((MODULE, 3),)),
    Case(id="except", package=ships(EXCEPT), compiles=True, hits=((MODULE, 3),)),
    Case(id="raise", package=ships('raise ValueError, "no"\n'), compiles=True, hits=((MODULE, 1),)),
    Case(id="exec", package=ships('exec "x = 1"\n'), compiles=True, hits=((MODULE, 1),)),
    Case(
        id="data-of-tests",
        package=ships('print "hello"\n', "/usr/share/acme/tests/data/old.py"),
        compiles=True,
        hits=(("/usr/share/acme/tests/data/old.py", 1),),
        severity=Severity.INFO,
    ),
    Case(
        id="directory",
        package=ships(SOURCE, "/usr/lib/python2.7/dist-packages/acme.py"),
        hits=(("/usr/lib/python2.7", None),),
    ),
    Case(
        id="arch",
        package=ships('print "hello"\n', "/usr/share/acme/acme.py", "python"),
        kind=Kind.ALPM,
        compiles=True,
        hits=(("/usr/share/acme/acme.py", 1),),
    ),
]
SPARES = [
    Case(id="good", package=ships('print("hello")\n'), compiles=True),
    Case(id="in-a-string", package=ships('TEXT = """\nprint "hello"\n"""\n'), compiles=True),
    Case(id="broken-in-another-way", package=ships('TEXT = """\nprint "hello"\n"""\ndef f(:\n'), compiles=True),
    Case(
        id="two-exceptions-of-python-3.14",
        package=ships("try:\n    pass\nexcept OSError, ValueError:\n    pass\n"),
        compiles=True,
    ),
    Case(id="of-python-2", package=ships(SOURCE, "/usr/lib/python2.7/dist-packages/acme.py", "python2.7")),
    Case(
        id="rpm-of-python-2",
        package=SamplePackage(
            name="acme",
            files={"/usr/lib/python2.7/site-packages/acme.py": SOURCE},
            fields={"Requires": "python(abi) = 2.7"},
        ),
        kind=Kind.RPM,
    ),
    Case(
        id="python-2-itself",
        package=SamplePackage(name="libpython2.7-minimal", files={"/usr/lib/python2.7/os.py": SOURCE}),
    ),
]
