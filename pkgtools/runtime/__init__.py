# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What runs as root at install time: compile, clean and trigger, with the stdlib of python3-minimal alone."""
