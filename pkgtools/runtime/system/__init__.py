# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The world as root meets it, by descriptor: trust, files, programs, package databases, interpreters."""
