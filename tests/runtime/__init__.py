# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Tests of the runtime on made-up trees: nothing here needs dpkg, apt or a chroot."""
