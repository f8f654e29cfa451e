#!/bin/sh
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# A part of other scripts: start a program of ours under a Python that can run it, and know whether it answered.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
child=
signal=
status=
# a root without devices must not get a file of that name
if [ -c /dev/null ]; then
    { command exec 3<&0; } 2> /dev/null || exec 3< /dev/null # it may be closed
fi

# run PROGRAM ARGUMENT...: set $status. A signal is passed on, and the program waited for: it has workers to end.
# (The program runs in the background, for a shell heeds no signal while it waits for one in the foreground. There ^C
# is ignored, so it is passed on as SIGTERM, and standard input has to be named.)
run() {
    if ! can_wait; then
        status=0
        "$@" || status=$?
        return
    fi
    trap 'signal=129; pass_on' HUP
    trap 'signal=130; pass_on' INT
    trap 'signal=143; pass_on' TERM
    child=
    "$@" <&3 3<&- &
    child=$!
    [ -z "$signal" ] || pass_on
    status=0
    wait "$child" || status=$?
    while [ -n "$signal" ] && kill -s 0 "$child" 2> /dev/null; do
        wait "$child" || :
    done
    trap - HUP INT TERM
    [ -z "$signal" ] || exit "$signal"
}

# Whether a program in the background can be started (dash needs /dev/null for that) and waited for: rpm 4.16 blocks
# SIGCHLD for its scriptlets, and dash then waits for ever. Blocked signals are the 32nd number of proc_pid_stat(5).
can_wait() {
    [ -c /dev/null ] && [ -r "/proc/$$/stat" ] && read -r blocked < "/proc/$$/stat" || return 1
    # shellcheck disable=SC2086 # it is split into its numbers
    set -- ${blocked##*) }
    [ $((${30:-0} >> 16 & 1)) = 0 ]
}

pass_on() {
    [ -z "$child" ] || kill -s TERM "$child" 2> /dev/null || :
}

# ask_python PROGRAM ARGUMENT...: set $status to what the program, in Python, answers; false if no interpreter ran it to
# its end. An answer is an exit status of 100 and more, which no interpreter gives by itself.
ask_python() {
    interpreter=/usr/bin/python3
    tried=
    version=31
    while [ "$version" -ge 9 ]; do
        if [ -x "$interpreter" ] && [ "$interpreter" != "$tried" ]; then
            run "$interpreter" -IBSXutf8 "$@"
            case $status in
                10?)
                    status=$((status - 100))
                    return 0
                    ;;
                129 | 130 | 143) exit "$status" ;;
            esac
            [ -n "$tried" ] || tried=$(readlink -f "$interpreter") || tried=none
        fi
        version=$((version - 1))
        interpreter=/usr/bin/python3.$version
    done
    return 1
}
