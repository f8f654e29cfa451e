# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Each filter against the program that reads its language: what was meant comes out again."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from debian.deb822 import Deb822
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pkgtools.render import quoting
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.policy.configuration import Exclusion, PrivateDirectory, parse_line
from tests.lab.work import examples
from tests.render.tools import SHELLS, alpm_matches, alpm_words, build_rpm, need, read_by, spec_query

TRICKY = st.text(
    st.one_of(
        st.sampled_from("'\"\\$`%{}()[]*?!#~=&;|<> -:@\t\n\r\x0b\x7f\x85\u2028é漢"), st.characters(codec="utf-8")
    ),
    max_size=24,
)
TEXT = TRICKY.filter(lambda text: "\0" not in text)
LINE = TEXT.filter(lambda text: not set(text) & {"\n", "\r"})
FEW = settings(max_examples=25)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@FEW
@given(words=st.lists(TEXT, min_size=1, max_size=4))
@example(words=["", "-n", "~", "a\\", "'", "\\'", "\n", "=x", "!", "a=b", "%s"])
def test_shells_read_words_as_they_were_meant(shell: tuple[str, ...], words: list[str]) -> None:
    need(shell[0])
    script = f"printf '%s\\0' {quoting.quote_sh(words)}\n"
    assert read_by(*shell, given=script.encode()) == b"".join(word.encode() + b"\0" for word in words)


@pytest.mark.parametrize("value", ["a\0b", "\udcff"], ids=["NUL", "no Unicode"])
def test_what_no_script_can_hold_is_an_error(value: str) -> None:
    with pytest.raises(UsageError):
        quoting.quote_sh(value)


@FEW
@given(words=st.lists(LINE, min_size=1, max_size=4))
@example(words=["$(id)", "$$", "a\\", "#", "$", "%", "\t"])
def test_make_runs_what_was_meant(words: list[str]) -> None:
    need("make")
    recipe = quoting.quote_make(quoting.quote_sh(words))
    makefile = f"define lines\n\t@printf '%s\\0' {recipe}\nendef\nall:\n\t$(lines)\n"
    assert read_by("make", "-sf-", given=makefile.encode()) == b"".join(word.encode() + b"\0" for word in words)


@pytest.mark.parametrize("value", ["a\nb", "a\0"], ids=["newline", "NUL"])
def test_recipe_of_several_lines_is_an_error(value: str) -> None:
    with pytest.raises(UsageError):
        quoting.quote_make(value)


RPM_LINE = st.one_of(
    st.sampled_from(
        "%{lua:print(1)} %(id) %% % \\ %{ %{? %[1+1] %{!?x:y} 100% %s #%{nil} #%(id) %1 %* %# } %{expand:%%{x}} "
        "\\%( \\\\%{ %- %_x {%".split()
    ),
    st.text("%{}()[]\\?!:#$'\" ax1\t\x0b\x0c\r", max_size=10),
)


@pytest.mark.parametrize("section", ["post", "pre -p /bin/sh"])
@settings(max_examples=examples(60))
@given(lines=st.lists(RPM_LINE, min_size=1, max_size=5))
@example(lines=["\\", "%", "\\"])
@example(lines=["a\\", "%(id)", "b"])
@example(lines=["%{", "}"])
def test_rpm_finds_the_scriptlet_as_it_was_meant(section: str, lines: list[str]) -> None:
    need("rpmspec")
    body = "\n".join(["true", *lines, "true"])
    try:
        escaped = quoting.quote_rpm(body)
    except UsageError:
        assume(False)
    tag = section[: 4 if section == "post" else 3] + "in"
    assert spec_query(f"%{section}\n{escaped}\n%files\n", f"%{{{tag}}}") == body


@pytest.mark.parametrize(
    "line", ["%files", "%if 0", "  %endif", "\t%DNL x", "\x0b%post", "\x0c%include /x", "a\n%define x"]
)
def test_line_that_rpm_takes_for_its_own_even_escaped_is_an_error(line: str) -> None:
    with pytest.raises(UsageError, match="rpm would read"):
        quoting.quote_rpm(line)


