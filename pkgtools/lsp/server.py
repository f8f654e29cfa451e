# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The server itself: the protocol's messages over standard input and output. Alone imports pygls and lsprotocol.

It starts no program, opens no connection, and changes no file: a fix is an edit that the editor makes in the document.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from pkgtools import __version__
from pkgtools.config.text_files import LARGEST

from .advice import NAMES, explain_at, find_faults, propose
from .toml_spans import Position, Span

if TYPE_CHECKING:
    from pygls.workspace import TextDocument

_SOURCE = "pkgtools"
SERVER = LanguageServer("pkgtools-lsp", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)


def serve() -> None:
    """Serve the client that started this process."""
    SERVER.start_io()


def _is_manifest(uri: str) -> bool:
    path = to_fs_path(uri)
    return path is not None and Path(path).name in NAMES


def _looked_at(uri: str) -> TextDocument | None:
    """Return a document that is a manifest, as the editor has it; None for others, and for one that is too large."""
    if not _is_manifest(uri):
        return None
    document = SERVER.workspace.get_text_document(uri)
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
        found = [
            types.Diagnostic(
                range=_range(document, one.span),
                message=one.text,
                severity=types.DiagnosticSeverity.Error,
                source=_SOURCE,
                data=one.instead or None,
            )
            for one in faults
        ]
    elif _is_manifest(uri):
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
        contents=types.MarkupContent(kind=types.MarkupKind.Markdown, value=text), range=_range(document, span)
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
    return [
        types.CodeAction(
            title=f"Write {one.instead}",
            kind=types.CodeActionKind.QuickFix,
            edit=types.WorkspaceEdit(
                changes={uri: [types.TextEdit(range=_range(document, one.span), new_text=one.instead)]}
            ),
        )
        for one in find_faults(document.source, Path(document.path))
        if one.instead and (one.span.start.line, one.text) in wanted
    ]


def _position(document: TextDocument, position: types.Position) -> Position:
    """Return a client's position in characters."""
    found = document.position_codec.position_from_client_units(document.lines, position)
    return Position(found.line, found.character)


def _range(document: TextDocument, span: Span) -> types.Range:
    """Return a part of a document in the client's units."""
    ends = (types.Position(line=one.line, character=one.column) for one in span)
    start, end = (document.position_codec.position_to_client_units(document.lines, one) for one in ends)
    return types.Range(start=start, end=end)
