# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Upstream's own releases, built by pybuild as a maintainer would, given to both helpers after dh_auto_install."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.commands import clean_environment
from tests.lab.ours import CHECKOUT
from tests.lab.places import cache_directory, exclusive, workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System
from tests.parity.compare import Comparison, compare

SETUPTOOLS = """
alabaster==0.7.13 chardet==5.1.0 click==8.1.3 docopt==0.6.2 Flask==2.2.3 gunicorn==20.1.0 humanfriendly==10.0
isodate==0.6.1 Jinja2==3.1.2 logilab-common==1.9.8 Mako==1.2.4 Pygments==2.14.0 repoze.lru==0.7 requests==2.28.2
six==1.16.0 sphinxcontrib-jsmath==1.0.1 tabulate==0.8.10 texttable==1.6.7 toml==0.10.2 webcolors==1.12
Werkzeug==2.2.3 xmltodict==0.13.0 zope.deprecation==4.4.0 zope.event==4.6
""".split()
"""Pure modules, namespace packages, entry points."""

EXTENSIONS = """
bitarray==2.7.3 ciso8601==2.3.0 coverage==7.1.0 immutables==0.19 MarkupSafe==2.1.2 mmh3==3.0.0 multidict==6.0.4
psutil==5.9.4 pyrsistent==0.19.3 regex==2022.10.31 setproctitle==1.3.2 simplejson==3.18.3 tornado==6.2
wrapt==1.15.0 zope.interface==5.5.2
""".split()
"""Modules in C, of the stable ABI, too."""

OTHERS = """
build==0.10.0 idna==3.4 installer==0.6.0 more-itertools==9.0.0 packaging==23.0 pathspec==0.11.0 testpath==0.6.0
tomli==2.0.1 typing_extensions==4.4.0 wheel==0.40.0
beautifulsoup4==4.12.0 bracex==2.3.post1 colorama==0.4.6 jupyter_client==8.0.3 jupyter_core==5.2.0 starlette==0.25.0
terminado==0.17.1 traitlets==5.9.0 uvicorn==0.20.0
backoff==2.2.1 cleo==2.0.1 crashtest==0.4.1 dnspython==2.3.0 pastel==0.2.1 rich==13.3.1 tomlkit==0.11.6
""".split()
"""Of flit, hatchling and poetry."""

PRIVATE = frozenset({"gunicorn", "humanfriendly", "Mako", "psutil", "tabulate", "uvicorn"})
"""Those whose modules are put into /usr/share/PACKAGE, as an application has them."""

_BACKENDS = ("cython", "flit_core", "hatchling", "poetry-core", "setuptools==68.2.2", "wheel")
_PARALLEL = 2


def fetch_sdists() -> Path:
    """Return a directory with the releases, fetched once by pip."""
    wanted = (*SETUPTOOLS, *EXTENSIONS, *OTHERS)
    key = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]
    directory = cache_directory() / "archive" / f"sdists-{key}"
    with exclusive(cache_directory() / ".sdists.lock"):
        if not directory.is_dir():
            directory.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=workspace()) as work:
                _download(wanted, Path(work))
                partial = directory.with_suffix(".part")
                shutil.rmtree(partial, ignore_errors=True)
                shutil.copytree(Path(work, "sdists"), partial)
                partial.rename(directory)
    return directory


def _download(wanted: tuple[str, ...], work: Path) -> None:
    """Let pip fetch them; it wants the build backends, for it asks each release for its metadata."""
    environment = {**clean_environment(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    python = work / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", str(work / "venv")], check=True, env=environment)
    install = [str(python), "-m", "pip", "install", "--quiet", *_BACKENDS]
    subprocess.run(install, check=True, env=environment)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-binary=:all:", f"--dest={work / 'sdists'}")

    def fetch(requirement: str) -> None:
        argv = [str(python), "-m", "pip", "download", *options, requirement]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"no {requirement}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)

    with ThreadPoolExecutor(_PARALLEL) as pool:
        list(pool.map(fetch, wanted))


def compare_sdists(root: str) -> Iterator[Comparison]:
    """Build them in a build system and run both helpers there."""
    sdists = fetch_sdists()
    names = {_canonical(one.partition("==")[0]) for one in EXTENSIONS}
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        order = Path(work, "order")
        order.write_text(json.dumps({"extensions": sorted(names), "private": sorted(map(_canonical, PRIVATE))}))
        binds = (
            Bind(source=sdists, target="/srv/sdists"),
            Bind(source=Path(work), target="/srv/out", writable=True),
            Bind(source=CHECKOUT, target="/srv/checkout"),
        )
        with System(root_directory(root), binds=binds) as system:
            argv = ("python3", "-ISB", "/srv/checkout/tests/parity/inside_sdists.py")
            said = system.run(*argv, "/srv/sdists", "/srv/out", "/srv/checkout", timeout=3600).stdout
        print(said, end="", file=sys.stderr)
        with Path(work, "results").open() as stream:
            for line in stream:
                record = json.loads(line)
                yield compare(record["deb"], record["variant"], record["theirs"], record["ours"])


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-")
