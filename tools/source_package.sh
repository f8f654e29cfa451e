#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# tools/source_package.sh DIRECTORY: write the source RPM there. It needs rpmbuild, tar, gzip and, in a git checkout, git:
# build services run it in systems without Python.

set -eu
target=$(mkdir -p "$1" && cd "$1" && pwd)
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(sed -n 's/^Version: *//p' "$top/rpm/pkgtools.spec")
"$top/tools/source_archive.sh" "$work/pkgtools-$version.tar.gz"
rpmbuild --quiet --nodeps -bs --define "_topdir $work/top" --define "_sourcedir $work" --define "_srcrpmdir $target" \
    "$top/rpm/pkgtools.spec"
ls "$target"/pkgtools-*.src.rpm
