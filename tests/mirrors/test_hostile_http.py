# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Servers that answer as no mirror does: each answer is a fault of the mirror, and comes to an end."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.archive.listed import MirrorFault, MirrorFile
from pkgtools.archive.mirror import copy, mirror_at
from pkgtools.runtime.errors import UsageError
from tests.mirrors.made_mirrors import Answer, served

CONTENT = b"content of a file\n"
FILE = MirrorFile(name="f", size=len(CONTENT), digest=hashlib.sha256(CONTENT).hexdigest())
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgtools.archive.mirror._PAUSE", 0.0)


@contextlib.contextmanager
def said(first: bytes, again: bytes = b"") -> Iterator[str]:
    """Serve these bytes to each who asks, and then others without end, one by one; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads: list[threading.Thread] = []
        is_over = threading.Event()

        def answer(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.recv(1 << 16)
                connection.sendall(first)
                while again and not is_over.wait(0.005):
                    connection.sendall(again)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threads.append(threading.Thread(target=answer, args=(server.accept()[0],)))
                    threads[-1].start()

        main = threading.Thread(target=serve)
        main.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            server.shutdown(socket.SHUT_RDWR)
            main.join()
            for thread in threads:
                thread.join()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
        pytest.param(OK + b"X: ", b"x", id="head"),
        pytest.param(OK + b"Content-Length: 18\r\n\r\n", b"", id="shorter-than-it-says"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"", id="chunk-without-a-size"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nconte", b"", id="chunk-broken-off"),
        pytest.param(OK + b"X: y\r\n" * 200 + b"\r\n", b"", id="many-headers"),
        pytest.param(b"hello\r\n", b"", id="no-http"),
        pytest.param(b"", b"", id="nothing"),
    ],
)
def test_an_answer_that_is_none_ends_in_a_fault(
    first: bytes, again: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pkgtools.archive.pacing.PATIENCE", 0.1 if again else 60.0)
    with (
        said(first, again) as address,
        (tmp_path / "out").open("w+b") as out,
        pytest.raises(MirrorFault, match=r"too slowly|doesn't answer|broke off|it ends after"),
    ):
        copy(mirror_at(address), FILE, out)


def test_a_body_that_drips_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgtools.archive.pacing.PATIENCE", 0.1)
    file = MirrorFile(name="f", size=1 << 20, digest="a" * 64)
    with (
        said(OK + b"\r\n", b"x") as address,
        (tmp_path / "out").open("w+b") as out,
        pytest.raises(MirrorFault, match="too slowly"),
    ):
        copy(mirror_at(address), file, out)


def test_a_body_in_chunks_is_read_whatever_encoding_it_claims(tmp_path: Path) -> None:
    head = OK + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    answer = b"HTTP/1.1 100 Continue\r\n\r\n" + head + b"12\r\n" + CONTENT + b"\r\n0\r\n\r\n"
    with said(answer) as address, (tmp_path / "out").open("w+b") as out:
        copy(mirror_at(address), FILE, out)
        assert out.read() == CONTENT


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        pytest.param((302, {"Location": "http://127.0.0.2:1/f"}, b""), "another host", id="redirected-elsewhere"),
        pytest.param((302, {"Location": "file:///etc/passwd"}, b""), "answers 302", id="redirected-to-a-file"),
        pytest.param((200, {}, CONTENT + b"more"), "it is longer than 18 bytes", id="longer"),
        pytest.param((200, {}, CONTENT[:-1] + b"!"), "SHA-256", id="changed"),
        pytest.param((404, {}, b""), "the mirror has no such file", id="missing"),
        pytest.param((403, {}, b""), "the mirror answers 403", id="forbidden"),
        pytest.param((302, {"Location": "/f"}, b""), "answers 302", id="loop"),
        pytest.param((302, {"Location": "http://127.0.0.1:99999/"}, b""), "address that is wrong", id="port"),
        pytest.param((302, {"Location": "http://[::1/"}, b""), "address that is wrong", id="brackets"),
        pytest.param((302, {"Location": "//127.0.0.2/"}, b""), "another host", id="without-scheme"),
        pytest.param((204, {}, b""), "it ends after 0 of 18", id="no-content"),
        pytest.param((206, {"Content-Range": "bytes 0-3/18"}, CONTENT[:4]), "it ends after 4 of 18", id="partial"),
        pytest.param((304, {}, b""), "answers 304", id="not-modified"),
    ],
)
def test_a_status_that_no_mirror_has_is_no_file(answer: Answer, wrong: str, tmp_path: Path) -> None:
    with (
        served(tmp_path, lambda _path: answer) as address,
        (tmp_path / "out").open("w+b") as out,
        pytest.raises(MirrorFault, match=wrong),
    ):
        copy(mirror_at(address), FILE, out)


@pytest.mark.parametrize("address", ["http://[::1", "http://h:99999/", "http://h:abc/", "http://h:0/"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="http://HOST/PATH"):
        mirror_at(address)


def test_a_host_with_a_label_that_is_too_long_is_a_fault() -> None:
    with pytest.raises(MirrorFault, match="host has no name"), mirror_at(f"http://{'a' * 70}/").open("f"):
        pass