@FEW
@given(text=st.text("%{}()abc: !?\\é'", max_size=20))
@example(text="x%(echo pwned >&2).toml")
@example(text="%{lua:print(1)}")
def test_rpm_expands_nothing_in_a_line(text: str) -> None:
    need("rpm")
    assume(text.strip() == text and text)
    assert read_by("rpm", "--eval", quoting.quote_rpm(f"x{text}")).decode() == f"x{text}\n"


@FEW
@given(word=st.text([chr(code) for code in range(0x21, 0x7F)], min_size=1, max_size=12))
def test_rpm_watches_the_prefixes_that_were_meant(word: str) -> None:
    need("rpmspec")
    prefix = f"/opt/{word}/"
    try:
        escaped = quoting.quote_rpm(quoting.quote_rpm_prefix(prefix))
    except UsageError:
        assert set(prefix) & set(",<>=")
        return
    asked = spec_query(f"%transfiletriggerin -- /usr/bin/ {escaped}\n:\n%files\n", "[%{TRANSFILETRIGGERNAME}\n]")
    assert sorted(asked.splitlines()) == sorted(["/usr/bin/", prefix])


@pytest.mark.parametrize("value", ["", "a b", "é", "a\nb", "a\0"], ids=ascii)
@pytest.mark.parametrize("name", ["word", "rpmprefix", "apkpath", "target"])
def test_what_needs_quotes_is_no_word(name: str, value: str) -> None:
    with pytest.raises(UsageError):
        quoting.FILTERS[name](value)


@pytest.mark.parametrize("value", ["/a$(id)", "/a:b", "/a=b", '/a"', "/a`id`", "/a*", "/a\\"])
def test_what_apkbuilds_give_a_meaning_is_no_directory_to_watch(value: str) -> None:
    with pytest.raises(UsageError):
        quoting.quote_apk_path(value)


@pytest.mark.parametrize("value", ['/a"b', "/a\\", "/a*", "/a?", "/[x]", "/{a,b}", "/a\nb", "/\x01", "/100% x"])
def test_path_that_rpm_has_no_way_to_write_is_an_error(value: str) -> None:
    with pytest.raises(UsageError):
        quoting.quote_rpm_path(value)


