# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Our own package as rpmbuild wrote it: what its header holds, and what the judges of the field say."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from pkgtools import __version__
from tests.lab.commands import clean_environment, require_tools, run_on_host
from tests.lab.ours import CHECKOUT
from tests.lab.roots import root_directory
from tests.lab.rpm_machine import RPM_ROOTS, RpmMachine
from tests.lab.rpm_ours import TRIGGERS, file_triggers
from tests.lab.system import Bind, System
from tests.rpm.conftest import OurRpms, Start

SCRIPTLETS = ("PREIN", "POSTIN", "PREUN", "POSTUN")
OTHER_SCRIPTLETS = ("PRETRANS", "POSTTRANS", "TRIGGERSCRIPTS", "VERIFYSCRIPT")
END = "-- end --"
TRIGGER_TAGS = ("FILETRIGGER", "TRANSFILETRIGGER")


def query(rpm: Path, form: str) -> list[str]:
    """Return the lines of a query of a package's header."""
    return run_on_host(["rpm", "-qp", "--qf", form, str(rpm)]).splitlines()


def bodies(rpm: Path) -> list[str]:
    """Return the texts of all scriptlets and triggers."""
    found = ["\n".join(query(rpm, f"%{{{tag}}}")) for tag in SCRIPTLETS]
    for tag in TRIGGER_TAGS:
        found += "\n".join(query(rpm, f"[%{{{tag}SCRIPTS}}\\n{END}\\n]")).split(END)
    return [body for body in found if body.strip()]


def test_header_holds_every_trigger(ours: OurRpms) -> None:
    """Version 4.18 of rpmbuild drops a trigger that it doesn't like and exits with 0."""
    assert file_triggers(ours.runtime) == TRIGGERS
    assert len(bodies(ours.runtime)) == len(TRIGGERS) + len(SCRIPTLETS)


def test_installation_names_a_database_in_which_the_runtime_does_not_look(ours: OurRpms) -> None:
    install = ("rpm", "--force-debian", "-U", "--nodeps", "--replacepkgs", f"/srv/ours/{ours.runtime.name}")
    with System(root_directory("rpm-bookworm"), binds=(Bind(source=ours.directory, target="/srv/ours"),)) as system:
        assert "rpm's database is not in /var/lib/rpm" in system.run(*install).stderr
        system.write("/etc/rpm/macros", "%_dbpath /var/lib/rpm\n")
        system.run("mkdir", "-p", "/var/lib/rpm")
        system.run("rpm", "--initdb")
        assert system.run(*install).output == ""


def test_installation_keeps_to_what_rpm_ostree_runs(ours: OurRpms) -> None:
    """It knows %pre, %post, %posttrans and %transfiletriggerin, a prefix as a directory, and no Lua."""
    for tag in SCRIPTLETS:
        assert query(ours.runtime, f"%{{{tag}PROG}}") == ["/bin/sh"]
    for tag in TRIGGER_TAGS:
        assert set(query(ours.runtime, f"[%{{{tag}SCRIPTPROG}}\\n]")) == {"/bin/sh"}
    for tag in OTHER_SCRIPTLETS:
        assert query(ours.runtime, f"[%{{{tag}}}]") == []
    assert "filetriggerin" not in file_triggers(ours.runtime)


def test_directories_below_var_are_made_where_it_begins_empty(ours: OurRpms) -> None:
    """tmpfiles.d(5) says of each what the package does."""
    modes = dict(
        line.split() for line in query(ours.runtime, "[%{FILENAMES} %{FILEMODES:perms}\\n]") if "/var/" in line
    )
    wanted = {}
    for line in (CHECKOUT / "triggers/rpm/tmpfiles.conf").read_text().splitlines():
        if line.startswith("d "):
            _, path, mode, user, group, _ = line.split()
            assert (user, group) == ("root", "root")
            wanted[path] = {"0700": "drwx------", "0755": "drwxr-xr-x"}[mode]
    assert modes == wanted
    assert "/usr/lib/tmpfiles.d/pkgtools.conf" in query(ours.runtime, "[%{FILENAMES}\\n]")


