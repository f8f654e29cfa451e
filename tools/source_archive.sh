#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# tools/source_archive.sh FILE: write the archive of the project's sources that rpm/pkgtools.spec builds. The same sources
# give the same bytes. It needs tar, gzip and, in a git checkout, git.

set -eu
target=$(cd "$(dirname "$1")" && pwd)/${1##*/}
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$top"
if [ -e .git ]; then
    # build services clone as one user and build as another
    git -c safe.directory="$top" ls-files -z --cached --others --exclude-standard >"$work/all"
    # git lists files that have been deleted, too
    # shellcheck disable=SC2016 # it's expanded by the other sh
    xargs -0 sh -c 'for file; do [ ! -e "$file" ] && [ ! -L "$file" ] || printf "%s\0" "$file"; done' sh \
        <"$work/all" >"$work/there"
else
    find . -name .venv -prune -o -name build -path ./build -prune -o -name dist -path ./dist -prune \
        -o -name __pycache__ -prune -o ! -type d -printf '%P\0' >"$work/there"
fi
LC_ALL=C sort -z "$work/there" >"$work/files"
version=$(sed -n 's/^Version: *//p' rpm/pkgtools.spec)
day=$(sed -n 's/^\* \([A-Z][a-z]* [A-Z][a-z]* [0-9]* [0-9]*\) .*/\1/p' rpm/pkgtools.spec | sed 1q)
umask 022
tar --create --file="$work/archive" --null --files-from="$work/files" --transform="flags=r;s|^|pkgtools-$version/|" \
    --format=gnu --mtime="$day UTC" --owner=root:0 --group=root:0 --mode=u=rwX,go=rX
gzip -9n <"$work/archive" >"$target"
