# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What each macro expands to, as a reviewed text, and that an expansion starts no process."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab.commands import clean_environment
from tests.rpmbuild.builds import MACROS

pytestmark = [pytest.mark.system, pytest.mark.skipif(shutil.which("rpm") is None, reason="no rpm")]
SNAPSHOT = Path(__file__).with_name("macros.expected")
SITE = "/usr/lib/python3.12/site-packages"
OURS = "brp-pkgtools-bytecompile"
STRATEGIES = ("trigger", "direct", "shipped", "native", "none", "cache-prefix")
PER_STRATEGY = (
    "%{pkgtools_requires}",
    "%{pkgtools_post -n python3-x}",
    "%{pkgtools_post /usr/share/x}",
    "%{pkgtools_preun -n python3-x /usr/share/x}",
    f"%{{pkgtools_pycached {SITE}/x/a*.py}}",
    "%{?__brp_python_bytecompile}",
)
CHANGED = """%define pkgtools_levels 0
%define pkgtools_hardlinks 0
%define pkgtools_errors skip
%define pkgtools_policy warn:/a/* error:/b/*
%define pkgtools_python /usr/bin/python3.6
%{pkgtools_use shipped}%{__brp_python_bytecompile}"""
OTHERS = (
    "%{pkgtools_filetriggers /usr/share/app/plugins}",
    "%{pkgtools_filetriggers -n app /opt/a/ /opt/b//}",
    "%{pkgtools_register /usr/share/app}",
    "%{pkgtools_register -n app /usr/share/app 3.9-}",
    "%{pkgtools_register /opt/app - /opt/app/bin/python3.13}",
    "%{pkgtools_registration}",
    "%{pkgtools_byte_compile /usr/bin/python3.9 %{buildroot}/usr/share/app}",
    "%{pkgtools_shebang_fix %{buildroot}/usr/bin/a b/*.py}",
    "%{pkgtools_check_import -e *.tests -e x -f modules -t a, b c.d}",
    '%{pkgtools_check_import -e "*.tests" "a"}',
    "%pkgtools_check",
    "%pkgtools_check --fail-on warning",
    "%{pkgtools_pycached /usr/share/app/a.py}",
    "%{pkgtools_pycached /usr/lib/pypy3.9/site-packages/a.py}",
    "%{pkgtools_pycached /usr/lib/python3.1[23]/site-packages/a.py}",
    f"%pkgtools_pycached %exclude {SITE}/a.py",
    f"%exclude %pkgtools_pycached {SITE}/a.py",
    f"%pkgtools_pycached %attr(0640, root, adm) %config {SITE}/a.py",
    CHANGED,
)
BROKEN = {
    "%{pkgtools_use}": "no strategy ''",
    "%{pkgtools_use triger}": "no strategy 'triger': write trigger, direct",
    "%{pkgtools_use trigger none}": "no strategy 'trigger none'",
    "%{pkgtools_filetriggers}": "name the directories",
    "%{pkgtools_filetriggers /}": "absolute path other than /",
    "%{pkgtools_register app}": "absolute path",
    "%{pkgtools_filetriggers /opt/a,b}": "rpm would split it",
    "%{pkgtools_register /opt/a|b}": "split at `|`",
    "%{pkgtools_register /opt/a - /opt/a|b}": "split at `|`",
    "%{pkgtools_register /opt/a - python3.13}": "absolute path of an interpreter",
    "%{pkgtools_register -n a$(id) /opt/a}": "this isn't a name of a package",
    "%{pkgtools_register /opt/it's}": "a quote can't stand",
    "%{pkgtools_use direct}%{pkgtools_post /opt/it's}": "a quote can't stand",
    "%{pkgtools_use direct}%{pkgtools_post -n it's /opt/a}": "a quote can't stand",
    "%{pkgtools_use direct}%{pkgtools_preun /opt/it's}": "a quote can't stand",
    "%{pkgtools_use direct}%{pkgtools_preun -n it's}": "a quote can't stand",
    "%{pkgtools_check_import it's}": "a quote can't stand",
    "%{pkgtools_byte_compile /usr/share/app}": "write INTERPRETER and PATH",
    "%{pkgtools_byte_compile /usr/bin/python3 /opt/a /opt/b}": "write one PATH",
    '%{pkgtools_byte_compile /usr/bin/python3 "/opt/a b"}': "write one PATH",
    "%{pkgtools_register /opt/a 3.9- /opt/b c}": "write one DIRECTORY",
    "%{pkgtools_register /opt/a /opt/b}": "write one DIRECTORY",
    "%{pkgtools_shebang_fix}": "name files or directories",
    "%{pkgtools_check_import}": "name modules",
    "%{pkgtools_pycached /usr/share/app}": "ends with .py",
    "%{pkgtools_pycached /usr/share/app/a.py /usr/share/app/b.py}": "ends with .py",
    "%{pkgtools_pycached a.py}": "ends with .py",
    "%{pkgtools_pycached %{no_such_macro}/a.py}": "'%{no_such_macro}/a.py'",
}


