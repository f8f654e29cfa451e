# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Import modules, each in a process of its own. Stand-alone: an interpreter of the throw-away system runs it (3.7+).

Standard input: modules, a line each. Each is imported twice, with the bytecode that there is and with none for modules
of packages. Standard output: for each a dictionary as repr() writes it, a line each; python3-minimal has no json.
"""

import ast
import os
import subprocess
import sys

_TIMEOUT = 60
_CODE = """
import sys, time
import importlib.machinery as machinery
sys.dont_write_bytecode = True
compiled, loader = set(), machinery.SourceFileLoader
former = loader.source_to_code
def source_to_code(self, data, path, **options):
    compiled.add(path)
    return former(self, data, path, **options)
loader.source_to_code = source_to_code
if {without!r}:
    cached_code = loader.get_code
    def get_code(self, name):
        if "-packages/" not in self.path:
            return cached_code(self, name)
        return former(self, self.get_data(self.path), self.path)
    loader.get_code = get_code
error = cached = origin = ""
began = time.perf_counter()
try:
    spec = __import__({module!r}, fromlist=["*"]).__spec__
    cached, origin = spec.cached or "", spec.origin or ""
except BaseException as caught:
    error = type(caught).__name__ + ": " + str(caught)
seconds = time.perf_counter() - began
import os
os.write({answers}, ascii([error[:500], cached, origin in compiled, seconds]).encode())
os._exit(0)
"""


def main() -> None:
    """Import what standard input names."""
    for module in sys.stdin.read().split():
        error, cached, is_compiled, seconds = _tried(module)
        without = _tried(module, without=True)[3]
        answer = {
            "module": module,
            "error": error,
            "has_cache": bool(cached) and os.path.exists(cached),  # noqa: PTH110 - for Pythons of any age
            "from_cache": bool(cached) and not is_compiled,
            "seconds": round(seconds, 4),
            "seconds_without": round(without, 4),
        }
        print(ascii(answer), flush=True)  # noqa: T201 - its caller reads it


def _tried(module: str, *, without: bool = False) -> "tuple[str, str, bool, float]":
    """Import a module in a process of its own; return the error, its pyc, whether it was compiled, and seconds."""
    reading, writing = os.pipe()
    code = _CODE.format(module=module, answers=writing, without=without)
    argv = [sys.executable, "-B", "-c", code]
    nowhere = subprocess.DEVNULL
    lost = ""
    try:
        done = subprocess.run(
            argv,
            check=False,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            pass_fds=[writing],
            timeout=_TIMEOUT,
            cwd="/",
        )
        lost = "the interpreter ended with status {}".format(done.returncode)  # noqa: UP032 - for Pythons of any age
    except subprocess.TimeoutExpired:
        lost = "it took more than {} seconds".format(_TIMEOUT)  # noqa: UP032 - as above
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        text = stream.read(1 << 16)
    try:
        error, cached, is_compiled, seconds = ast.literal_eval(text.decode())
    except (ValueError, SyntaxError):
        return lost, "", False, 0.0
    return str(error), str(cached), bool(is_compiled), float(seconds)


if __name__ == "__main__":
    main()
