# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The whole program on made-up source trees: what it leaves for debhelper, what it says, what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.ours import CHECKOUT

DIST = "usr/lib/python3/dist-packages"
OLD = "usr/lib/python3.11/dist-packages"
INFO = f"debian/foo/{DIST}/foo-1.dist-info/METADATA"
ENVIRONMENT = {
    "DEBPYTHON3_DEFAULT": "3.11",
    "DEBPYTHON3_SUPPORTED": "3.11,3.12",
    "DEB_HOST_ARCH": "amd64",
    "DEB_HOST_MULTIARCH": "x86_64-linux-gnu",
    "PATH": "/usr/bin:/bin",
}
OVERRIDES = "a python3-a; PEP440\nb python3-b\nc python3-c\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a call did."""

    exit: int
    said: str
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A source package in a temporary directory."""

    top: Path

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            target = self.top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def control(
        self, depends: str = "${pkgtools:Depends}", *, source: str = "", fields: str = "", name: str = "foo"
    ) -> None:
        """Write debian/control with packages foo and bar."""
        rest = "Package: bar\nArchitecture: any\nDepends: ${pkgtools:Depends}\n"
        text = f"Source: foo\n\nPackage: foo\nArchitecture: all\nDepends: {depends}\n{fields}\n{rest}"
        self.write({"debian/control": text})

    def call(self, *arguments: str, **environment: str) -> Done:
        program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from pkgtools.debhelper.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-IXutf8", "-c", program, *arguments],
            cwd=self.top,
            env={**ENVIRONMENT, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(exit=done.returncode, said=done.stderr, printed=done.stdout)

    def good(self, *arguments: str, **environment: str) -> Done:
        done = self.call(*arguments, **environment)
        assert done.exit == 0, done.said
        return done

    def substvars(self, package: str = "foo") -> dict[str, set[str]]:
        path = self.top / f"debian/{package}.substvars"
        lines = path.read_text().splitlines() if path.exists() else []
        pairs = (line.partition("=") for line in lines)
        return {name: set(value.split(", ")) for name, _, value in pairs}

    def state(self) -> dict[str, tuple[int, int, bytes]]:
        """Return all that there is, with modes, times and contents."""
        found = {}
        for directory, _, names in os.walk(self.top):
            for path in (Path(directory), *(Path(directory, name) for name in names)):
                facts = path.lstat()
                found[str(path)] = (facts.st_mode, facts.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        return found

    def read(self, path: str) -> str:
        return (self.top / path).read_text()


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    """Return a source tree with one package of modules."""
    made = SourceTree(top=tmp_path)
    made.control()
    made.write({f"debian/foo/{OLD}/foo.py": "NAME = 1\n", "debian/py3dist-overrides": OVERRIDES})
    return made


def metadata(*requirements: str, extras: str = "") -> str:
    lines = "".join(f"Requires-Dist: {requirement}\n" for requirement in requirements)
    return f"Metadata-Version: 2.1\nName: foo\nVersion: 1\n{extras}{lines}"


@pytest.mark.parametrize(
    ("depends", "options", "variable"),
    [
        pytest.param("${pkgtools:Depends}", (), "pkgtools:Depends", id="ours"),
        pytest.param("${misc:Depends}, ${pkgtools:Depends}", (), "pkgtools:Depends", id="ours before debhelper's"),
        pytest.param("${misc:Depends}, ${python3:Depends}", (), "python3:Depends", id="dh_python3's"),
        pytest.param("${misc:Depends}", (), "misc:Depends", id="debhelper's"),
        pytest.param("${python3:Depends}", ("--compat=dh_python3",), "python3:Depends", id="compat"),
    ],
)
def test_relations_go_to_the_variable_that_control_mentions(
    tree: SourceTree, depends: str, options: tuple[str, ...], variable: str
) -> None:
    tree.control(depends)
    tree.write({INFO: metadata("b")})
    done = tree.good(*options)
    runtime = set() if "--compat=dh_python3" in options else {"pkgtools-runtime"}
    assert tree.substvars() == {variable: {"python3:any", "python3-b", *runtime}}
    assert done.said == ""


def test_relations_without_a_home_are_reported(tree: SourceTree) -> None:
    tree.control("libc6")
    done = tree.call("--strict")
    assert done.exit == 2
    assert "debian/control:3: package foo nowhere mentions ${pkgtools:Depends}" in done.said


def test_each_field_has_its_variable(tree: SourceTree) -> None:
    tree.control(fields="Recommends: ${pkgtools:Recommends}\nSuggests: ${pkgtools:Suggests}\n")
    tree.good("--depends=a>=2", "--recommends=b", "--suggests=c")
    assert tree.substvars() == {
        "pkgtools:Depends": {"python3:any", "pkgtools-runtime", "python3-a (>= 2)"},
        "pkgtools:Recommends": {"python3-b"},
        "pkgtools:Suggests": {"python3-c"},
    }


def test_extras_go_to_the_fields_that_are_asked_for(tree: SourceTree) -> None:
    tree.control(fields="Recommends: ${pkgtools:Recommends}\n")
    extras = "Provides-Extra: x\nProvides-Extra: y\nProvides-Extra: z\n"
    tree.write({INFO: metadata("a; extra == 'x'", "b; extra == 'y'", "c; extra == 'z'", extras=extras)})
    tree.good("--depends-section=x", "--recommends-section=y")
    assert tree.substvars()["pkgtools:Depends"] >= {"python3-a"}
    assert tree.substvars()["pkgtools:Recommends"] == {"python3-b"}
    assert "python3-c" not in tree.read("debian/foo.substvars")


@pytest.mark.parametrize(
    ("path", "option"),
    [
        pytest.param("more.txt", "more.txt", id="of the source"),
        pytest.param("debian/foo/usr/share/foo/more.txt", "/usr/share/foo/more.txt", id="of the package"),
    ],
)
def test_files_with_requirements(tree: SourceTree, path: str, option: str) -> None:
    tree.write({path: "# what else\na>=2\nb\n"})
    tree.good(f"--requires={option}")
    assert tree.substvars()["pkgtools:Depends"] >= {"python3-a (>= 2)", "python3-b"}


def test_missing_file_with_requirements_is_a_loss(tree: SourceTree) -> None:
    assert "lost: more.txt: " in tree.good("--requires=more.txt").said
    assert tree.call("--requires=more.txt", "--strict").exit == 2


def test_no_guessing_leaves_metadata_unread(tree: SourceTree) -> None:
    tree.write({INFO: metadata("a")})
    tree.good("--no-guessing-deps")
    assert tree.substvars() == {"pkgtools:Depends": {"python3:any", "pkgtools-runtime"}}


def test_what_is_lost_is_named_with_its_line(tree: SourceTree) -> None:
    tree.write({INFO: metadata("a", "nobody-has-this", "b")})
    done = tree.good()
    assert f"dh_pkgtools: lost: {INFO}:5: " in done.said
    assert "nobody-has-this" in done.said
    assert tree.substvars()["pkgtools:Depends"] >= {"python3-a", "python3-b"}


def test_strict_fails_on_what_is_lost(tree: SourceTree) -> None:
    tree.write({INFO: metadata("a", "nobody-has-this")})
    done = tree.call("--strict")
    assert done.exit == 2
    assert "error: 1 requirements got lost" in done.said


def test_files_that_differ_are_named(tree: SourceTree) -> None:
    tree.write({f"debian/foo/{DIST}/foo.py": "NAME = 2\n"})
    done = tree.good("--strict")
    assert f"note: {OLD}/foo.py: it differs from {DIST}/foo.py" in done.said


BAD = {
    "field": ("Source: foo\nnonsense\n", (), "debian/control:2: 'nonsense' is no field"),
    "twice": ("Source: foo\nSection: a\nsection: b\n", (), "debian/control:3: section is here twice, before at"),
    "no packages": ("Source: foo\n", (), "debian/control: no paragraph with a field Package"),
    "no architecture": (
        "Source: foo\n\nPackage: foo\n",
        (),
        "debian/control:3: this paragraph has no field",
    ),
    "range": (
        "Source: foo\nSection: python\nX-Python3-Version: >= 3.9, new\n\nPackage: foo\nArchitecture: all\n",
        (),
        "debian/control:3: X-Python3-Version: 'new' is no version or limit",
    ),
    "package": (None, ("-p", "other"), "debian/control has no package other: it has bar, foo"),
    "option": (None, ("--nonsense",), "unrecognized arguments: --nonsense"),
    "strategy": (None, ("--strategy=nonsense",), "invalid choice: 'nonsense'"),
    "version": (None, ("-V", "new"), "version range 'new'"),
    "pattern": (None, ("-X", "("), "-X '('"),
}


@pytest.mark.parametrize(("control", "arguments", "message"), BAD.values(), ids=BAD)
def test_faults_name_file_and_line(
    tree: SourceTree, control: str | None, arguments: tuple[str, ...], message: str
) -> None:
    if control is not None:
        tree.write({"debian/control": control})
    before = tree.state()
    done = tree.call(*arguments)
    assert done.exit == 2
    assert done.said.startswith("dh_pkgtools: error: ")
    assert message in done.said
    assert "Traceback" not in done.said
    assert tree.state() == before


def test_outside_a_source_package(tmp_path: Path) -> None:
    done = SourceTree(top=tmp_path).call()
    assert (done.exit, "there is no debian/control here" in done.said) == (2, True)


@pytest.mark.parametrize("name", ["pyinstall", "pyremove", "pydist"])
def test_faults_in_lists_name_the_line(tree: SourceTree, name: str) -> None:
    lines = {"pyinstall": "foo.py\nmissing.py\n", "pyremove": "a\nb 3.12-3.9\n", "pydist": "a python3-a\nb; s/x\n"}
    tree.write({f"debian/foo.{name}": lines[name], "foo.py": ""})
    done = tree.call()
    assert f"debian/foo.{name}:2: " in done.said


WITH_EVERYTHING = {
    "debian/foo.pyinstall": "more.py acme\n",
    "debian/foo.pyremove": "gone.py\n",
    "debian/foo.pydist": "foo python3-foo\n",
    "debian/foo.bcep": "dir|-|/usr/share/foo\n",
    "more.py": "",
    f"debian/foo/{OLD}/gone.py": "",
    "debian/foo/usr/share/foo/x.py": "",
    "debian/foo/opt/foo/x.py": "",
    "debian/foo/usr/bin/foo": "#!/usr/bin/env python3\n",
    INFO: metadata("a>=1"),
}


@pytest.mark.parametrize("options", [(), ("--compat=dh_python3",), ("--strategy=standalone",), ("--strategy=shipped",)])
@pytest.mark.parametrize("way", ["option", "variable"])
def test_no_act_changes_nothing(tree: SourceTree, options: tuple[str, ...], way: str) -> None:
    tree.control("${python3:Depends}, ${pkgtools:Depends}")
    tree.write(WITH_EVERYTHING)
    before = tree.state()
    if way == "option":
        done = tree.good("--no-act", *options, DH_INTERNAL_OVERRIDE="dh_pkgtools")
    else:
        done = tree.good(*options, DH_NO_ACT="1", DH_INTERNAL_OVERRIDE="dh_pkgtools")
    assert tree.state() == before
    assert f"foo: move {OLD}/foo.py to {DIST}/foo.py\n" in done.printed
    assert f"foo: install more.py as {DIST}/acme/more.py\n" in done.printed
    assert "Depends += python3-a (>= 1)\n" in done.printed


@pytest.mark.parametrize("options", [(), ("--compat=dh_python3",), ("--strategy=direct",), ("--strategy=native",)])
def test_second_call_changes_nothing(tree: SourceTree, options: tuple[str, ...]) -> None:
    tree.control("${python3:Depends}, ${pkgtools:Depends}")
    tree.write({path: text for path, text in WITH_EVERYTHING.items() if not path.endswith(("pyinstall", "pyremove"))})
    tree.good(*options)
    before = {path: (mode, content) for path, (mode, _, content) in tree.state().items()}
    tree.good(*options)
    assert {path: (mode, content) for path, (mode, _, content) in tree.state().items()} == before


def test_what_is_done_is_logged_in_overrides_only(tree: SourceTree) -> None:
    tree.good()
    assert not (tree.top / "debian/foo.debhelper.log").exists()
    tree.good("-pfoo", DH_INTERNAL_OVERRIDE="dh_pkgtools")
    assert tree.read("debian/foo.debhelper.log") == "dh_pkgtools\n"
    tree.write({f"debian/foo/{OLD}/late.py": "", f"debian/bar/{OLD}/bar.py": ""})
    tree.good("--remaining-packages", DH_INTERNAL_OVERRIDE="dh_pkgtools")
    assert (tree.top / f"debian/foo/{OLD}/late.py").exists()
    assert (tree.top / f"debian/bar/{DIST}/bar.py").exists()


CHOICES = {
    "all": ((), {}, {"foo", "bar"}),
    "one": (("-pfoo",), {}, {"foo"}),
    "one, as dh passes it": (("-O-pfoo",), {}, {"foo"}),
    "not one": (("-N", "foo"), {}, {"bar"}),
    "independent": (("-i",), {}, {"foo"}),
    "dependent": (("-a",), {}, {"bar"}),
    "by variable": ((), {"DH_OPTIONS": "-Nbar"}, {"foo"}),
    "foreign options of dh": (("-O--buildsystem=pybuild", "-O--sourcedirectory=x"), {}, {"foo", "bar"}),
}


@pytest.mark.parametrize(("arguments", "environment", "done"), CHOICES.values(), ids=CHOICES)
def test_packages_are_chosen(
    tree: SourceTree, arguments: tuple[str, ...], environment: dict[str, str], done: set[str]
) -> None:
    tree.write({f"debian/bar/{OLD}/bar.py": ""})
    tree.good(*arguments, **environment)
    assert {name for name in ("foo", "bar") if (tree.top / f"debian/{name}/{DIST}").is_dir()} == done


def test_verbose_says_what_is_done(tree: SourceTree) -> None:
    assert tree.good().printed == ""
    tree.write({f"debian/foo/{OLD}/late.py": ""})
    assert f"foo: move {OLD}/late.py to {DIST}/late.py\n" in tree.good(DH_VERBOSE="1").printed
    tree.write({f"debian/foo/{OLD}/later.py": ""})
    assert tree.good("-q", DH_VERBOSE="1").printed == ""


def test_package_without_python_gets_nothing(tree: SourceTree) -> None:
    tree.write({"debian/bar/usr/share/bar/README": "Nothing.\n"})
    before = tree.state()
    tree.good("-pbar")
    assert tree.state() == before


def test_package_without_a_tree_gets_nothing(tree: SourceTree) -> None:
    before = tree.state()
    tree.good("-pbar")
    assert tree.state() == before


PRIVATE = "debian/foo/usr/share/pkgtools/private.d/foo.conf"


def registered(tree: SourceTree) -> list[str]:
    return [line for line in tree.read(PRIVATE).splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("named_first", [True, False], ids=["named first", "named last"])
def test_private_directory_keeps_the_options_of_the_call_that_names_it(tree: SourceTree, named_first: bool) -> None:
    tree.write({"debian/foo/opt/one/x.py": "", "debian/foo/opt/two/x.py": "", "debian/foo/opt/three/x.py": ""})
    calls: list[tuple[str, ...]] = [
        ("-pfoo", "/opt/one", "-V", "3.9-", "-X", "x\\|y"),
        ("-pfoo", "opt/two", "-V", "3.11"),
        ("-pfoo",),
    ]
    for call in calls if named_first else reversed(calls):
        tree.good(*call)
    assert sorted(registered(tree)) == [
        "compile|3.11|/opt/two",
        "compile|3.9-|/opt/one",
        "compile||/opt/three",
        "exclude||/opt/one|x\\|y",
    ]


def test_one_call_for_each_private_directory_asks_for_all_of_them(tree: SourceTree) -> None:
    tree.write({"debian/foo/opt/one/x.py": "", "debian/foo/opt/two/x.py": ""})
    tree.good("/opt/one", "-V", "3.9-")
    tree.good("/opt/two", "-V", "3.12-")
    assert sorted(registered(tree)) == ["compile|3.12-|/opt/two", "compile|3.9-|/opt/one"]
    scripts = tree.read("debian/foo.postrm.debhelper")
    assert [scripts.count(f"--orphans={directory} ") for directory in ("/opt/one", "/opt/two")] == [1, 1]
