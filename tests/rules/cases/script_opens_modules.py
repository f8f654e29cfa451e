# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modes that scripts give to modules and their directories."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

FILES = {
    "/usr/share/acme/__init__.py": "",
    "/usr/share/acme/core/engine.py": "SPEED = 1\n",
    "/usr/share/acme/pictures/till.svg": "<svg/>\n",
    "/var/lib/acme/state": "",
}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=FILES, scripts={"postinst": body})


def trips(name: str, command: str) -> Case:
    return Case(id=name, package=postinst(f"{command}\n"), hits=(("postinst", 3),))


TRIPS = [
    trips("recursive", "chmod -R 777 /usr/share/acme"),
    trips("recursive-from-above", "chmod --recursive a+rwX /usr/share/acme/ || true"),
    trips("directory", "chmod o+w /usr/share/acme/core"),
    trips("directory-above", "chmod 0777 /usr/share/acme"),
    trips("sticky", "chmod 1777 /usr/share/acme/core"),
    trips("module", "chmod -v ugo+rw /usr/share/acme/core/engine.py"),
    trips("one-of-several", "chmod 666 /var/lib/acme/state /usr/share/acme/__init__.py"),
    trips("all-in-it", "chmod -f go=rwx /usr/share/acme/*"),
    trips("some-in-it", "chmod 0666 /usr/share/acme/core/*.py"),
    trips("find", "find /usr/share/acme -type d -exec chmod 777 {} +"),
    trips("find-and-xargs", "find /usr/share/acme -print0 | xargs -0 chmod a+w"),
    Case(
        id="scriptlet",
        package=SamplePackage(
            name="acme", files=FILES, scripts={"post": "chmod -R o=u /x\nchmod -R 777 /usr/share/acme\n"}
        ),
        kind=Kind.RPM,
        count=1,
    ),
    Case(id="tree", package=postinst("chmod -R 777 /usr/share/acme\n"), kind=Kind.TREE, hits=(("postinst", 3),)),
    Case(
        id="alpine",
        package=SamplePackage(name="acme", files=FILES, scripts={"post-upgrade": "chmod -R 777 /usr/share/acme\n"}),
        kind=Kind.APK,
        hits=(("post-upgrade", 3),),
    ),
    Case(
        id="arch",
        package=SamplePackage(name="acme", files=FILES, scripts={"post_install": "chmod -R 777 /usr/share/acme\n"}),
        kind=Kind.ALPM,
        hits=(("post_install", 4),),
    ),
]
SPARES = [
    Case(id="state", package=postinst("chmod -R 777 /var/lib/acme\nchmod 666 /var/lib/acme/state\n")),
    Case(id="beside", package=postinst("chmod -R 777 /usr/share/acme/pictures\n")),
    Case(id="one-level-with-no-module", package=postinst("chmod 777 /usr/share/acme/*.svg /usr/share/acmeister\n")),
    Case(id="owner", package=postinst("chmod -R u+w /usr/share/acme\nchmod -R +w /usr/share/acme\n")),
    Case(id="closes", package=postinst("chmod -R go-w /usr/share/acme\nchmod -R a=rX,u+w /usr/share/acme\n")),
    Case(id="usual", package=postinst("chmod -R 0755 /usr/share/acme\nchmod a+rX /usr/share/acme\n")),
    Case(id="takes-it-back", package=postinst("chmod a+w-w /usr/share/acme\n")),
    Case(id="variable", package=postinst('chmod 777 "$directory"\nchmod\nchmod 777\n')),
    Case(id="find-that-prints", package=postinst("find /usr/share/acme -perm 777\n")),
]
