# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what can be wrong with a package's bytecode. One rule a file; `registry` lists them, `apply` applies them."""
