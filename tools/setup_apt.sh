#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# Install those Debian packages of a list that are missing.
#
# usage: setup_apt.sh FILE      one package a line, `#` starts a comment
#
# Asks dpkg, so the second run costs milliseconds. Without root, or without apt, it names what is
# missing and succeeds: what really needs a missing tool says so itself.

set -eu

list=$1
command -v dpkg-query >/dev/null 2>&1 || {
    echo "setup: no dpkg here; the tools named in $list are yours to install" >&2
    exit 0
}

is_missing() {
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) || return 0
    [ "$status" != installed ]
}

missing=$(sed 's/#.*//' "$list" | tr -s '[:space:]' '\n' | while read -r package; do
    if [ -n "$package" ] && is_missing "$package"; then printf ' %s' "$package"; fi
done)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "setup: missing Debian packages (install them as root):$missing" >&2
    exit 0
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
apt-get install -y -qq --no-install-recommends $missing >/dev/null
