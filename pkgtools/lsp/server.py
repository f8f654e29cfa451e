# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The server itself: the protocol's messages over standard input and output. Alone imports pygls and lsprotocol.

It starts no program, opens no connection, and changes no file: a fix is an edit that the editor makes in the document.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from pkgtools import __version__
from pkgtools.config.text_files import LARGEST

from .advice import NAMES, explain_at, find_faults, propose
from .toml_spans import Position, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygls.workspace import TextDocument

_SOURCE = "pkgtools"
SERVER = LanguageServer("pkgtools-lsp", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)


def serve() -> None:
    """Serve the client that started this process."""
    # a descriptor of its own, which pygls closes; whoever called this flushes the other
    SERVER.start_io(stdout=os.fdopen(os.dup(sys.stdout.fileno()), "wb"))


def _is_manifest(uri: str) -> bool:
    path = to_fs_path(uri)
    return path is not None and "\0" not in path and Path(path).name in NAMES


def _opened(uri: str) -> TextDocument | None:
    documents: Mapping[str, TextDocument] = SERVER.workspace.text_documents
    return documents.get(unquote(uri))


def _looked_at(uri: str) -> TextDocument | None:
    """Return a document that is a manifest, as the editor has it; None for others, and for one that is too large.

    One that isn't open is of no interest; pygls would read the file, whatever it is.
    """
    document = _opened(uri)
    if document is None or not _is_manifest(uri):
        return None
    return document if len(document.source.encode("utf-8", "replace")) <= LARGEST else None


@SERVER.feature(types.TEXT_DOCUMENT_DID_OPEN)
@SERVER.feature(types.TEXT_DOCUMENT_DID_SAVE)
@SERVER.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def judge(
    params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams | types.DidSaveTextDocumentParams,
) -> None:
    """Say what is wrong with a document that was opened, changed or saved."""
    uri = params.text_document.uri
    document = _looked_at(uri)
    if document is not None:
        faults = find_faults(document.source, Path(document.path))
        lines = _lines(document)
        found = [
            types.Diagnostic(
                range=_range(document, lines, one.span),
                message=one.text,
                severity=types.DiagnosticSeverity.Error,
                source=_SOURCE,
                data=one.instead or None,
            )
            for one in faults
        ]
    elif _opened(uri) is not None and _is_manifest(uri):
        start = types.Position(line=0, character=0)
        text = f"larger than {LARGEST >> 20} MiB: it isn't looked at"
        found = [types.Diagnostic(range=types.Range(start=start, end=start), message=text, source=_SOURCE)]
    else:
        return
    SERVER.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=found))


@SERVER.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def forget(params: types.DidCloseTextDocumentParams) -> None:
    """Take back what was said of a document."""
    gone = types.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
    SERVER.text_document_publish_diagnostics(gone)


@SERVER.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"', "=", " "]))
def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
    """Return the keys or values that can be written."""
    document = _looked_at(params.text_document.uri)
    if document is None:
        return []
    return [
        types.CompletionItem(
            label=one.label,
            insert_text=one.text,
            detail=one.title,
            documentation=types.MarkupContent(kind=types.MarkupKind.Markdown, value=one.explanation),
            kind=types.CompletionItemKind.Property if one.is_key else types.CompletionItemKind.Value,
        )
        for one in propose(document.source, Path(document.path).name, _position(document, params.position))
    ]


@SERVER.feature(types.TEXT_DOCUMENT_HOVER)
def hover(params: types.HoverParams) -> types.Hover | None:
    """Return what a key is for."""
    document = _looked_at(params.text_document.uri)
    if document is None:
        return None
    found = explain_at(document.source, Path(document.path).name, _position(document, params.position))
    if found is None:
        return None
    span, text = found
    return types.Hover(
        contents=types.MarkupContent(kind=types.MarkupKind.Markdown, value=text),
        range=_range(document, _lines(document), span),
    )


@SERVER.feature(
    types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
)
def fix(params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return an edit for each fault for which it is known what was meant; of the open document alone."""
    uri = params.text_document.uri
    document = _looked_at(uri)
    if document is None:
        return []
    wanted = {(one.range.start.line, one.message) for one in params.context.diagnostics if one.source == _SOURCE}
    lines = _lines(document)
    return [
        types.CodeAction(
            title=f"Write {one.instead}",
            kind=types.CodeActionKind.QuickFix,
            edit=types.WorkspaceEdit(
                changes={uri: [types.TextEdit(range=_range(document, lines, one.span), new_text=one.instead)]}
            ),
        )
        for one in find_faults(document.source, Path(document.path))
        if one.instead and (one.span.start.line, one.text) in wanted
    ]


def _lines(document: TextDocument) -> list[str]:
    """Return the lines as TOML and the protocol count them; those of pygls also end at U+2028, U+0085 and others."""
    return document.source.split("\n")


def _position(document: TextDocument, position: types.Position) -> Position:
    """Return a client's position in characters."""
    found = document.position_codec.position_from_client_units(_lines(document), position)
    return Position(found.line, found.character)


def _range(document: TextDocument, lines: list[str], span: Span) -> types.Range:
    """Return a part of a document, whose lines are given, in the client's units."""
    ends = (types.Position(line=one.line, character=one.column) for one in span)
    start, end = (document.position_codec.position_to_client_units(lines, one) for one in ends)
    return types.Range(start=start, end=end)
