# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The runtime under real rpm, dnf, dnf5 and zypper."""
