# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""RPM packages that have everything which a header can tell, what rpm says of them, and both readers of headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pkgtools.bytecode.examine import NAMES_ONLY, ReadingOptions
from pkgtools.model.package import File, Package
from pkgtools.model.package_scripts import Script, Trigger
from pkgtools.readers.rpm.rpm_file import read_rpm
from tests.lab.commands import run_on_host
from tests.lab.needs import need_tools

EVERYTHING = """\
Name: everything
Version: 1.0
Release: 2
Epoch: 3
Summary: all that a header can tell
License: MIT
BuildArch: noarch
AutoReqProv: no
Distribution: the laboratory
Requires: python(abi) = 3.11, foo >= 1:2-3, bar
Requires(post): /bin/sh
%description
All of it.
%install
mkdir -p %{buildroot}/opt/e/__pycache__ %{buildroot}/opt/e/empty
cd %{buildroot}/opt/e
printf 'x = 1\\n' > first.py; ln first.py second.py; ln first.py third.txt
printf '%0100d' 7 > __pycache__/a.cpython-311.pyc
ln __pycache__/a.cpython-311.pyc __pycache__/a.cpython-311.opt-1.pyc
printf '#!/usr/bin/python3 -I\\nprint()\\n' > program
printf 'binary' > tool; chmod 755 tool
: > nothing.py; : > none.py
printf 'y = 2\\n' > 'caf\u00e9 au lait.py'; printf 'z' > 'a %% $(b) "c".py'
head -c 300000 /dev/zero > large.bin; touch ghost.pyc; mkdir ghosts
ln -s ../e/first.py link.py; ln -s /nowhere dangling
%files
%defattr(-,root,root)
%dir %attr(2750,root,mail) /opt/e
%dir /opt/e/__pycache__
/opt/e/*.py
/opt/e/__pycache__/*
/opt/e/third.txt
/opt/e/tool
/opt/e/large.bin
/opt/e/empty
/opt/e/dangling
%attr(4755,daemon,mail) /opt/e/program
%ghost /opt/e/ghost.pyc
%ghost %dir /opt/e/ghosts
%pretrans -p <lua>
print("lua")
%pre
echo pre "$1"
%post -p /sbin/ldconfig
%preun -p /usr/bin/perl
print "caf\u00e9\\n";
%postun
echo postun
%posttrans
echo posttrans
%verifyscript
echo verify
%triggerprein -- early
echo triggerprein
%triggerin -- foo >= 1, bar
echo triggerin
%triggerun -p /usr/bin/perl -- foo
print 1;
%triggerpostun -- bar < 2
echo triggerpostun
%filetriggerin -P 5 -- /opt/e/ /srv/
echo filetriggerin
%filetriggerun -- /opt/e/
echo filetriggerun
%filetriggerpostun -- /opt/x/
echo filetriggerpostun
%transfiletriggerin -p <lua> -P 200 -- /usr/lib/python3/
print("transfiletriggerin")
%transfiletriggerun -- /usr/lib/python3/
echo transfiletriggerun
%transfiletriggerpostun -- /usr/lib/python3/ /usr/lib64/
echo transfiletriggerpostun
%changelog
* Tue Nov 14 2023 A <a@example.org> - 1.0-2
- Newer.
* Mon Nov 13 2023 A <a@example.org> - 1.0-1
- Older.
"""
"""A spec file with each kind of file, scriptlet and trigger that rpm 4.18 knows."""

TINY = """\
Name: tiny
Version: 1
Release: 1
Summary: s
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
s
%install
mkdir -p %{buildroot}/opt/t
printf 'x = 1\\n' > %{buildroot}/opt/t/a.py; ln %{buildroot}/opt/t/a.py %{buildroot}/opt/t/b.py
ln -s a.py %{buildroot}/opt/t/c.py
%files
/opt/t
%transfiletriggerin -- /opt/
echo
"""
"""A spec file of a small package."""

OPTIONS = ("--define=__os_install_post %{nil}", "--define=__check_files %{nil}")
"""What keeps rpmbuild from changing what is packed."""


def build_spec(spec: str, directory: Path, *options: str, what: str = "-bb") -> Path:
    """Build the package of a spec file, or its source package (`-bs`), with rpmbuild."""
    need_tools(["rpmbuild"])
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "sample.spec"
    path.write_text(spec)
    run_on_host(
        ["rpmbuild", "--quiet", "--nodeps", f"--define=_topdir {directory}", *OPTIONS, *options, what, str(path)]
    )
    return next(directory.rglob("*.rpm"))


def read(path: Path, contents: bool = True) -> Package:
    """Read a package, its payload too if `contents`."""
    return read_rpm(path, ReadingOptions() if contents else NAMES_ONLY)


def query(*arguments: str | Path) -> str:
    """Return what `rpm -qp` says of a package."""
    argv = ["rpm", "-qp", "--nosignature", *map(str, arguments)]
    return run_on_host(argv)


def dumped(files: Iterable[File]) -> list[str]:
    """Return lines as those of `rpm -qp --dump`, without size and digest of what has no content of its own."""
    lines = []
    for file in files:
        digest = file.digest.value if file.digest else ""
        owner = (file.user, file.group, file.link if file.is_symlink else "X")
        facts = (file.path, file.size, file.mtime_ns // 10**9, digest.strip("0"), f"0{file.mode:o}", *owner)
        lines.append(" ".join(map(str, facts)))
    return lines


def dump_of(said: str) -> list[str]:
    """Return the lines of `rpm -qp --dump` in the form of `dumped`."""
    lines = []
    for line in said.splitlines():
        if not line.startswith("/"):  # (contains no files)
            continue
        rest, link = line, "X"
        if rest.endswith(" X"):
            rest = rest[:-2]
        else:
            rest, _, link = rest.rpartition(" ")
        path, size, mtime, digest, mode, user, group, _, _, _ = rest.rsplit(" ", 9)
        regular = mode.startswith("010")
        facts = (path, size if regular else 0, mtime, digest.strip("0") if regular else "", mode, user, group, link)
        lines.append(" ".join(map(str, facts)))
    return lines


_CALLED = {
    "%pre": "preinstall",
    "%post": "postinstall",
    "%preun": "preuninstall",
    "%postun": "postuninstall",
    "%verifyscript": "verify",
}


def described(scripts: Iterable[Script]) -> set[str]:
    """Return what `rpm -qp --scripts` says, of each scriptlet."""
    found = set()
    for script in scripts:
        name, program = _CALLED.get(script.name, script.name[1:]), " ".join(script.interpreter)
        found.add(
            f"{name} scriptlet (using {program}):\n{script.text}" if script.text else f"{name} program: {program}"
        )
    return found


def described_of(said: str) -> set[str]:
    """Take what `rpm -qp --scripts` says apart; `said` has no text that begins like one of its titles."""
    parts = re.split(r"^(?=[a-z]+ (?:scriptlet|program))", said, flags=re.MULTILINE)
    return {part.rstrip("\n") for part in parts if part}


def triggers_of(triggers: Iterable[Trigger]) -> str:
    """Return what `rpm -qp --triggers --filetriggers` says."""
    said = []
    for one in triggers:
        assert one.script is not None
        names, program = ", ".join(one.names), " ".join(one.script.interpreter)
        said.append(f"{one.directive[1:]} scriptlet (using {program}) -- {names}\n{one.script.text}\n")
    return "".join(said)
