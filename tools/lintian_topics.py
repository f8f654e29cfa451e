# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which of lintian's tags and which rules of `pkgtools check` are about the same, for tools/lintian_table.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something that both look for."""

    name: str
    """A few words."""
    tags: frozenset[str]
    """lintian's."""
    rules: frozenset[str]
    """Ours."""
    why: str
    """Why they find different packages, from reading the findings."""


TOPICS = (
    Topic(
        name="bytecode in the package",
        tags=frozenset({"package-installs-python-bytecode", "package-installs-python-pycache-dir"}),
        rules=frozenset({"bytecode-in-deb", "legacy-pyc", "pyc-without-source"}),
        why=(
            "lintian names each directory, `check` the topmost one with the number of pycs. What a pyc says of "
            "its source, version and code only pkgtools reads."
        ),
    ),
    Topic(
        name="modules where no interpreter looks",
        tags=frozenset({"file-in-usr-lib-site-python", "python-module-in-wrong-location"}),
        rules=frozenset({"unserved-directory", "python2-leftover"}),
        why=(
            "lintian wants all in /usr/lib/python3/dist-packages, and names /usr/lib/python3.11/dist-packages, which "
            "Debian's Python 3.11 does search, and empty directories of other versions; pkgtools names modules that no "
            "interpreter finds, and sources that only Python 2 understands."
        ),
    ),
    Topic(
        name="names of no project at the top of the import path",
        tags=frozenset({"package-contains-python-tests-in-global-namespace", "python-module-has-overly-generic-name"}),
        rules=frozenset({"generic-module-name"}),
        why=(
            "lintian takes a file called `test_PROJECT.py` for tests of no project, which pkgtools does not; its "
            "list of names is shorter: it lacks build, setup and src."
        ),
    ),
    Topic(
        name="Sphinx's cache",
        tags=frozenset({"package-contains-python-doctree-file"}),
        rules=frozenset({"doctrees-shipped"}),
        why="both look for the pickles.",
    ),
    Topic(
        name="no dependency on Python",
        tags=frozenset(
            {
                "python3-script-but-no-python3-dep",
                "python-package-missing-depends-on-python",
                "depends-on-python-minimal",
            }
        ),
        rules=frozenset({"no-dependency-on-python", "minimal-lacks-module"}),
        why="pkgtools reads which modules a program imports, and says which of them python3-minimal lacks.",
    ),
    Topic(
        name="first lines of programs",
        tags=frozenset(
            {
                "python2-script-but-no-python2-dep",
                "script-uses-unversioned-python-in-shebang",
                "wrong-path-for-interpreter",
                "unusual-interpreter",
            }
        ),
        rules=frozenset({"wrong-shebang"}),
        why=(
            "lintian takes `#!/usr/bin/env python3` for right; the Debian Python Policy asks for "
            "/usr/bin/python3. It names files that are not executable, which nothing runs, and pkgtools does not."
        ),
    ),
)

NOT_COMPARED: dict[str, str] = {
    "python-package-depends-on-package-from-other-python-variant": "it is about names of dependencies, not of modules",
    "python-traceback-in-manpage": "manual pages have nothing to do with bytecode",
    "unknown-file-in-python-module-directory": "the file is not a module: nothing compiles or imports it",
    "multi-arch-same-package-calls-pycompile": (
        "dh_python3 names the architecture (`py3compile -p NAME:ARCH`), and pkgtools-clean leaves bytecode of modules "
        "that another architecture shares"
    ),
}
"""Tags that no rule is about, and why."""
