# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The house rules that no ready-made linter checks.

Each check is a pure function from the tree to complaints; `main` runs them all, prints every complaint as
`path:line: text` and exits 1 if there was one. To add a check: write the function, add it to `CHECKS`.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 350

CLOCKS = frozenset(
    {f"{clock}{unit}" for clock in ("monotonic", "perf_counter", "process_time", "thread_time") for unit in ("", "_ns")}
    | {"elapsed", "elapsed_time", "ru_utime", "ru_stime"}
)
"""What tells the time that something takes."""

SPDX = ("SPDX-FileCopyrightText: 2026 The pkgtools authors", "SPDX-License-Identifier: MIT")
SPDX_SUFFIXES = {".c", ".conf", ".py", ".rst", ".sh", ".toml"}

MINIMAL_MODULES = frozenset(
    """
    _blake2 _imp _signal abc argparse array ast atexit base64 binascii bisect builtins codecs collections compileall
    configparser contextlib copy csv datetime enum errno fcntl fnmatch functools gc genericpath getopt glob grp
    hashlib importlib inspect io itertools keyword linecache locale logging marshal math operator os pathlib pickle
    pkgutil platform posix posixpath py_compile pwd random re reprlib select selectors signal socket stat string
    struct subprocess sys sysconfig syslog textwrap threading time token tokenize traceback types typing unicodedata
    warnings weakref zipimport zlib
    """.split()
)
"""What python3-minimal has on every release from Debian 11 on; `os.fork` and `importlib.util` included."""

