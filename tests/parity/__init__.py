# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""dh_pkgtools --compat=dh_python3 beside dh_python3, on the same input."""
