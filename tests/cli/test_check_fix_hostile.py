# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`check --fix` changes nothing outside of the tree, through no link, and never as root what others own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.build.editing import StagedTree
from pkgtools.bytecode.compiling import find_compilers
from pkgtools.model.edits import Edit, Recompile, RemoveEmptyDirectory, RemoveFile, ReplaceLine, SetMode
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath, Interpreter, InvalidationMode
from tests.cli.packages import PKGTOOLS, environment, run_here
from tests.lab.needs import need_tools
from tests.lab.places import trusted_directory
from tests.lab.tree import differences, read_tree
from tests.readers.test_root import make
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, TAG, cached, pyc
from tests.runtime.mounts import mounted, read_only

M = f"{PRIVATE}/m.py"
PROGRAM = "/usr/bin/acme"
ENV = "#!/usr/bin/env python3\nprint(1)\n"
SOMEBODY = 12345
EDITS: dict[str, Edit] = {
    "remove": RemoveFile(path=InstalledPath(M)),
    "mode": SetMode(path=InstalledPath(M), old=0o666, new=0o644),
    "line": ReplaceLine(path=InstalledPath(M), old=b"#!old", new=b"#!newer"),
    "remove-directory": RemoveEmptyDirectory(path=InstalledPath(f"{PRIVATE}/empty")),
    "mode-of-directory": SetMode(path=InstalledPath(f"{PRIVATE}/empty"), old=0o777, new=0o755),
}


@pytest.fixture
def places() -> Iterator[tuple[Path, Path]]:
    """Yield a tree with what each edit is for, and a directory outside of it that looks the same."""
    with trusted_directory() as base:
        base.chmod(0o755)
        for name in ("tree", "outside"):
            make(base / name, {M: "#!old\nx = 1\n", f"{PRIVATE}/empty/x": "", PROGRAM: ENV})
            (base / name / PRIVATE[1:] / "empty/x").unlink()
            (base / name / PRIVATE[1:] / "empty").chmod(0o777)
            (base / name / M[1:]).chmod(0o666)
        yield base / "tree", base / "outside"


def listing(top: Path) -> dict[str, object]:
    return dict(read_tree(top, ["/"]))


def interpreter_of(tag: str) -> Interpreter | None:
    return next((one for one in find_compilers().interpreters if one.cache_tag == tag), None)


def fixed(top: Path, *arguments: str) -> dict[str, tuple[str, str]]:
    report = json.loads(run_here(top, "check", "--fix", "--json", *arguments, ".").stdout)
    return {one["path"]: (one["result"], one["text"]) for one in report["verdicts"][0]["repairs"]}


def made(tree: StagedTree, edit: Edit) -> str:
    try:
        return tree.make(edit)
    finally:
        tree.close()


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_each_edit_is_made(edit: Edit, places: tuple[Path, Path]) -> None:
    top, outside = places
    before, others = listing(top), listing(outside)
    tree = StagedTree(top)
    assert tree.problem_of(edit) == ""
    assert listing(top) == before
    assert made(tree, edit) == ""
    assert {line.split()[1] for line in differences(before, read_tree(top, ["/"]))} == {repr(edit.path)}  # type: ignore[arg-type] # entries
    assert listing(outside) == others


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("level", ["/usr/share/acme", "/usr/share", "/usr"])
@pytest.mark.parametrize("when", ["before", "between"])
def test_a_directory_that_is_swapped_for_a_link_is_not_entered(
    edit: Edit, level: str, when: str, places: tuple[Path, Path]
) -> None:
    top, outside = places
    before = listing(outside)
    tree = StagedTree(top)
    if when == "between":
        assert tree.problem_of(edit) == ""
        tree.close()
        tree = StagedTree(top)
    Path(f"{top}{level}").rename(top / "away")
    Path(f"{top}{level}").symlink_to(f"{outside}{level}")
    assert made(tree, edit).startswith(f"{level}: ")
    assert listing(outside) == before


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_name_that_is_swapped_for_a_link_leads_nowhere(edit: Edit, places: tuple[Path, Path]) -> None:
    top, outside = places
    before = listing(outside)
    path = Path(f"{top}{edit.path}")
    path.rename(top / "away")
    path.symlink_to(f"{outside}{edit.path}")
    problem = made(StagedTree(top), edit)
    assert listing(outside) == before
    assert (problem == "") is isinstance(edit, RemoveFile)  # it is the link that goes
    assert os.path.lexists(path) is not isinstance(edit, RemoveFile)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_changed_meanwhile_is_left(edit: Edit, places: tuple[Path, Path]) -> None:
    top, _ = places
    path = Path(f"{top}{edit.path}")
    if path.is_dir():
        path.rmdir()
        path.write_text("x", encoding="utf-8")
    else:
        path.unlink()
        path.mkdir()
    before = listing(top)
    tree = StagedTree(top)
    assert tree.problem_of(edit)
    assert made(tree, edit)
    assert listing(top) == before


