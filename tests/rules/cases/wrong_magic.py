# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Magic number, tag and directory."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, of_version, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
OLD = "/usr/lib/python3.9/site-packages/m.py"


def with_pyc(name: str, content: bytes, source: str = M) -> SamplePackage:
    return SamplePackage(name="acme", files={source: SOURCE, name: content})


OLD_TAG = cached(M, tag="cpython-39")
FOREIGN = cached(OLD)


def magic(number: int) -> bytes:
    return number.to_bytes(2, "little") + b"\r\n"


TRIPS = [
    Case(id="magic-of-another", package=with_pyc(cached(M), of_version(pyc(M), (3, 9))), hits=((cached(M), None),)),
    Case(id="tag-of-another", package=with_pyc(OLD_TAG, pyc(M)), hits=((OLD_TAG, None),)),
    Case(id="no-magic", package=with_pyc(cached(M), b"text" + pyc(M)[4:]), hits=((cached(M), None),)),
    Case(id="directory", package=with_pyc(FOREIGN, pyc(OLD), OLD), kind=Kind.RPM, hits=((FOREIGN, None),)),
    Case(
        id="sourceless",
        package=SamplePackage(name="acme", files={"/usr/lib/python3.9/site-packages/m.pyc": pyc(M)}),
        hits=(("/usr/lib/python3.9/site-packages/m.pyc", None),),
    ),
    Case(id="pre-release", package=with_pyc(cached(M), magic(3480) + pyc(M)[4:]), hits=((cached(M), None),)),
    Case(
        id="directory-of-a-venv",
        package=with_pyc(
            cached("/opt/acme/lib/python3.9/site-packages/m.py"), pyc(M), "/opt/acme/lib/python3.9/site-packages/m.py"
        ),
        hits=((cached("/opt/acme/lib/python3.9/site-packages/m.py"), None),),
    ),
]
SPARES = [
    Case(id="right", package=with_pyc(cached(M), pyc(M))),
    Case(id="right-old", package=with_pyc(OLD_TAG, of_version(pyc(M), (3, 9)))),
    Case(
        id="right-directory",
        package=SamplePackage(
            name="acme",
            files={OLD: SOURCE, cached(OLD, tag="cpython-39"): of_version(pyc(OLD), (3, 9))},
        ),
        kind=Kind.RPM,
    ),
    Case(id="pypy", package=with_pyc(cached(M, tag="pypy39"), b"\x50\x01\r\n" + pyc(M)[4:])),
    Case(id="to-come", package=with_pyc(cached(M, tag="cpython-316"), magic(3700) + pyc(M)[4:])),
    Case(id="pypy310", package=with_pyc(cached(M, tag="pypy310"), b"\x50\x01\r\n" + pyc(M)[4:])),
    Case(
        id="free-threaded",
        package=with_pyc("/opt/acme/lib/python3.13t/__pycache__/m.cpython-313.pyc", of_version(pyc(M), (3, 13))),
    ),
]
