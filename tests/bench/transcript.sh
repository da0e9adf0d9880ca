#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs a transcript and compares:
#
#     $ cfbench ...     what is typed (a shell line, in an empty folder)
#     > line            what must stand on stdout, line by line
#     ! line            what must stand on stderr
#     = 2               the exit code; 0 where it is left out
#
# In an expected line * stands for anything; "> ..." for any number of lines.
# Without "!" lines stderr must be empty; "! ..." allows anything there.
program=$1
transcript=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/here"
cd "$folder/here" || exit 1
cfbench() { "$program" "$@"; }
failures=0

# left NAME: how many processes of that name run in this folder, which no other
# test does.
left()
{
    local process count=0
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/cwd" 2>/dev/null)" = "$PWD" ] &&
            [ "$(cat "$process/comm" 2>/dev/null)" = "$1" ] &&
            ! grep -qs '^State:.Z' "$process/status" && count=$((count + 1))
    done
    echo "$count"
}

# matches ACTUAL-FILE EXPECTED-LINE...
matches()
{
    local file=$1 line pattern actual at=0
    shift
    mapfile -t actual <"$file"
    for line in "$@"; do
        [ "$line" = ... ] && return 0
        pattern=${line//\\/\\\\}
        pattern=${pattern//[/\\[}
        pattern=${pattern//\?/\\?}
        # shellcheck disable=SC2053 # a pattern it is
        [[ ${actual[at]} == $pattern && $at -lt ${#actual[@]} ]] || return 1
        at=$((at + 1))
    done
    [ "$at" -eq "${#actual[@]}" ]
}

check()
{
    [ -n "$command" ] || return
    (eval "$command") >"$folder/out" 2>"$folder/err" </dev/null
    local code=$?
    if [ "$code" -ne "${expected_code:-0}" ] ||
        ! matches "$folder/out" "${expected_out[@]}" ||
        ! matches "$folder/err" "${expected_err[@]}"; then
        echo "FAILED: $command"
        echo "exit code $code, expected ${expected_code:-0}; stdout, stderr:"
        cat "$folder/out" "$folder/err"
        failures=$((failures + 1))
    fi
}

while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '$ '*)
        check
        command=${line#??}
        expected_out=() expected_err=() expected_code=0
        ;;
    '> '*) expected_out+=("${line#??}") ;;
    '>') expected_out+=("") ;;
    '! '*) expected_err+=("${line#??}") ;;
    '= '*) expected_code=${line#??} ;;
    esac
done <"$transcript"
check
[ "$failures" -eq 0 ]
