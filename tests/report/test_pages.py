# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is written as Markdown is read as the same words by a reader of Markdown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pkgtools.model.finding import RuleFacts
from pkgtools.report.pages import as_markdown, as_text, paragraphs
from tests.report.sample import RULES, WRITABLE

words = st.text(st.sampled_from("ab`*_<>[]()#|~&!\\-+.1= "), max_size=12)


def read(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def text_of(tokens: list[Token]) -> str:
    inline = (child for token in tokens for child in token.children or ())
    return "".join(child.content for child in inline if child.type in {"text", "code_inline"})


@given(what=words.filter(str.strip))
def test_no_sign_means_anything(what: str) -> None:
    tokens = read(as_markdown(replace(WRITABLE, page=replace(WRITABLE.page, what=f"x {what} x"))))
    first = tokens[1:2]
    assert tokens[0].type == "paragraph_open"
    assert text_of(first) == "".join(span.text for span in next(paragraphs(f"x {what} x")))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples_are_kept_as_they_are(rule: RuleFacts) -> None:
    (fence,) = (token for token in read(as_markdown(rule)) if token.type == "fence")
    assert fence.content == rule.page.example


@given(example=words.filter(str.strip))
def test_examples_do_not_end_their_fence(example: str) -> None:
    page = replace(WRITABLE.page, example=f"```\n{example}\n````")
    (fence,) = (token for token in read(as_markdown(replace(WRITABLE, page=page))) if token.type == "fence")
    assert fence.content == f"```\n{example}\n````\n"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_text_has_all_of_the_page(rule: RuleFacts) -> None:
    page = rule.page
    text = as_text(rule)
    assert [
        part for part in (page.what, page.why, page.example.strip("\n"), page.fix, *page.references) if part not in text
    ] == []