def test_rpm_packs_the_paths_that_were_meant(tmp_path: Path) -> None:
    need("rpmbuild", "rpm")
    listed = [
        "/opt/it's",
        "/opt/100%",
        "/opt/%(name)$HOME",
        "/opt/été~!@#$^&()-=+;:'<>,./x y",
        "/opt/%%(id)/y",
        "/opt/plain",
    ]
    for path in listed:
        file = Path(f"{tmp_path}/tree{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    lines = "\n".join(quoting.quote_rpm_path(path) for path in listed)
    built = build_rpm(f"%install\ncp -a {tmp_path}/tree/. %{{buildroot}}\n%files\n{lines}\n", tmp_path)
    assert sorted(read_by("rpm", "-qpl", built).decode().splitlines()) == sorted(listed)


YAML = st.one_of(
    TRICKY, st.sampled_from("yes no on off ~ null 1e3 0o17 0x1f 1_000 1:30 2001-01-01 = << * & ! % @ ` -".split())
)


@settings(max_examples=examples(200))
@given(value=st.one_of(YAML, st.booleans(), st.integers(), st.lists(YAML, max_size=3)))
@example(value="a\x85b\u2028c\ufeff\ufffe\uffff\x7f\x1b")
@example(value="\U0001f600")
def test_yaml_gives_back_value_and_type(value: str | bool | int | list[str]) -> None:
    text = f"before: 1\nkey: {quoting.quote_yaml(value)}\nafter: 2\n"
    assert yaml.safe_load(text) == {"before": 1, "key": value, "after": 2}
    assert len(text.splitlines()) == 3


@settings(max_examples=examples(200))
@given(value=st.one_of(TRICKY, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.lists(TRICKY, max_size=3)))
@example(value='\x00\x08\x7f\ufffe"\\\n')
def test_toml_gives_back_value_and_type(value: str | bool | int | list[str]) -> None:
    read = tomllib.loads(f"key = {quoting.quote_toml(value)}\nafter = 2\n")
    assert read == {"key": value, "after": 2}
    assert type(read["key"]) is type(value)


@pytest.mark.parametrize("name", ["yaml", "toml", "sh"])
@pytest.mark.parametrize("value", ["/opt/\udcff", ["a", "\ud800"]], ids=["text", "list"])
def test_bytes_that_are_no_text_are_an_error(name: str, value: str | list[str]) -> None:
    with pytest.raises(UsageError):
        quoting.FILTERS[name](value)


@given(value=st.lists(TEXT, min_size=1, max_size=3))
def test_control_field_is_one_field(value: list[str]) -> None:
    try:
        field = quoting.quote_field(value)
    except UsageError:
        return
    read = Deb822(f"Before: 1\nDepends: {field}\nAfter: 2\n")
    assert dict(read) == {"Before": "1", "Depends": ", ".join(value).strip(), "After": "2"}


@pytest.mark.parametrize("value", ["", " ", "a\nb", "a\n\nPackage: b", "a\rb", "a\x85b"], ids=ascii)
def test_what_would_end_a_control_field_is_an_error(value: str) -> None:
    with pytest.raises(UsageError):
        quoting.quote_field(value)


@given(name=LINE, pattern=LINE)
def test_drop_in_lines_are_read_as_they_were_meant(name: str, pattern: str) -> None:
    assume("|" not in name and "/" not in name and name not in {"", ".", ".."})
    directory = f"/opt/{name}"
    registered = parse_line(quoting.quote_line(f"compile|3.9-|{directory}"), ours=True)
    assert isinstance(registered, PrivateDirectory)
    assert registered.directory == directory
    plain = "".join(c for c in pattern if c.isalnum() or c in "|' \"%$") or "x"
    excluded = parse_line(quoting.quote_line(f"exclude||{directory}|{plain}"), ours=True)
    assert isinstance(excluded, Exclusion)
    assert excluded.pattern is not None
    assert (excluded.place, excluded.pattern.pattern) == (directory, plain)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"], ids=ascii)
def test_two_lines_are_no_line(value: str) -> None:
    with pytest.raises(UsageError):
        quoting.quote_line(value)


@given(text=st.text(max_size=30))
@example(text="a\nb\r\x0b\x0c\x1c\x85\u2028\u2029\udcff\0")
def test_comment_is_one_line_that_can_be_encoded(text: str) -> None:
    comment = quoting.quote_comment(text)
    assert len(f"# {comment}".splitlines()) == 1
    assert len(comment.encode().decode()) == len(text)


@settings(max_examples=examples(300))
@given(words=st.lists(LINE, min_size=1, max_size=4))
@example(words=["a\\", "\\'", '\\"', "'\\", "\\ x", "\\\\'\"\\", "", "b\\"])
def test_pacman_splits_a_hooks_command_as_it_was_meant(words: list[str]) -> None:
    assert alpm_words(quoting.quote_exec(words)) == words


@settings(max_examples=examples(100))
@given(words=st.lists(LINE, min_size=1, max_size=3))
@example(words=["tr", "\\n", "/opt/a\\"])
def test_shell_that_pacman_starts_gets_what_was_meant(words: list[str]) -> None:
    command = str(quoting.quote_sh(words))
    split = alpm_words(quoting.quote_exec(("/bin/sh", "-c", command)))
    assert split == ["/bin/sh", "-c", command]
    assert shlex.split(split[2]) == words


@FEW
@given(word=st.text("!*?[]\\ab^-{}", min_size=1, max_size=8))
@example(word="!a")
@example(word="\\")
@example(word="*")
@example(word="[ab]")
def test_pacman_watches_the_directory_that_was_meant_alone(word: str) -> None:
    target = quoting.quote_target(word)
    assert alpm_matches(target, word)
    assert not alpm_matches(target, f"{word}x")
    assert not alpm_matches(target, "ab") or word == "ab"


@given(words=st.lists(TEXT, min_size=1, max_size=4))
def test_fpm_reads_options_as_they_were_meant(words: list[str]) -> None:
    assert shlex.split(quoting.quote_sh(words)) == words


@given(value=st.integers(0, 0o7777))
def test_permission_bits_are_octal_for_yaml(value: int) -> None:
    assert yaml.safe_load(quoting.quote_octal(value)) == value
