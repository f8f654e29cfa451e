# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Findings as text, JSON, SARIF, JUnit XML, GitHub annotations and HTML, one module each; `formats.py` lists them."""
