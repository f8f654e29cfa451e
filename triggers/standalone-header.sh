#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# Compile or clean the Python modules of the package that ships this file. It is pkgtools' runtime in one piece: this
# text, the clean in plain shell for when no Python runs, and a zip archive of Python modules as they were written
# (`unzip -l FILE` lists them). Nothing is imported from elsewhere but Python's own library.
set -eu

# Python must take it for a path, whatever it begins with, and its children work in other directories
case $0 in
    /*) self=$0 ;;
    *) self=$(pwd)/$0 ;;
esac

usage() {
    echo "usage: ${0##*/} compile|clean ARGUMENT..., ${0##*/} compile|clean --help, ${0##*/} --version"
}

[ "${1-}" != --version ] || set -- compile --version
case ${1-} in
    compile | clean)
        # shellcheck disable=SC2154 # ask_python, of python.sh, sets it
        ! ask_python "$self" answer "$@" || exit "$status"
        if [ "$1" = compile ]; then
            echo 'pkgtools-compile: python3 (3.9 or later) does not run: repair it, then run again' >&2
            exit 2
        fi
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
