#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# Compile or clean the Python modules of the package that ships this file. It is pkgtools' runtime in one piece: this
# text, the clean in plain shell for when no Python runs, and a zip archive of Python modules as they were written
# (`unzip -l FILE` lists them). Nothing is imported from elsewhere but Python's own library.
set -eu

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
# Python must take it for a path, whatever it begins with, and its children work in other directories
case $0 in
    /*) self=$0 ;;
    *) self=$(pwd)/$0 ;;
esac

usage() {
    echo "usage: ${0##*/} compile|clean ARGUMENT..., ${0##*/} compile|clean --help, ${0##*/} --version"
}

run_python() {
    [ -x /usr/bin/python3 ] || return 127
    /usr/bin/python3 -IBSXutf8 "$self" "$@"
}

[ "${1-}" != --version ] || set -- compile --version
status=0
case ${1-} in
    compile)
        run_python "$@" || status=$?
        case $status in
            0 | 2) exit "$status" ;;
            # a bad source and --strict, unless Python broke off before it came to that
            1) [ -z "$(run_python compile --version 2>&-)" ] || exit 1 ;;
        esac
        echo "pkgtools-compile: python3 (3.9 or later) does not run (status $status): repair it, then run again" >&2
        exit 2
        ;;
    clean)
        run_python "$@" || status=$?
        case $status in
            0 | 2) exit "$status" ;;
        esac
        # what follows in the file is the clean in plain shell
        shift
        ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac
