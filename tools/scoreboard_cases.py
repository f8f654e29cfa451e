# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What compilers of bytecode do when something is wrong. Stand-alone: run by python3 in a throw-away system, as root.

Prints a JSON list of rows: the fault, and for each tool what was seen and whether it is right.
"""

import ctypes
import json
import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path

APP = Path("/srv/app")
ASIDE = Path("/srv/aside")
MODULES = 10
BODY = "".join(f"def f{number}(a, b=None):\n    return (a, b, {number})\n\n" for number in range(60))
TOOLS = {
    "py3compile": ["py3compile"],
    "compileall": ["python3", "-m", "compileall", "-q"],
    "pkgtools": ["pkgtools-compile"],
}
STRANGER = 65534
Seen = tuple[str, bool]
"""What was seen, and whether it is right."""
LIBC = ctypes.CDLL(None, use_errno=True)
READ_ONLY, REMOUNT, BIND = 0x1, 0x20, 0x1000


def lay_out() -> None:
    """Make the directory with its modules again."""
    while LIBC.umount2(bytes(APP), 0) == 0:
        pass
    for path in (APP, ASIDE):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        path.chmod(0o755)
    write_sources()


def mount(source: str, kind: str, flags: int, options: bytes = b"") -> None:
    """Mount over the directory; the system has no program for it."""
    if LIBC.mount(source.encode(), bytes(APP), kind.encode(), flags, options):
        raise OSError(ctypes.get_errno(), "mount")


def write_sources() -> None:
    """Write ten modules."""
    for number in range(MODULES):
        path = APP / f"m{number}.py"
        path.write_text(f"NUMBER = {number}\n{BODY}")
        os.utime(path, (1_700_000_000, 1_700_000_000))


def run(tool: str, *, cwd: str = "/", umask: int = 0o022, **environment: str) -> tuple[int, int]:
    """Compile the directory; return the exit status and how many lines were said."""
    argv = [*TOOLS[tool], str(APP)]
    given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **environment}
    done = subprocess.run(argv, cwd=cwd, env=given, umask=umask, capture_output=True, check=False)
    return done.returncode, len((done.stdout + done.stderr).splitlines())


def pyc(number: int) -> Path:
    """Return where the pyc of a module is."""
    return APP / f"__pycache__/m{number}.cpython-{sys.version_info[0]}{sys.version_info[1]}.pyc"


def whole() -> list[int]:
    """Return the numbers of the modules whose pyc has the right code."""
    return [number for number in range(MODULES) if is_whole(number)]


def is_whole(number: int) -> bool:
    """Return whether a module's pyc has the code of its source."""
    path = APP / f"m{number}.py"
    try:
        return bool(marshal.loads(pyc(number).read_bytes()[16:]) == compile(path.read_bytes(), str(path), "exec"))
    except (OSError, EOFError, ValueError, TypeError):
        return False


def wrong() -> int:
    """Return how many pycs are there that haven't the right code."""
    return sum(pyc(number).exists() and not is_whole(number) for number in range(MODULES))


def full_disk(tool: str) -> Seen:
    """Compile on a file system with room for two or three pycs, then make room and compile again."""
    mount("tmpfs", "tmpfs", 0, b"size=256k,mode=755")
    write_sources()
    filler = APP / "filler"
    free = os.statvfs(APP).f_bavail * 4096
    filler.write_bytes(bytes(free - 11 * 4096))
    status, _ = run(tool)
    cut = wrong()
    filler.unlink()
    run(tool)
    return f"exit {status}, truncated pycs: {cut}; after a run with room: {wrong()}", not cut and status != 0


def one_bad_module(tool: str) -> Seen:
    """Compile a module with a syntax error among others."""
    (APP / "m3.py").write_text("def\n")
    run(tool)
    return f"{len(whole())} of 9 others compiled", len(whole()) == MODULES - 1


def name_not_utf8(tool: str) -> Seen:
    """Compile a module whose name isn't UTF-8 among others."""
    Path(os.fsdecode(os.fsencode(APP) + b"/m\xff.py")).write_text("X = 1\n")
    run(tool)
    return f"{len(whole())} of 10 others compiled", len(whole()) == MODULES


def umask(tool: str) -> Seen:
    """Compile with a umask that keeps others out."""
    run(tool, umask=0o077)
    modes = [path.stat().st_mode & 0o777 for path in (APP / "__pycache__", pyc(0))]
    return f"directory {modes[0]:04o}, pyc {modes[1]:04o}", modes == [0o755, 0o644]