def expand(text: str, *wrapper: str) -> subprocess.CompletedProcess[str]:
    defines = {"name": "sample", "buildroot": "/BUILDROOT", "_smp_build_ncpus": "4", "__python3": "/usr/bin/python3"}
    defines["__brp_python_bytecompile"] = "theirs"
    options = [f"--load={MACROS / 'macros.pkgtools'}", *(f"--define={name} {value}" for name, value in defines.items())]
    argv = [*wrapper, "rpm", *options, "--eval", text]
    return subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=False)


@functools.cache
def expansions() -> dict[str, str]:
    wanted = [f"%{{pkgtools_use {strategy}}}{macro}" for strategy in STRATEGIES for macro in PER_STRATEGY]
    return {text: expand(text).stdout.strip("\n") for text in (*wanted, *PER_STRATEGY, *OTHERS)}


def test_expansions_are_the_reviewed_ones() -> None:
    """To review new ones: PKGTOOLS_SNAPSHOT=1 pytest tests/rpmbuild/test_macros.py, then git diff."""
    found = "".join(f"=== {text}\n{expansion}\n" for text, expansion in expansions().items())
    if os.environ.get("PKGTOOLS_SNAPSHOT"):
        SNAPSHOT.write_text(found)
    assert found == SNAPSHOT.read_text()


@pytest.mark.parametrize(("text", "complaint"), BROKEN.items(), ids=BROKEN)
def test_wrong_use_is_told(text: str, complaint: str) -> None:
    done = expand(text)
    assert complaint in done.stderr
    assert not done.stdout.strip()


@pytest.mark.parametrize(
    ("below", "theirs"),
    [
        ("%global __brp_theirs /bin/late", ["/bin/late", OURS]),
        ("%global __os_install_post %{nil}", [OURS]),
        (
            "%global __os_install_post /bin/first\\\n%{?__brp_python_bytecompile}\\\n/bin/last",
            ["/bin/first", OURS, "/bin/last"],
        ),
        ("%global __debug_package 1\n%global __debug_install_post /bin/debug", ["/bin/debug", "/bin/early", OURS]),
        ("%{pkgtools_use trigger}%{pkgtools_use none}", ["/bin/early", OURS]),
    ],
    ids=["step", "all", "place", "debug", "again"],
)
@pytest.mark.parametrize("whole", ["", "/bin/whole\\\n%{__os_install_post}"], ids=["usual", "own"])
def test_what_a_spec_changes_below_use_holds_for_the_end_of_install(below: str, theirs: list[str], whole: str) -> None:
    steps = "%define __os_install_post %{?__brp_theirs}\n%define __brp_theirs /bin/early"
    own = f"%define __spec_install_post {whole}\n" if whole else ""
    use = f"%define __brp_pkgtools_uncache {OURS}\n%{{pkgtools_use trigger}}"
    done = expand(f"{steps}\n{own}{use}\n{below}\n%{{__spec_install_post}}")
    expected = ["/bin/whole", "/bin/early", OURS] if whole else theirs
    assert done.stdout.split() == expected


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="no shellcheck")
def test_shell_code_is_clean(tmp_path: Path) -> None:
    for number, (text, expansion) in enumerate(expansions().items()):
        if "pycached" in text or "requires" in text or "registration" in text:
            continue
        lines = [line for line in expansion.splitlines() if not line.startswith(("%transfile", "%filetrigger"))]
        (tmp_path / f"{number}.sh").write_text("\n".join(["#!/bin/sh", f"# {text!r}", *lines, ""]))
    argv = ["shellcheck", "--shell=dash", *map(str, sorted(tmp_path.glob("*.sh")))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
def test_no_expansion_starts_a_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    everything = "\n".join((*PER_STRATEGY, "%{pkgtools_use -d shipped}", *OTHERS[:-1]))
    done = expand(everything, "strace", "-f", "-o", str(log), "-e", "trace=execve")
    assert done.returncode == 0, done.stderr
    assert sum("execve(" in line for line in log.read_text().splitlines()) == 1, "rpm itself"
