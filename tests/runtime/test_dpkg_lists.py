# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is read from dpkg's status file: versions and states, of several architectures too."""

from __future__ import annotations

import pytest

from pkgtools.runtime.system.dpkg_lists import file_lists
from tests.lab.work import calls
from tests.runtime.records import know
from tests.runtime.sandbox import Sandbox


def _know_pairs(sandbox: Sandbox, *numbers: int) -> None:
    for n in numbers:
        know(sandbox, [f"/x{n}"], f"pair{n}:amd64", version="1")
        know(sandbox, [f"/x{n}"], f"pair{n}:i386", version="2")


def _status(name: str, architecture: str, version: str, state: str) -> str:
    fields = {"Package": name, "Status": f"install ok {state}", "Architecture": architecture, "Version": version}
    return "".join(f"{field}: {value}\n" for field, value in fields.items())


def test_versions_of_all_architectures_count(sandbox: Sandbox) -> None:
    _know_pairs(sandbox, 0, 1)
    lists = file_lists(sandbox.tree())
    assert lists is not None
    assert {identity.partition("\t")[0] for identity in lists.identities.values()} == {"1 2"}
    assert lists.unsettled == frozenset()


@pytest.mark.parametrize(("state", "unsettled"), [("unpacked", {"pair0:amd64", "pair0:i386"}), ("installed", set())])
def test_what_dpkg_does_to_one_architecture_counts(state: str, unsettled: set[str], sandbox: Sandbox) -> None:
    """The entry in `updates` takes the place of the one in the status file."""
    _know_pairs(sandbox, 0, 1)
    sandbox.write("/var/lib/dpkg/updates/0001", _status("pair0", "i386", "3", state))
    lists = file_lists(sandbox.tree())
    assert lists is not None
    assert lists.identities["pair0:amd64"].startswith("1 3\t")
    assert lists.identities["pair1:amd64"].startswith("1 2\t")
    assert lists.unsettled == unsettled


def test_work_grows_with_the_number_of_packages(sandbox: Sandbox) -> None:
    """With that of pairs of architectures, too."""
    work = []
    for numbers in (range(50), range(50, 200)):
        _know_pairs(sandbox, *numbers)
        work.append(calls(lambda: file_lists(sandbox.tree())))
    assert work[1] < 5 * work[0]


def test_a_last_line_without_an_end_counts(sandbox: Sandbox) -> None:
    """dpkg writes none; a file that was edited by hand may have one, in the status file as in `updates`."""
    _know_pairs(sandbox, 0)
    sandbox.write("/var/lib/dpkg/updates/0001", _status("pair0", "i386", "3", "installed").removesuffix("\n"))
    lists = file_lists(sandbox.tree())
    assert lists is not None
    assert lists.identities["pair0:amd64"].startswith("1 3\t")