def test_every_prefix_ends_with_a_slash(ours: OurRpms) -> None:
    """A prefix is compared as plain text: /usr/lib/python3 would be /usr/lib/python3.11 too.

    That is wanted for programs: the trigger then starts for the packages that have one of such a name, and no others.
    """
    for tag in TRIGGER_TAGS:
        prefixes = query(ours.runtime, f"[%{{{tag}NAME}}\\n]")
        assert prefixes
        others = [prefix for prefix in prefixes if not re.fullmatch(r"(/[\w.-]+)*/", prefix)]
        assert sorted(others) == (["/usr/bin/pypy3", "/usr/bin/python3"] if tag.startswith("FILE") else [])


@pytest.mark.parametrize("root", RPM_ROOTS, ids=RPM_ROOTS.values())
def test_triggers_choose_the_public_directories(ours: OurRpms, start: Start, root: str) -> None:
    erasure = query(ours.runtime, "[%{FILETRIGGERNAME}\\n]")
    others = [body.splitlines() for body in bodies(ours.runtime) if "places=" in body]
    with start(root, runtime=False) as machine:
        public = {f"/usr/{lib}/python{version}" for lib in ("lib", "lib64") for version in (*machine.python, "3.30")}
    assert len(others) == 2
    for directory in {*public, "/usr/lib/python3", "/usr/lib/pypy3", "/usr/lib64/pypy3.11"}:
        for packages in ("site-packages", "dist-packages"):
            assert all(f"{directory}/{packages}/" in lines for lines in (erasure, *others))


def test_bodies_are_plain_shell_without_devices(ours: OurRpms, tmp_path: Path) -> None:
    """They run under dash as well as bash, and in roots without a /dev, where a redirection would make a file."""
    require_tools(("shellcheck", "dash"))
    for number, body in enumerate(bodies(ours.runtime)):
        script = tmp_path / f"body-{number}"
        script.write_text(body)
        run_on_host(["dash", "-n", str(script)])
        run_on_host(["shellcheck", "--shell=sh", str(script)])
        assert "/dev/" not in body


def test_version_is_the_projects(ours: OurRpms) -> None:
    assert query(ours.runtime, "%{VERSION}-%{RELEASE}.%{ARCH}") == [f"{__version__}-1.noarch"]


def test_package_holds_the_whole_runtime_and_is_root_owned(ours: OurRpms) -> None:
    lines = query(ours.runtime, "[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES}\\n]")
    files = {line.split()[2]: line.split()[0] for line in lines}
    assert all(line.split()[1] == "root:root" for line in lines)
    for module in CHECKOUT.glob("pkgtools/runtime/**/*.py"):
        assert files[f"/usr/share/pkgtools/{module.relative_to(CHECKOUT)}"] == "-rw-r--r--"
    assert {mode for path, mode in files.items() if "/triggers/" in path} == {"-rwxr-xr-x", "lrwxrwxrwx"}
    assert [path for path in files if path.endswith(".pyc")] == []
    for page in (
        "man1/pkgtools-compile.1.gz",
        "man1/pkgtools-clean.1.gz",
        "man5/bytecode.conf.5.gz",
        "man8/pkgtools-trigger.8.gz",
    ):
        assert f"/usr/share/man/{page}" in files


def test_rpmlint_has_nothing_to_say(ours: OurRpms) -> None:
    require_tools(("rpmlint",))
    rpm_directory = CHECKOUT / "rpm"
    argv = ["rpmlint", "-c", str(rpm_directory / "rpmlint.toml"), str(rpm_directory / "pkgtools.spec")]
    argv += [str(rpm) for rpm in ours.current]
    done = subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=False)
    assert " 0 errors, 0 warnings" in done.stdout, done.stdout


def digests(rpms: tuple[Path, ...]) -> dict[str, str]:
    """Return file name -> digest."""
    return {rpm.name: hashlib.sha256(rpm.read_bytes()).hexdigest() for rpm in rpms}


def test_spec_file_reads_the_same_under_every_rpmbuild(each_bare_machine: RpmMachine) -> None:
    """Each version of rpm expands the triggers and keeps all of them."""
    each_bare_machine.system.write("/srv/pkgtools.spec", (CHECKOUT / "rpm" / "pkgtools.spec").read_text())
    parsed = each_bare_machine.system.run("rpmspec", "--parse", "/srv/pkgtools.spec")
    assert not parsed.stderr
    found = re.findall(r"^%(\w*trigger\w*) -n pkgtools-runtime (?:-P 50 )?-- /\S*", parsed.stdout, re.MULTILINE)
    assert tuple(sorted(found)) == TRIGGERS
    assert "%{" not in parsed.stdout
