#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# Install those Debian packages of some lists that are missing.
#
# usage: setup_apt.sh FILE...   one package a line, `#` starts a comment
#
# Asks dpkg, so the second run costs milliseconds. Without root, or without apt, it names what is
# missing and succeeds: what really needs a missing tool says so itself.

set -eu

command -v dpkg-query >/dev/null 2>&1 || {
    echo "setup: no dpkg here; install the tools named in $* yourself" >&2
    exit 0
}

is_missing() {
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) || return 0
    [ "$status" != installed ]
}

missing=$(sed 's/#.*//' "$@" | tr -s '[:space:]' '\n' | while read -r package; do
    if [ -n "$package" ] && is_missing "$package"; then printf ' %s' "$package"; fi
done)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "setup: Debian packages are missing; as root: apt-get install --no-install-recommends$missing" >&2
    exit 0
fi

install_missing() {
    apt-get update -qq || return
    # shellcheck disable=SC2086  # a list of package names
    apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends $missing
}

echo "setup: installing Debian packages, about a minute:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
tries=4
# A new machine often upgrades itself just now, and holds the locks of apt.
until install_missing >"$log" 2>&1 </dev/null; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
        cat "$log" >&2
        echo 'setup: apt-get failed; its messages stand above' >&2
        exit 1
    fi
    echo "setup: $(grep '^E: ' "$log" | head -n 1); trying again in 15 s" >&2
    sleep 15
done
