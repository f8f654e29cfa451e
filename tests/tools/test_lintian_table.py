# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""tools/lintian_table.py counts packages, not hints, and takes the same sample each time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from pkgtools.check.registry import all_rules
from tools.lintian_table import PAGE, Comparison, Looked, choose, compare, look_at, page, read_hints
from tools.lintian_topics import TOPICS

BYTECODE = TOPICS[0]
TAG, OTHER_TAG = "package-installs-python-pycache-dir", "python-tag-of-tomorrow"


def hints(**files: list[tuple[str, str]]) -> str:
    """Return what lintian prints of package files, each hint a tag and a note."""
    inputs = [
        {"path": path, "hints": [{"tag": tag, "note": note, "visibility": "error"} for tag, note in some]}
        for path, some in files.items()
    ]
    return json.dumps({"groups": [{"input_files": [one]} for one in inputs], "lintian_version": "2"})


def test_hints_are_counted_by_file_and_others_are_left_out() -> None:
    some = [
        (TAG, ""),
        (TAG, ""),
        ("unusual-interpreter", "/usr/bin/env python"),
        ("unusual-interpreter", "/usr/bin/pmpython"),
    ]
    assert read_hints(hints(a=some, b=[("no-copyright-file", "")], c=[])) == {
        "a": Counter({TAG: 2, "unusual-interpreter": 1})
    }


def test_what_was_looked_at_is_not_looked_at_again(tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    looked = [Looked("a.deb", {TAG: 2}, {}), Looked("b.deb", {}, {"stale-pyc": 1})]
    keep.write_text("".join(json.dumps(one._asdict()) + "\n" for one in looked), encoding="utf-8")
    assert list(look_at([tmp_path / "b.deb", tmp_path / "a.deb"], keep)) == looked


def test_packages_are_compared_and_not_findings() -> None:
    tags = {"a": Counter({TAG: 7}), "b": Counter({TAG: 1}), "c": Counter({OTHER_TAG: 1})}
    rules = {"a": Counter({"bytecode-in-deb": 1}), "c": Counter({"legacy-pyc": 3}), "d": Counter({"version-zero": 1})}
    assert compare(BYTECODE, tags, rules) == Comparison(both=1, lintian=1, ours=1)


def test_the_page_has_every_tag_and_rule_with_its_numbers() -> None:
    tags = {"a": Counter({TAG: 7, OTHER_TAG: 2}), "b": Counter({OTHER_TAG: 1})}
    rules = {"a": Counter({"bytecode-in-deb": 1, "version-zero": 4})}
    lines = list(page(tags, rules, "2 packages"))
    (row,) = (line for line in lines if line.startswith(f"| {BYTECODE.name} |"))
    assert f"`{TAG}` (7)" in row
    assert row.endswith("| 1 | 0 | 0 |")
    assert f"| `{OTHER_TAG}` | 2 | 3 |  |" in lines
    assert "| [`version-zero`](rules/version-zero.md) | 1 | 4 |" in lines
    assert [line for line in lines if "\n" in line] == []


def test_the_sample_is_the_same_each_time_and_has_modules_and_programs() -> None:
    def paragraph(name: str, depends: str = "", size: int = 9) -> dict[str, str]:
        return {"Package": name, "Depends": depends, "Size": str(size)}

    modules = [paragraph(f"python3-a{number}") for number in range(40)]
    programs = [paragraph(f"b{number}", "libc6, python3:any") for number in range(40)]
    others = [paragraph("libx", "python3-apt"), paragraph("python3-x-doc"), paragraph("python3-huge", size=10**9)]
    chosen = choose([*modules, *programs, *others], 30)
    assert chosen == choose([*others, *programs, *modules], 30)
    assert Counter(name[0] for name in chosen) == {"p": 20, "b": 10}
    assert not {"libx", "python3-x-doc", "python3-huge"} & {*choose([*modules, *others], 90)}


def test_topics_name_rules_that_exist_and_each_only_once() -> None:
    known = {rule.facts.id for rule in all_rules()}
    named = [rule for topic in TOPICS for rule in topic.rules]
    assert {*named} <= known
    assert len(named) == len({*named})
    tags = [tag for topic in TOPICS for tag in topic.tags]
    assert len(tags) == len({*tags})


def test_the_page_names_each_topic_and_says_why() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert [topic.name for topic in TOPICS if f"* {topic.name}: {topic.why}" not in text or not topic.why] == []