@pytest.mark.parametrize("line", ["#!older", "#!ol", ""])
def test_another_first_line_is_left(line: str, places: tuple[Path, Path]) -> None:
    top, _ = places
    Path(f"{top}{M}").write_text(f"{line}\nx = 1\n", encoding="utf-8")
    before = listing(top)
    assert made(StagedTree(top), EDITS["line"]) == "has changed since it was looked at: run this again"
    assert listing(top) == before


def test_a_file_with_attributes_that_a_copy_would_lose_is_left(places: tuple[Path, Path]) -> None:
    os.setxattr(places[0] / M[1:], "trusted.of", b"somebody")
    staged = StagedTree(places[0])
    assert "extended attributes" in staged.make(EDITS["line"])
    staged.close()


def test_no_carriage_return_is_left_behind_a_first_line(places: tuple[Path, Path]) -> None:
    path = places[0] / M[1:]
    path.write_bytes(b"#!old\r\r\nx = 1\r\n")
    staged = StagedTree(places[0])
    assert staged.make(EDITS["line"]) == ""
    staged.close()
    assert path.read_bytes() == b"#!newer\nx = 1\r\n"


@pytest.mark.parametrize("name", ["mode", "line"])
def test_other_names_of_a_file_keep_what_they_had(name: str, places: tuple[Path, Path]) -> None:
    top, outside = places
    Path(f"{top}{M}").unlink()
    os.link(f"{outside}{M}", f"{top}{M}")
    before = listing(outside)
    assert made(StagedTree(top), EDITS[name]) == ""
    assert differences(before, read_tree(outside, ["/"])) == []  # type: ignore[arg-type] # entries
    found = os.lstat(f"{top}{M}")
    assert (found.st_nlink, oct(found.st_mode & 0o7777)) == (1, "0o644" if name == "mode" else "0o666")
    assert Path(f"{outside}{M}").read_bytes().startswith(b"#!old\n")
    assert sorted(os.listdir(os.path.dirname(f"{top}{M}"))) == ["empty", "m.py"]


def test_what_could_not_be_done_is_still_found(places: tuple[Path, Path]) -> None:
    top, _ = places
    make(top, {cached(M): b"x"})
    with read_only(str(top)):
        done = run_here(top, "check", "--fix", "--json", ".")
    verdict = json.loads(done.stdout)["verdicts"][0]
    assert {one["result"] for one in verdict["repairs"]} == {"left"}
    assert {"broken-pyc", "modules-writable-by-others"} <= {one["rule"] for one in verdict["findings"]}
    assert (done.returncode, json.loads(done.stdout)["changed"]) == (1, False)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_another_file_system_in_the_tree_is_left(edit: Edit, places: tuple[Path, Path]) -> None:
    top, outside = places
    before = listing(outside)
    with mounted(f"{top}/usr", "--bind", f"{outside}/usr"):
        assert made(StagedTree(top), edit) == "is on another file system than the tree"
    assert listing(outside) == before


