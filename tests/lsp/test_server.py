# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools lsp`, started and asked by a client of the protocol."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.cli.packages import PKGTOOLS, environment

PATIENCE = 60
"""Seconds, against hangs alone."""
WRONG = """[packages.acme]
private = [{ exclude = ["𝄞"], directory = "/opt/acme", plugin = true }]
"""
"""A character that is two of the protocol's units stands before the fault."""


class Editor:
    """A client with a document."""

    def __init__(self, client: LanguageClient, uri: str) -> None:
        self.client = client
        self.uri = uri
        self.found: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator] # pygls
        def found(params: types.PublishDiagnosticsParams) -> None:
            self.found.put_nowait(params)

    def open(self, text: str) -> None:
        item = types.TextDocumentItem(uri=self.uri, language_id="toml", version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))

    async def diagnostics(self) -> list[types.Diagnostic]:
        return list((await asyncio.wait_for(self.found.get(), PATIENCE)).diagnostics)

    def at(self, line: int, character: int) -> dict[str, object]:
        document = types.TextDocumentIdentifier(uri=self.uri)
        return {"text_document": document, "position": types.Position(line=line, character=character)}


@asynccontextmanager
async def editor(path: Path) -> AsyncIterator[Editor]:
    client = LanguageClient("test", "1")
    await client.start_io(*PKGTOOLS, "lsp", env=environment())
    try:
        one = Editor(client, path.as_uri())
        parameters = types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=path.parent.as_uri())
        await asyncio.wait_for(client.initialize_async(parameters), PATIENCE)
        client.initialized(types.InitializedParams())
        yield one
    finally:  # else it would be waited for without end
        await asyncio.wait_for(client.shutdown_async(None), PATIENCE)
        client.exit(None)
        await asyncio.wait_for(client.stop(), PATIENCE)  # type: ignore[no-untyped-call] # pygls


def with_editor(path: Path, story: Callable[[Editor], Awaitable[None]]) -> None:
    async def run() -> None:
        async with editor(path) as one:
            await story(one)

    asyncio.run(run())


def test_a_fault_is_marked_explained_and_mended(tmp_path: Path) -> None:
    async def story(one: Editor) -> None:
        one.open(WRONG)
        (fault,) = await one.diagnostics()
        assert fault.source == "pkgtools"
        assert (fault.range.start.line, fault.range.start.character, fault.range.end.character) == (1, 56, 62)
        assert "did you mean `plugins`?" in fault.message
        document = types.TextDocumentIdentifier(uri=one.uri)
        context = types.CodeActionContext(diagnostics=[fault])
        asked = types.CodeActionParams(text_document=document, range=fault.range, context=context)
        (action,) = await one.client.text_document_code_action_async(asked) or []
        assert isinstance(action, types.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        assert list(action.edit.changes) == [one.uri]
        (edit,) = action.edit.changes[one.uri]
        assert (edit.range, edit.new_text) == (fault.range, "plugins")
        hover = await one.client.text_document_hover_async(types.HoverParams(**one.at(1, 35)))  # type: ignore[arg-type]
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "Its path" in hover.contents.value
        change = types.TextDocumentContentChangeWholeDocument(text='[packages.acme]\nstrategy = "')
        version = types.VersionedTextDocumentIdentifier(uri=one.uri, version=2)
        one.client.text_document_did_change(
            types.DidChangeTextDocumentParams(text_document=version, content_changes=[change])
        )
        (fault,) = await one.diagnostics()
        assert fault.range.start.line == 1
        items = await one.client.text_document_completion_async(types.CompletionParams(**one.at(1, 12)))  # type: ignore[arg-type]
        assert isinstance(items, list)
        assert {"trigger", "standalone"} <= {item.label for item in items}

    with_editor(tmp_path / "pkgtools.toml", story)


def test_lines_are_counted_as_toml_does(tmp_path: Path) -> None:
    async def story(one: Editor) -> None:
        one.open(f"# a\u2028b\x85c\n{WRONG}")
        (fault,) = await one.diagnostics()
        assert (fault.range.start.line, fault.range.start.character, fault.range.end.character) == (2, 56, 62)

    with_editor(tmp_path / "pkgtools.toml", story)


def spoken(*messages: Mapping[str, object]) -> tuple[int, list[dict[str, object]], str]:
    """Speak to a server without a client's help; return its status, its answers to requests, and what it said else."""
    bodies = [json.dumps({"jsonrpc": "2.0", **one}).encode() for one in messages]
    given = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    argv = [*PKGTOOLS, "lsp"]
    done = subprocess.run(argv, check=False, input=given, capture_output=True, env=environment(), timeout=PATIENCE)
    said = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in done.stdout.split(b"Content-Length: ")[1:]]
    return done.returncode, [one for one in said if "id" in one], done.stderr.decode()


def test_documents_that_are_not_open_are_not_read(tmp_path: Path) -> None:
    """A pipe, of which a read has no end, and a name that no file has; then the server ends without a word."""
    os.mkfifo(tmp_path / "pkgtools.toml")
    places = ((tmp_path / "pkgtools.toml").as_uri(), "file:///a%00/pkgtools.toml", "untitled:pkgtools.toml", "")
    asked = [{"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}} for uri in places]
    first = {"id": 0, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}}
    opened = {"uri": places[1], "languageId": "toml", "version": 1, "text": WRONG}
    told = {"method": "textDocument/didOpen", "params": {"textDocument": opened}}
    hovers = [{"id": number, "method": "textDocument/hover", "params": one} for number, one in enumerate(asked, 1)]
    status, answers, said = spoken(first, told, *hovers, {"id": 9, "method": "shutdown"}, {"method": "exit"})
    assert (status, said) == (0, "")
    assert [one["result"] for one in answers[1:]] == [None] * 5


def test_a_large_document_is_refused_and_others_are_passed_over(tmp_path: Path) -> None:
    async def story(one: Editor) -> None:
        one.open("#" * ((1 << 20) + 1))
        (fault,) = await one.diagnostics()
        assert fault.message == "larger than 1 MiB: it isn't looked at"
        one.uri = (tmp_path / "other.toml").as_uri()
        one.open(WRONG)
        assert await one.client.text_document_hover_async(types.HoverParams(**one.at(2, 3))) is None  # type: ignore[arg-type]
        one.uri = (tmp_path / "debian/pkgtools.toml").as_uri()
        one.open("[packages.acme]\n")
        assert await one.diagnostics() == []

    with_editor(tmp_path / "pkgtools.toml", story)


def test_it_starts_no_program_and_writes_nothing(tmp_path: Path) -> None:
    """Also where the project has programs of the names that could be looked for."""
    for name in ("sh", "python3", "dpkg", "git"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/owned\n")
        (tmp_path / name).chmod(0o755)
    before = sorted(os.listdir(tmp_path))

    async def story(one: Editor) -> None:
        one.open(WRONG + '[[packages.acme.snippets]]\nhook = "post-install"\nfile = "sh"\n')
        assert len(await one.diagnostics()) >= 1

    with_editor(tmp_path / "pkgtools.toml", story)
    assert sorted(os.listdir(tmp_path)) == before


def test_without_its_libraries_it_names_the_extra(tmp_path: Path) -> None:
    (tmp_path / "pygls").mkdir()
    (tmp_path / "pygls/__init__.py").write_text("raise ModuleNotFoundError('no', name='pygls')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from pkgtools.cli.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "lsp"], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        "pkgtools lsp: pygls is missing: install pkgtools with its extra, pkgtools-distro[lsp]\n",
    )
