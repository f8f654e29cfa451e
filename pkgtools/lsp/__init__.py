# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A language server for manifests: what editors show while a packager writes one."""
