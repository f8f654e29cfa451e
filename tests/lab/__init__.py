# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A laboratory of throw-away Debian systems for the system tests and the demonstration.

`recipes` names the base systems, `roots` builds and caches them, `system` starts a throw-away one,
`debs`, `ours` and `archive` bring the packages, `aptrepo` the repository, `tree` compares file trees.

Nothing here writes to the machine it runs on, other than below the cache directory and a scratch
directory on a tmpfs; every command of a test runs behind a pivoted root. Standard library only.
"""
