# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Why packages may come out otherwise than on plain Debian; whatever else differs is a fault."""