@pytest.mark.parametrize("swapped", ["/usr/share/acme", "/usr/share/acme/__pycache__"])
def test_nothing_is_compiled_through_a_link(swapped: str, places: tuple[Path, Path]) -> None:
    top, outside = places
    for place in places:
        make(place, {cached(M): pyc(M, mtime=1)})
    tree = StagedTree(top, interpreter_of)
    edit = Recompile(path=InstalledPath(cached(M)), mode=InvalidationMode.TIMESTAMP)
    assert tree.can_compile(edit)
    before = listing(outside)
    Path(f"{top}{swapped}").rename(top / "away")
    Path(f"{top}{swapped}").symlink_to(f"{outside}{swapped}")
    assert made(tree, edit).startswith(f"{swapped}: ")
    assert listing(outside) == before


def test_nothing_of_the_tree_is_started(places: tuple[Path, Path]) -> None:
    top, outside = places
    program = interpreter_of(TAG)
    assert program is not None
    script = f'#!/bin/sh\ntouch {outside}/started /started\nexec {program.path} "$@"\n'
    make(top, {cached(M): pyc(M, mtime=1), program.path: script, "/usr/bin/python3": script})
    for path in (program.path, "/usr/bin/python3"):
        os.chmod(f"{top}{path}", 0o755)
    tree = StagedTree(top, lambda tag: program._replace(inside=True) if tag == TAG else None)
    assert made(tree, Recompile(path=InstalledPath(cached(M)), mode=InvalidationMode.TIMESTAMP)) == ""
    assert not [path for path in (outside / "started", top / "started", Path("/started")) if path.exists()]


