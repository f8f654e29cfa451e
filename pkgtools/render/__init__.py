# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools generate` makes of a manifest: scripts, settings and the embedded runtime, as text and bytes."""
