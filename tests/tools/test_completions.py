# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The completions are what the parsers say, shells read them, and what is typed isn't a text for a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.commands import clean_environment
from tests.lab.needs import need_tools
from tools.completions import COMPLETIONS, files

SCRIPTS = dict(files())
READ = {"bash": ("bash", "-n"), "zsh": ("zsh", "-n"), "fish": ("fish", "--no-execute")}
_CHECKOUT = COMPLETIONS.parent.parent
_ASK = """
compopt() { :; }
dpkg-query() { printf '<%s>' "${@:3}" >&2; printf 'python3-acme\\npython3-zzz\\n'; }
. "$SCRIPT"
COMP_WORDS=("$COMMAND" -p "$TYPED"); COMP_CWORD=2
"_shtab_${COMMAND//-/_}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_files_are_those_that_the_parsers_make() -> None:
    found = {path: path.read_text(encoding="utf-8") for path in COMPLETIONS.rglob("*") if path.is_file()}
    assert found == SCRIPTS, "run tools/completions.py"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_shell_reads_its_script(path: Path) -> None:
    program, option = READ[path.parent.name]
    need_tools([program], root=False)
    subprocess.run([program, option, str(path)], check=True, capture_output=True, env=clean_environment())


@pytest.mark.parametrize("typed", ["python3-a", "--admindir=x", "-W", "*", "$(touch ran)", "a b"])
@pytest.mark.parametrize("command", ["pkgtools-compile", "pkgtools-clean"])
def test_what_is_typed_is_one_word_behind_the_options(command: str, typed: str, tmp_path: Path) -> None:
    script = (COMPLETIONS / "bash" / command).read_text().replace("2>/dev/null", "")
    (tmp_path / "script").write_text(script)
    environment = clean_environment({"TYPED": typed, "COMMAND": command, "SCRIPT": str(tmp_path / "script")})
    done = subprocess.run(
        ["bash", "-c", _ASK], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.stderr in {f"<--><{typed}*>", "<--><*>"}  # what begins with a hyphen is not asked for
    assert [path.name for path in tmp_path.iterdir()] == ["script"]
    if typed == "python3-a":
        assert (done.stdout, done.stderr) == ("python3-acme\n", "<--><python3-a*>")


MANIFEST = '[packages.acme]\n[packages."acme-web"]\n'


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("pkgtools explain stale", {"stale-pyc"}),
        ("pkgtools check --rule wrong-m", {"wrong-magic"}),
        ("pkgtools templates show deb/postin", {"deb/postinst.sh.j2"}),
        ("pkgtools generate --package acme-", {"acme-web"}),
        ("pkgtools stage -p ac", {"acme", "acme-web"}),
        ("pkgtools stage -m missing.toml -p ac", set()),
        ("pkgtools generate --target rpm-", {"rpm-ostree"}),
        ("pkgtools audit /us", {"/us"}),
    ],
)
def test_rules_templates_and_packages_are_completed(words: str, expected: set[str], tmp_path: Path) -> None:
    (tmp_path / "pkgtools.toml").write_text(MANIFEST)
    position = str(len(words.split()) - 1)
    environment = clean_environment({"COMP_WORDS": words, "COMP_CWORD": position, "PYTHONPATH": str(_CHECKOUT)})
    argv = [sys.executable, "-c", "from pkgtools.cli.group import main; main(prog_name='pkgtools')"]
    environment["_PKGTOOLS_COMPLETE"] = "bash_complete"
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    found = {line.partition(",")[2] for line in done.stdout.splitlines()} - {""}
    assert found == expected, done.stderr