SUBCOMMANDS = (
    *("audit", "check", "diff", "explain", "generate", "init", "inspect", "rules", "rules list", "stage", "status"),
    *("templates", "templates copy", "templates list", "templates show", "verify"),
)
COMMANDS = (
    ("pkgtools", (sys.executable, "-m", "pkgtools.cli")),
    *(("pkgtools", (sys.executable, "-m", "pkgtools.cli", *command.split())) for command in SUBCOMMANDS),
    ("pkgtools-clean", ("triggers/pkgtools-clean",)),
    ("pkgtools-compile", ("triggers/pkgtools-compile",)),
    ("pkgtools-trigger", ("triggers/pkgtools-trigger",)),
    ("dh_pkgtools", (sys.executable, "-m", "pkgtools.debhelper.main")),
    ("py3clean", ("triggers/py3clean",)),
    ("py3compile", ("triggers/py3compile",)),
)
"""The manual pages, and the commands in a checkout whose options each has to mention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One broken house rule."""

    path: Path
    """The file, relative to the top of the checkout."""
    line: int
    """The line, counted from 1."""
    text: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The files that git knows or would add."""

    top: Path
    """The absolute path of the checkout."""
    paths: tuple[Path, ...]
    """Each file, relative to `top`, sorted."""

    def python(self, *folders: str) -> Iterator[tuple[Path, str]]:
        """Yield the Python modules below some folders, with their text."""
        for path in self.paths:
            if path.suffix == ".py" and path.parts[0] in folders:
                yield path, self.text(path)

    def text(self, path: Path) -> str:
        """Read a file as UTF-8, with anything else replaced."""
        return (self.top / path).read_text(encoding="utf-8", errors="replace")


def main() -> int:
    """Run every check and report; return the exit status."""
    top = Path(__file__).resolve().parent.parent
    checkout = Checkout(top=top, paths=tracked_files(top))
    complaints = sorted({str(complaint) for check in CHECKS for complaint in check(checkout)})
    for complaint in complaints:
        print(complaint)
    print(f"house rules: {len(CHECKS)} checks over {len(checkout.paths)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


def tracked_files(top: Path) -> tuple[Path, ...]:
    """List the regular files that git tracks or would add."""
    argv = ["git", "-C", str(top), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listing = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    paths = (Path(name) for name in listing.split("\0") if name)
    return tuple(sorted(path for path in paths if (top / path).is_file() and not (top / path).is_symlink()))


def sizes(checkout: Checkout) -> Iterator[Complaint]:
    """Find functions and modules that grew too long."""
    for path, text in checkout.python("pkgtools", "tests", "tools", "benchmarks"):
        lines = text.count("\n")
        if lines > MAX_MODULE_LINES:
            yield Complaint(path=path, line=1, text=f"{lines} lines; split the module ({MAX_MODULE_LINES} at most)")
        for node in ast.walk(ast.parse(text, str(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    message = f"{node.name} has {length} lines; split it ({MAX_FUNCTION_LINES} at most)"
                    yield Complaint(path=path, line=node.lineno, text=message)


def spdx(checkout: Checkout) -> Iterator[Complaint]:
    """Find programs and configuration without the two-line licence header."""
    for path in checkout.paths:
        text = checkout.text(path)
        if not (path.suffix in SPDX_SUFFIXES or path.name == "Makefile" or text.startswith("#!")):
            continue
        head = "\n".join(text.split("\n")[:4])
        if text and not all(line in head for line in SPDX):
            yield Complaint(path=path, line=1, text=f"must begin with: {' / '.join(SPDX)}")


def minimal(checkout: Checkout) -> Iterator[Complaint]:
    """Find imports in the runtime and its launchers that python3-minimal cannot satisfy."""
    for path in checkout.paths:
        if not runs_at_install_time(checkout, path):
            continue
        for node in ast.walk(ast.parse(checkout.text(path), str(path))):
            for module, line in imported_modules(node):
                if module.partition(".")[0] not in MINIMAL_MODULES | {"pkgtools", "__future__"}:
                    yield Complaint(path=path, line=line, text=f"{module} is not in python3-minimal")


def runs_at_install_time(checkout: Checkout, path: Path) -> bool:
    """Tell whether a file is part of the runtime or one of the Python programs in triggers/."""
    if path.parts[:2] == ("pkgtools", "runtime"):
        return path.suffix == ".py"
    return path.parts[0] == "triggers" and "python3" in checkout.text(path).partition("\n")[0]


def imported_modules(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the absolute names that an import statement loads, with its line; `pkgtools` for a relative one."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield ("pkgtools" if node.level else str(node.module)), node.lineno


def worker(checkout: Checkout) -> Iterator[Complaint]:
    """Find what keeps the worker from being one stand-alone file for Python 3.6 and all later ones."""
    for path, text in checkout.python("pkgtools"):
        if path.name != "worker.py":
            continue
        try:
            tree = ast.parse(text, str(path), feature_version=(3, 6))
        except SyntaxError as error:
            yield Complaint(path=path, line=error.lineno or 1, text=f"not Python 3.6: {error.msg}")
            continue
        for node in ast.walk(tree):
            for module, line in imported_modules(node):
                if module.partition(".")[0] == "pkgtools":
                    yield Complaint(path=path, line=line, text="the worker imports nothing of ours")


def shell(checkout: Checkout) -> Iterator[Complaint]:
    """Run shellcheck over every shell script, maintainer scripts and completions included."""
    dialects: dict[str, list[str]] = {"sh": [], "bash": []}
    for path in checkout.paths:
        if dialect := shell_dialect(path, checkout.text(path)):
            dialects[dialect].append(str(path))
    for dialect, names in dialects.items():
        if not names:
            continue
        argv = ["shellcheck", f"--shell={dialect}", "--format=gcc", "--external-sources", "--", *names]
        output = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=checkout.top)
        for line in (output.stdout + output.stderr).splitlines():
            name, _, rest = line.partition(":")
            number, _, message = rest.partition(":")
            yield Complaint(path=Path(name), line=int(number) if number.isdecimal() else 1, text=message.strip())


def shell_dialect(path: Path, text: str) -> str | None:
    """Tell which shell reads a file, or None if no shell does."""
    first = text.partition("\n")[0]
    if match := re.fullmatch(r"#!\s*(?:/usr)?/bin/(?:env )?(sh|bash|dash)\b.*", first):
        return "bash" if match[1] == "bash" else "sh"
    return "bash" if path.parent.name == "completions" else None


def manuals(checkout: Checkout) -> Iterator[Complaint]:
    """Find options that the manual page or the completion of their command does not mention."""
    for name, argv in COMMANDS:
        options = help_options(checkout.top, argv)
        yield from missing_options(checkout, Path("docs/man") / f"{name}.rst", options)
        completion = Path("docs/completions") / name
        if completion in checkout.paths and name != "pkgtools":  # which asks the command itself
            yield from missing_options(checkout, completion, {option for option in options if option[:2] == "--"})


def help_options(top: Path, argv: tuple[str, ...]) -> set[str]:
    """Ask a command for its options, short and long."""
    answer = subprocess.run([*argv, "--help"], check=True, capture_output=True, text=True, cwd=top).stdout
    answer = answer.replace("python -m ", "")
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*|-[A-Za-z])(?![\w-])", answer))


def missing_options(checkout: Checkout, page: Path, options: set[str]) -> Iterator[Complaint]:
    """Name the options that a page does not contain."""
    if page not in checkout.paths:
        yield Complaint(path=page, line=1, text="the manual page is missing")
        return
    text = checkout.text(page)
    for option in sorted(options):
        if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
            yield Complaint(path=page, line=1, text=f"{option} is not mentioned")


def reasons(checkout: Checkout) -> Iterator[Complaint]:
    """Find status and reason codes that the reference does not explain."""
    page = Path("docs/reference/exit-codes-and-reasons.md")
    documented = set(re.findall(r"^\| `([a-z-]+)`", checkout.text(page), re.MULTILINE))
    facts = Path("pkgtools/runtime/facts.py")
    for node in ast.walk(ast.parse(checkout.text(facts))):
        if isinstance(node, ast.ClassDef) and node.name in {"Status", "Reason"}:
            for code, line in string_constants(node):
                if code not in documented:
                    yield Complaint(path=page, line=1, text=f"{code} ({facts}:{line}) is not explained")


def string_constants(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """Yield the strings that are assigned in a class, with their lines."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield str(statement.value.value), statement.lineno


