#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# Run a command in a copy of the checkout with everything else read-only: a mutant runs as root, and may have lost
# what keeps it inside its system.
#
# usage: mutants_alone.sh COPY COMMAND [ARGUMENT...]
#
# Exits with 125, and runs nothing, where that can't be had.

set -eu

if [ "${1:-}" != --inside ]; then
    unshare --mount true || exit 125
    exec unshare --mount --pid --fork --kill-child "$0" --inside "$@"
fi
copy=$2
shift 2
fail() {
    echo "mutants_alone.sh: $*" >&2
    exit 125
}
mount --make-rprivate / || fail "a private mount namespace can't be had"
mount -t proc proc /proc || fail "no /proc of its own"
mount --bind "$copy" "$copy" || fail "$copy cannot be a mount"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm || fail "no /dev/shm of its own"
# the innermost first; in a mount table a space is \040
cut -d ' ' -f 2 /proc/self/mounts | sort -r | while read -r where; do
    where=$(printf '%b' "$where")
    case $where in
        "$copy" | /dev/shm | /dev/shm/* | /proc | /proc/*) ;; # ours, or hidden by ours
        *) mount -o remount,bind,ro "$where" || exit 125 ;;
    esac
done || fail "not everything can be made read-only"
for directory in /tmp /var/tmp; do
    mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$directory" || fail "no $directory of its own"
done
if touch /etc/pkgtools-mutant 2>/dev/null; then
    rm -f /etc/pkgtools-mutant
    fail "/etc can be written to"
fi
cd "$copy"
exec "$@"
