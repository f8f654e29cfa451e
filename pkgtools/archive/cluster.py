# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Packages of an archive spread over the workers of a Dask cluster, which fetch and judge them.

Who reaches the scheduler of a cluster runs code on its workers, so it is used on the loopback, or with TLS.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pkgtools.runtime.errors import EnvironmentFault, UsageError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .package_done import Done
    from .work import PackageWork

_AHEAD = 4
"""Works for each thread of the cluster that are handed out before the first of them is done."""
_PATIENCE = 30.0
"""Seconds until a scheduler has to answer."""


class ClusterSpread:
    """Does works on a cluster; see `Spread`."""

    def __init__(self, client: Any) -> None:  # distributed has no annotations
        """Hand works out through a client of `distributed`."""
        self._client = client

    def __call__(
        self, do: Callable[[PackageWork], Done], works: Iterable[PackageWork]
    ) -> Iterator[tuple[PackageWork, Done | None]]:
        """Yield each work with what came of it, in their order; few are handed out at once.

        A work with which too many workers died (`distributed.scheduler.allowed-failures`) may only have been in their
        neighbourhood, so it is asked for once more, alone. Raises EnvironmentFault where a worker lacks pkgtools.
        """
        left = iter(works)
        waiting: deque[tuple[PackageWork, Any]] = deque()
        try:
            while True:
                while len(waiting) < self._most() and (some := next(left, None)) is not None:
                    waiting.append((some, self._hand_out(do, some)))
                if not waiting:
                    return
                work, future = waiting.popleft()
                done = _result(future)
                if done is None:
                    for _, other in waiting:
                        other.exception()
                    done = _result(self._hand_out(do, work))
                yield work, done
        finally:
            self._client.cancel([future for _, future in waiting], force=True)

    def _most(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return _AHEAD * max(1, sum(threads.values()))

    def _hand_out(self, do: Callable[[PackageWork], Done], work: PackageWork) -> Any:
        return self._client.submit(do, work, pure=False)


def _result(future: Any) -> Done | None:
    """Return what a worker made of a work; None where too many died of it. Raises EnvironmentFault."""
    from distributed import KilledWorker  # noqa: PLC0415 - an extra that few have
    from distributed.client import FutureCancelledError  # noqa: PLC0415 - as above

    try:
        done: Done = future.result()
    except KilledWorker:
        return None
    except (FutureCancelledError, OSError) as error:
        raise EnvironmentFault(f"the scheduler went away: {said(error)}") from error
    except (ImportError, AttributeError) as error:
        text = f"a worker can't do the work: {said(error)}; each needs pkgtools of this version"
        raise EnvironmentFault(text) from error
    return done


@contextmanager
def cluster_at(scheduler: str) -> Iterator[ClusterSpread]:
    """Use the cluster of a scheduler: tcp://127.0.0.1:PORT, or tls://HOST:PORT with the TLS of Dask's configuration.

    Raises UsageError for an address that others than this machine could reach without TLS, EnvironmentFault.
    """
    try:
        from distributed import Client, Security  # noqa: PLC0415 - an extra that few have
    except ImportError as error:
        text = f"{error.name} is missing: install pkgtools with its extra, pkgtools-distro[cluster]"
        raise EnvironmentFault(text) from error
    connect: Callable[..., Any] = Client
    secure: Callable[..., Any] = Security
    security = secure(require_encryption=True) if _needs_tls(scheduler) else None
    try:
        client = connect(scheduler, security=security, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise EnvironmentFault(f"{scheduler}: the scheduler doesn't answer: {said(error)}") from error
    logging.getLogger("distributed").setLevel(logging.ERROR)  # the work of one that went is done again
    with client:
        yield ClusterSpread(client)


def _needs_tls(scheduler: str) -> bool:
    """Whether a scheduler is behind TLS. Raises UsageError for one that is neither that nor on the loopback."""
    parts = urlsplit(scheduler)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{scheduler}: {error}") from error
    if parts.scheme not in {"tcp", "tls"} or not host or not port:
        raise UsageError(f"{scheduler}: the address of a scheduler is tcp://HOST:PORT or tls://HOST:PORT")
    if parts.scheme == "tcp" and not _is_loopback(host):
        raise UsageError(f"{scheduler}: who reaches a scheduler runs code on its workers: set up TLS, and use tls://")
    return parts.scheme == "tls"


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        raise UsageError(f"{host}: {said(error)}") from error
    return all(ipaddress.ip_address(address[0]).is_loopback for *_, address in found)