def exclusions(checkout: Checkout) -> Iterator[Complaint]:
    """Find code that is left out of the measured coverage without a reason."""
    for path, text in checkout.python("pkgtools"):
        for number, line in enumerate(text.split("\n"), 1):
            if "pragma: no" in line and not re.search(r"# pragma: no (?:cover|branch) - \w", line):
                yield Complaint(path=path, line=number, text="say why: # pragma: no cover - REASON")


def clocks(checkout: Checkout) -> Iterator[Complaint]:
    """Find tests that assert how long something takes: a machine may be twenty times slower than yours."""
    for path, text in checkout.python("tests"):
        tree = ast.parse(text, str(path))
        timed = timed_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert) and (names := sorted(names_in(node.test) & timed)):
                message = f"{names[0]} is a time: count work instead (tests/lab/work.py)"
                yield Complaint(path=path, line=node.lineno, text=message)
            elif isinstance(node, ast.Constant) and any(f"{clock}(" in str(node.value) for clock in CLOCKS):
                yield Complaint(path=path, line=node.lineno, text="a child process must not look at the clock, either")


def timed_names(tree: ast.Module) -> set[str]:
    """Return the clocks, and the variables and functions of a module whose values come from them."""
    timed = set(CLOCKS)
    while True:
        found = {name for node in ast.walk(tree) for name in names_given(node, timed)}
        if found <= timed:
            return timed
        timed |= found


def names_given(node: ast.AST, timed: set[str]) -> Iterator[str]:
    """Yield the names to which a statement gives a value that is made of timed ones; a function for what it returns."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and names_in(node.value) & timed:
            yield from (one for target in targets for one in names_in(target))
    elif isinstance(node, ast.FunctionDef):
        returned = (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None)
        if any(names_in(value) & timed for value in returned):
            yield node.name


def names_in(node: ast.AST) -> set[str]:
    """Return the names and attributes that an expression mentions."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} | {
        one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)
    }


def versions(checkout: Checkout) -> Iterator[Complaint]:
    """Compare the version of the Debian packages with that of the Python package."""
    changelog = Path("debian/changelog")
    if changelog in checkout.paths:
        debian = checkout.text(changelog).partition("(")[2].partition(")")[0]
        ours = re.search(r'__version__ = "([^"]+)"', checkout.text(Path("pkgtools/__init__.py")))
        if ours is None or ours[1] != debian:
            yield Complaint(path=changelog, line=1, text=f"{debian} is not pkgtools.__version__")


CHECKS: tuple[Callable[[Checkout], Iterator[Complaint]], ...] = (
    sizes,
    spdx,
    minimal,
    worker,
    shell,
    manuals,
    reasons,
    exclusions,
    clocks,
    versions,
)

if __name__ == "__main__":
    sys.exit(main())
