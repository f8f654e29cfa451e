# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Migrate real source packages from dh_python3 to dh_pkgtools and back, in memory, and print how that went.

By hand, with network: it fetches debian/ of each from Debian's archive with apt-get source. The numbers are in
docs/how-to/migrate-from-dh-python.md.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pkgtools.build.migration import CONTROL, RULES, plan_migration
from pkgtools.debhelper.source_control import read_control
from pkgtools.runtime.errors import PkgtoolsError

_SOURCES = """
aiodns alembic ansible-core apt-listchanges apt-xapian-index astroid autopep8 black bleachbit borgbackup bottle
buildbot celery certbot chardet cloud-init colorama command-not-found coverage cython dask devscripts diffoscope
distro-info docker-compose duplicity electrum fail2ban flask freezegun gajim gdebi git-cola guessit gunicorn hplip
httpie hypothesis importlib-metadata iotop ipython isort jinja2 jsonschema kombu libvirt-python lxml magic-wormhole
mako meld mercurial mitmproxy more-itertools mypy nbconvert netaddr networkx numpy odoo offlineimap3 onionshare
pandas paramiko pexpect pillow piuparts pre-commit psutil pycurl pyflakes pygments pygobject pylint pyopenssl
pyparsing pytest python-aiohttp python-apt python-attrs python-babel python-certifi python-click python-cryptography
python-dateutil python-debian python-django python-dotenv python-gnupg python-idna python-lockfile python-markdown
python-packaging python-pbr python-pip python-pyasn1 python-tornado python-tz python-urllib3 pyudev pyyaml
qutebrowser ranger rdiff-backup rednotebook reportbug requests ruamel.yaml s3cmd scapy scipy scons simplejson six
sphinx spyder sqlalchemy streamlink subliminal supervisor terminator tqdm twisted virtualenv w3af waagent waitress
wheel xonsh youtube-dl yt-dlp zope.interface
""".split()
_ARCHIVE = """
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


_DEEPEST = 3
"""Parts of the path of debian/control in the archive of a native package."""


def main() -> int:
    """Migrate each source package; return 1 if one can't be, or doesn't come back as it was."""
    with tempfile.TemporaryDirectory() as work:
        found = list(_fetched(Path(work)))
        told = [(name, *_tried(texts, Path(work))) for name, texts in found]
    for name, is_right, text in told:
        print(f"{'' if is_right else 'WRONG '}{name}: {text}")
    right = [text for _, is_right, text in told if is_right]
    print(f"{len(told)} source packages: {right.count('all done')} without a word, {len(right)} right")
    return int(len(right) < len(told))


def _fetched(work: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name and the files of debian/ of each source package."""
    for name in ("lists/partial", "cache/archives/partial", "etc"):
        (work / name).mkdir(parents=True)
    (work / "etc/archive.sources").write_text(_ARCHIVE)
    settings = {
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": work / "etc",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in settings.items())]
    subprocess.run([*apt, "update"], check=True, cwd=work)
    for name in _SOURCES:
        before = set(work.glob("*.tar.*"))
        for options in (("--diff-only", name), (f"{name}/bookworm", "--diff-only"), (name,)):
            argv = [*apt, "source", "--only-source", "--download-only", *options]
            subprocess.run(argv, check=False, cwd=work, stderr=subprocess.DEVNULL)
            if new := set(work.glob("*.tar.*")) - before:
                texts = dict(_texts(max(new, key=lambda path: ".debian.tar" in path.name)))
                if {CONTROL, RULES} <= texts.keys():
                    yield name, texts
                    break
        else:
            print(f"{name}: it can't be fetched")


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths and the texts of the files in debian/ itself."""
    with tarfile.open(path) as archive:
        for member in archive:
            parts = member.name.removeprefix("./").split("/")
            is_there = member.isfile() and parts[-2:-1] == ["debian"] and len(parts) <= _DEEPEST
            if is_there and (content := archive.extractfile(member)) is not None:
                yield "/".join(parts[-2:]), content.read().decode("utf-8", "surrogateescape")


def _tried(texts: dict[str, str], work: Path) -> tuple[bool, str]:
    """Return whether a migration is right, and what there is to say of it."""
    try:
        plan = plan_migration(texts)
        after = {**texts, **{one.file: one.new or "" for one in plan.files}}
        back = plan_migration(after, back=True)
    except PkgtoolsError as error:
        return False, str(error)
    if {**after, **{one.file: one.new or "" for one in back.files}} != texts:
        return False, "it does not come back as it was"
    (work / "control").write_text(after[CONTROL], errors="surrogateescape")
    fields = read_control(work / "control").build_depends.keys()
    if not {"dh-sequence-pkgtools", "dh-pkgtools"} & fields or "dh-sequence-python3" in fields:
        return False, "Build-Depends is not right"
    if "dh_python3" in after[RULES]:
        return False, "debian/rules still has dh_python3"
    return True, "; ".join(f"{one.file}:{one.line}: {one.text}" for one in plan.remarks) or "all done"


if __name__ == "__main__":
    sys.exit(main())
