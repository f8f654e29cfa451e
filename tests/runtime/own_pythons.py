# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A Python that isn't the distribution's in a made-up system: a copy of the host's, with what it loads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.runtime.sandbox import HOST_PYTHON, Ran, Sandbox

PREFIX = "/opt/acme"
NAME = HOST_PYTHON.name
PROGRAM = f"{PREFIX}/bin/{NAME}"
LIBRARY = f"{PREFIX}/lib/{NAME}"
_MODULES = ("os.py", "codecs.py", "io.py", "abc.py", "stat.py", "site.py", "encodings")
"""What it reads at its start, and what it knows its library by."""


def system_with_own_python(root: Path, *modules: str) -> Sandbox:
    """Return a system with such a Python, and some modules."""
    sandbox = Sandbox(root)
    add_own_python(sandbox)
    for path in modules:
        sandbox.write(path)
    return sandbox


def compile_with(sandbox: Sandbox, *arguments: str, program: str = PROGRAM) -> Ran:
    """Compile the directory `app` below PREFIX for it."""
    return sandbox.compile("--python", program, *arguments, f"{PREFIX}/app")


def add_own_python(sandbox: Sandbox) -> None:
    """Put a Python below PREFIX."""
    for program in (HOST_PYTHON, Path("/usr/bin/env")):
        _add_libraries(sandbox, program)
    _copy(sandbox, Path("/usr/bin/env"), "/usr/bin/env")
    _copy(sandbox, HOST_PYTHON, PROGRAM)
    sandbox.directory(f"{LIBRARY}/lib-dynload")
    for name in _MODULES:
        source = Path(f"/usr/lib/{NAME}", name)
        for path in sorted(source.glob("*.py")) if source.is_dir() else [source]:
            sandbox.write(f"{LIBRARY}/{path.relative_to(source.parent)}", path.read_bytes())


def add_built_python(sandbox: Sandbox, program: Path) -> None:
    """Copy a Python of this machine, as it was built and installed below a prefix, to the same place."""
    prefix = program.parent.parent
    sandbox.directory(str(prefix.parent))
    for needed in (Path("/usr/bin/env"), program):
        _add_libraries(sandbox, needed)
    _copy(sandbox, Path("/usr/bin/env"), "/usr/bin/env")
    leave_out = shutil.ignore_patterns("test", "site-packages", "*.a", "share", "include", "__pycache__")
    shutil.copytree(prefix, sandbox.path(str(prefix)), symlinks=True, ignore=leave_out, dirs_exist_ok=True)


def _add_libraries(sandbox: Sandbox, program: Path) -> None:
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for path in re.findall(r"(/\S+) \(0x", said):
        if not os.path.exists(sandbox.path(path)):
            _copy(sandbox, Path(path), path)


def _copy(sandbox: Sandbox, source: Path, path: str) -> None:
    sandbox.directory(os.path.dirname(path))
    shutil.copyfile(source, sandbox.path(path))
    os.chmod(sandbox.path(path), 0o755)


def give_tag(sandbox: Sandbox, tag: str) -> None:
    """Let it call its bytecode otherwise than the host's Python, whose version it has; it's another program then."""
    begin = f"{LIBRARY}/encodings/__init__.py"
    sandbox.write(begin, Path(f"/usr/lib/{NAME}/encodings/__init__.py").read_bytes())
    begin_with(sandbox, f"import sys; sys.implementation.cache_tag = {tag!r}")
    os.utime(sandbox.path(PROGRAM))


def begin_with(sandbox: Sandbox, prelude: str) -> None:
    """Let it do something before all else."""
    begin = f"{LIBRARY}/encodings/__init__.py"
    sandbox.write(begin, prelude.encode() + b"\n" + sandbox.read(begin))
