# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A throw-away Debian system: an overlay over a base system in namespaces of its own."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.commands import CommandError, clean_environment, require_tools
from tests.lab.places import workspace
from tests.lab.tree import Entry, read_entry, read_tree

_ENTER = Path(__file__).with_name("_enter.py")
_counter = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one command did."""

    argv: tuple[str, ...]
    """The command."""
    exit: int
    """Its exit status; negative for a signal."""
    stdout: str
    """What it printed (surrogate-escaped)."""
    stderr: str
    """What it said."""

    @property
    def output(self) -> str:
        """Return both streams, standard output first."""
        return self.stdout + self.stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A file or directory of this machine that the system shows, read-only."""

    source: Path
    """Where it is on this machine."""
    target: str
    """Where the system sees it."""
    writable: bool = False
    """Whether the system may write there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The layers of a stopped or paused system, from which others start."""

    layers: tuple[Path, ...]
    """Directories, topmost first."""


@dataclass(slots=True)
class System:
    """A running throw-away system; use it as a context manager.

    `base` is a directory from `roots.root_directory` or a snapshot of another system. Changes go to
    an upper layer which is deleted at the end. Nothing of this machine is visible but `binds`.
    """

    base: Path | Snapshot
    binds: tuple[Bind, ...] = ()
    network: bool = False
    _layer: Path = field(init=False)
    _process: subprocess.Popen[str] | None = field(init=False, default=None)
    _pid: int = field(init=False, default=0)

    def __enter__(self) -> Self:
        """Start it; raise CommandError when that fails."""
        require_tools(("nsenter", "setpriv"))
        self._layer = workspace() / f"layer-{next(_counter)}"
        for name in ("upper", "work", "root"):
            path = self._layer / name
            path.mkdir(parents=True)
            path.chmod(0o755)
        order = {
            "lower": [str(path) for path in self._lower()],
            "upper": str(self._layer / "upper"),
            "work": str(self._layer / "work"),
            "mountpoint": str(self._layer / "root"),
            "binds": [[str(bind.source), bind.target, bind.writable] for bind in self.binds],
            "network": self.network,
        }
        self._process = subprocess.Popen(
            ["/usr/bin/python3", "-ISB", str(_ENTER), json.dumps(order)],
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer.strip().isdigit():
            answer += self._process.stdout.read()
            self.__exit__(None, None, None)
            raise CommandError(f"no throw-away system over {order['lower']}:\n{answer}")
        self._pid = int(answer)
        self.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", mode=0o755)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all its processes and delete its changes."""
        self._stop()
        shutil.rmtree(self._layer)

    def _stop(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def _lower(self) -> tuple[Path, ...]:
        return self.base.layers if isinstance(self.base, Snapshot) else (self.base,)

    def freeze(self) -> Snapshot:
        """Stop it and return what it has become; the changes then stay until this process ends."""
        self._stop()
        kept = self._layer.with_name(f"{self._layer.name}-frozen")
        (self._layer / "upper").rename(kept)
        return Snapshot(layers=(kept, *self._lower()))

    def run(
        self,
        *argv: str,
        env: Mapping[str, str] | None = None,
        umask: int = 0o022,
        check: bool = True,
        stdin: str | bytes = b"",
        uid: int | None = None,
        timeout: float = 300,
    ) -> Result:
        """Run a command as root (or `uid`) with exactly the clean environment and `env`.

        Raises CommandError with its output when `check` and it does not end with 0.
        """
        if uid is not None:
            argv = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *argv)
        enter = ["nsenter", f"--target={self._pid}", "--mount", "--pid", "--ipc", "--uts", "--net"]
        done = subprocess.run(
            [*enter, "--root", "--wd", "--", *argv],
            env=clean_environment(env),
            input=stdin.encode(errors="surrogateescape") if isinstance(stdin, str) else stdin,
            capture_output=True,
            umask=umask,
            timeout=timeout,
            check=False,
        )
        stdout, stderr = (text.decode(errors="surrogateescape") for text in (done.stdout, done.stderr))
        result = Result(argv=argv, exit=done.returncode, stdout=stdout, stderr=stderr)
        if check and result.exit:
            raise CommandError(f"{' '.join(argv)}: exit {result.exit}\n{result.output}")
        return result

    def write(self, path: str, content: str | bytes, *, mode: int = 0o644) -> None:
        """Make the file `path` (and its directories) inside the system, owned by root."""
        self.run("install", "-D", f"--mode={mode:04o}", "/dev/stdin", path, stdin=content)

    def read(self, path: str) -> str:
        """Return the content of the file `path`."""
        return self.run("cat", path).stdout

    def entry(self, path: str) -> Entry | None:
        """Return what `path` itself is, or None."""
        try:
            return read_entry(f"{self.outside}{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def exists(self, path: str) -> bool:
        """Whether there is anything at `path`, a dangling link included."""
        return self.entry(path) is not None

    def tree(self, *directories: str) -> dict[str, Entry]:
        """List everything below `directories`."""
        return read_tree(self.outside, directories)

    @property
    def outside(self) -> Path:
        """The system's root as this machine sees it: for reading only, and without following links."""
        return Path(f"/proc/{self._pid}/root")