def working_directory(tool: str) -> Seen:
    """Compile in a directory whose modules another user has written."""
    for name in ("py_compile", "struct"):
        (ASIDE / f"{name}.py").write_text(f"open('{ASIDE}/ran', 'w').close()\n")
    run(tool, cwd=str(ASIDE))
    ran = (ASIDE / "ran").exists()
    return "ran as root" if ran else "not run", not ran


def linked_cache(tool: str) -> Seen:
    """Compile where the cache directory is a link."""
    (APP / "__pycache__").symlink_to(ASIDE)
    os.lchown(APP / "__pycache__", STRANGER, STRANGER)
    run(tool)
    count = len(list(ASIDE.iterdir()))
    return f"{count} files written there", not count


def planted(tool: str) -> Seen:
    """Exchange the code of a pyc, give it to another user, and compile again."""
    run(tool)
    content = pyc(0).read_bytes()
    pyc(0).write_bytes(content[:16] + marshal.dumps(compile("import os", str(APP / "m0.py"), "exec")))
    os.chown(pyc(0), STRANGER, STRANGER)
    run(tool)
    return "replaced" if is_whole(0) else "kept", is_whole(0)


def flipped(tool: str) -> Seen:
    """Change a bit in the name of a function, and compile again."""
    run(tool)
    content = bytearray(pyc(0).read_bytes())
    content[content.index(b"f7") + 1] ^= 1
    pyc(0).write_bytes(content)
    run(tool)
    return "repaired" if is_whole(0) else "kept", is_whole(0)


def same_size_and_time(tool: str) -> Seen:
    """Replace a source, and compile again."""
    run(tool)
    source = APP / "m0.py"
    source.write_text(source.read_text().replace("NUMBER = 0", "NUMBER = 7"))
    os.utime(source, (1_700_000_000, 1_700_000_000))
    run(tool)
    return "compiled" if is_whole(0) else "the old code stays", is_whole(0)


def source_date_epoch(tool: str) -> Seen:
    """Compile twice with the variable of reproducible builds."""
    run(tool, SOURCE_DATE_EPOCH="1700000000")
    before = {path: path.stat().st_ino for path in APP.glob("__pycache__/*")}
    run(tool, SOURCE_DATE_EPOCH="1700000000")
    again = sum(path.stat().st_ino != inode for path, inode in before.items())
    return f"{again} of 10 written again", not again


def optimize(tool: str) -> Seen:
    """Compile with the variable that asks for another level."""
    run(tool, PYTHONOPTIMIZE="1")
    return f"{len(whole())} of 10 are there for python3", len(whole()) == MODULES


def prefix(tool: str) -> Seen:
    """Compile with the variable that names another place for caches."""
    run(tool, PYTHONPYCACHEPREFIX=str(ASIDE))
    return f"{len(whole())} of 10 beside their sources", len(whole()) == MODULES


def read_only(tool: str) -> Seen:
    """Compile on a file system that is mounted read-only."""
    mount(str(APP), "", BIND)
    mount("", "", REMOUNT | BIND | READ_ONLY)
    status, said = run(tool)
    return f"exit {status}, {'with' if said else 'without'} a message", status != 0 and said > 0


CASES = {
    "The disk is full": full_disk,
    "One of ten modules has a syntax error": one_bad_module,
    "One of eleven modules has a name that isn't UTF-8": name_not_utf8,
    "umask 077 of the caller": umask,
    "The working directory has a py_compile.py and a struct.py of another user": working_directory,
    "`__pycache__` is a link of another user to a directory elsewhere": linked_cache,
    "A pyc of another user has other code and the right header": planted,
    "One bit of a pyc changes on the disk": flipped,
    "A source is replaced by one of the same size and time": same_size_and_time,
    "SOURCE_DATE_EPOCH in the environment, and a second run with nothing to do": source_date_epoch,
    "PYTHONOPTIMIZE=1 in the environment": optimize,
    "PYTHONPYCACHEPREFIX in the environment": prefix,
    "The file system is read-only": read_only,
}


def main() -> None:
    """Try each fault with each tool."""
    rows: list[tuple[str, dict[str, Seen]]] = []
    for fault, case in CASES.items():
        seen = {}
        for tool in TOOLS:
            lay_out()
            seen[tool] = case(tool)
        rows.append((fault, seen))
    lay_out()
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
