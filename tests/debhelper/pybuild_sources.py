# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Source packages for each build backend, which pybuild builds."""

from __future__ import annotations

from collections.abc import Iterator

from tests.debhelper.sources import EXTENSION, binary, source
from tests.lab.source_builds import Source

_SETUP = """\
from setuptools import Extension, setup

setup(
    name="by-setuptools",
    version="1.0",
    packages=["by_setuptools"],
    ext_modules=[Extension("by_setuptools._fast", ["fast.c"])],
    install_requires=["packaging>=20"],
    entry_points={"console_scripts": ["by-setuptools = by_setuptools:main"]},
)
"""
_PYPROJECT = """\
[build-system]
requires = ["{requires}"]
build-backend = "{backend}"

[project]
name = "{name}"
version = "1.0"
description = "A sample"
dependencies = ["packaging>=20", 'setuptools; python_version >= "3.6" and os_name == "posix"']

[project.scripts]
{name} = "{module}:main"
"""
_POETRY = """\
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "by-poetry"
version = "1.0"
description = "A sample"
authors = []
packages = [{include = "by_poetry"}]

[tool.poetry.dependencies]
python = ">=3.6"
packaging = "^20"

[tool.poetry.scripts]
by-poetry = "by_poetry:main"
"""
BACKENDS = ("setuptools", "flit", "hatchling", "poetry")


def pybuild_sources() -> Iterator[Source]:
    """Yield one for each build backend, built by pybuild."""
    projects = {
        "setuptools": {"setup.py": _SETUP, "fast.c": EXTENSION.replace("NAME", "_fast")},
        "flit": {"pyproject.toml": _project("flit", "flit_core>=3.2", "flit_core.buildapi")},
        "hatchling": {"pyproject.toml": _project("hatchling", "hatchling", "hatchling.build")},
        "poetry": {"pyproject.toml": _POETRY},
    }
    for backend, files in projects.items():
        module = f'"""A sample."""\n\n\ndef main():\n    """Say something."""\n    print("{backend}")\n'
        architecture = "any" if backend == "setuptools" else "all"
        depends = "${misc:Depends}, ${shlibs:Depends}, ${pkgtools:Depends}"
        yield source(
            f"by-{backend}",
            (binary(f"python3-by-{backend}", architecture, Depends=depends),),
            {**files, f"by_{backend}/__init__.py": module},
            rules="",
            dh="dh $@ --buildsystem=pybuild",
            build_depends="dh-sequence-pkgtools, dh-python, pybuild-plugin-pyproject, python3-setuptools",
        )


def _project(backend: str, requires: str, module: str) -> str:
    return _PYPROJECT.format(name=f"by-{backend}", module=f"by_{backend}", requires=requires, backend=module)