def test_fifos_and_links_are_never_opened(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", {"/m.py": SOURCE, "/__pycache__/m.cpython-311.pyc": "x"})
    top = make(tmp_path / "tree", {M: SOURCE, PROGRAM: ENV})
    (top / PRIVATE[1:] / "__pycache__").symlink_to(outside / "__pycache__")
    (top / PRIVATE[1:] / "linked").symlink_to(outside)
    os.mkfifo(f"{top}{PRIVATE}/fifo.py", 0o666)
    os.mkfifo(f"{top}{PRIVATE}/fifo.pyo", 0o666)
    before = listing(outside)
    assert {path: result for path, (result, _) in fixed(top).items()} == {
        f"{PRIVATE}/__pycache__": "removed",
        f"{PRIVATE}/fifo.pyo": "removed",
    }
    assert listing(outside) == before
    assert fixed(top) == {}


def test_hostile_names_are_repaired_and_shown_on_one_line(tmp_path: Path) -> None:
    names = ["a\nb", "x\x1b[2Jy", "\udcff", "-rf", "$(id)"]
    files: dict[str, str | bytes] = {}
    for name in names:
        files |= {f"/usr/share/acme/{name}.py": SOURCE, cached(f"/usr/share/acme/{name}.py"): b"x"}
        files[f"/usr/bin/{name}"] = ENV
    top = make(tmp_path, files)
    for name in names:
        os.chmod(f"{top}/usr/bin/{name}", 0o755)
    shown = run_here(top, "check", "--fix", "-n", ".").stdout
    assert shown.count("  planned: ") == 2 * len(names)
    assert "\x1b" not in shown
    assert "a\\nb: #!/usr/bin/env python3 becomes" in shown
    assert len(fixed(top)) == 2 * len(names)
    assert fixed(top) == {}


def test_root_leaves_another_users_tree_alone(places: tuple[Path, Path]) -> None:
    need_tools(["setpriv"])
    top, _ = places
    for path in (top, *top.rglob("*")):
        os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
    before = listing(top)
    done = run_here(top, "check", "--fix", ".")
    assert done.returncode == 2
    assert done.stderr == (
        f"pkgtools check: . belongs to user {SOMEBODY}, and root repairs only its own trees: run this as that user, "
        f"as by `setpriv --reuid={SOMEBODY} --clear-groups`\n"
    )
    assert listing(top) == before


def test_its_owner_repairs_a_tree() -> None:
    need_tools(["setpriv"])
    with tempfile.TemporaryDirectory() as name:
        top = make(Path(name), {M: SOURCE})
        for path in (top, *top.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY)
        os.chmod(f"{top}{M}", 0o666)
        as_owner = ["setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups", *PKGTOOLS]
        argv = [*as_owner, "check", "--fix", "--json", str(top)]
        done = subprocess.run(argv, check=True, capture_output=True, text=True, env=environment())
        repairs = {one["path"]: one["result"] for one in json.loads(done.stdout)["verdicts"][0]["repairs"]}
        assert repairs == {M: "repaired"}
        found = os.lstat(f"{top}{M}")
        assert (found.st_uid, found.st_mode & 0o7777) == (SOMEBODY, 0o644)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_root_leaves_another_users_part_of_its_tree_alone(edit: Edit, places: tuple[Path, Path]) -> None:
    top, _ = places
    os.chown(f"{top}{PRIVATE}", SOMEBODY, -1)
    before = listing(top)
    tree = StagedTree(top)
    assert f"{PRIVATE} belongs to user {SOMEBODY}" in tree.problem_of(edit)
    assert f"{PRIVATE} belongs to user {SOMEBODY}" in made(tree, edit)
    assert listing(top) == before


@pytest.mark.parametrize("name", ["mode", "line", "mode-of-directory"])
def test_root_leaves_another_users_file_alone(name: str, places: tuple[Path, Path]) -> None:
    top, _ = places
    os.chown(f"{top}{EDITS[name].path}", SOMEBODY, -1)
    before = listing(top)
    tree = StagedTree(top)
    assert tree.problem_of(EDITS[name]).startswith(f"it belongs to user {SOMEBODY}")
    assert made(tree, EDITS[name]).startswith(f"it belongs to user {SOMEBODY}")
    assert listing(top) == before


def test_root_compiles_no_source_in_another_users_directory(places: tuple[Path, Path]) -> None:
    top, _ = places
    make(top, {cached(M): pyc(M, mtime=1)})
    os.chown(f"{top}{PRIVATE}", SOMEBODY, -1)
    before = listing(top)
    edit = Recompile(path=InstalledPath(cached(M)), mode=InvalidationMode.TIMESTAMP)
    assert made(StagedTree(top, interpreter_of), edit).startswith(f"its directory {PRIVATE} belongs to user {SOMEBODY}")
    assert listing(top) == before


def test_root_follows_no_link_of_another_user_to_a_tree(places: tuple[Path, Path]) -> None:
    top, outside = places
    link = top.parent / "link"
    link.symlink_to(outside)
    StagedTree(link).close()  # root's own
    os.chown(link, SOMEBODY, SOMEBODY, follow_symlinks=False)
    with pytest.raises(UsageError, match="others than root could exchange it"):
        StagedTree(link)
    shared = top.parent / "shared"
    shared.mkdir()
    shutil.move(top, shared / "tree")
    shared.chmod(0o777)
    with pytest.raises(UsageError, match="others than root could exchange it"):
        StagedTree(shared / "tree")


def test_a_file_that_grows_a_line_keeps_the_rest(places: tuple[Path, Path]) -> None:
    top, _ = places
    text = b"#!old\r\n" + bytes(range(256)) * 4096
    Path(f"{top}{M}").write_bytes(text)
    assert made(StagedTree(top), EDITS["line"]) == ""
    assert Path(f"{top}{M}").read_bytes() == b"#!newer\n" + bytes(range(256)) * 4096


def test_public_directories_are_no_exception(tmp_path: Path) -> None:
    path = f"{PUBLIC}/m.py"
    top = make(tmp_path, {path: SOURCE, cached(path): pyc(path, mtime=1)})
    os.chmod(f"{top}{PUBLIC}", 0o777)
    assert {result for result, _ in fixed(top).values()} == {"repaired", "removed"}
