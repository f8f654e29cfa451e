#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# Run a command with mounts and a /dev/shm of its own. Both end with its last process, however that
# ends, so that nothing stays behind and two runs never meet.
#
# usage: isolated.sh COMMAND [ARGUMENT...]
#
# Where that is not allowed (not root, some containers) the command runs as it is.

set -eu

if unshare --mount mount -t tmpfs tmpfs /dev/shm 2>/dev/null; then
    # shellcheck disable=SC2016  # expanded by the inner shell
    exec unshare --mount sh -c 'mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm && exec "$@"' sh "$@"
fi
exec "$@"
