#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [MODEL...]: searches every model completely, by spin. A model must
# hold as it is and with each macro of its line " * holds:", and must be caught
# with each macro of its line " * broken:"; else it proves nothing.
set -u
folder=$(cd "$(dirname "$0")" && pwd)
for tool in spin cc; do
    command -v $tool >/dev/null || {
        echo "skipped: $tool is not installed (Debian packages spin, gcc)"
        exit 77
    }
done
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
bad=0

# words MODEL KEY: the macros behind " * KEY:" in the model's top comment.
words() {
    sed -n "s/^ \* $2: *//p" "$1"
}

# search MODEL FLAGS KIND: one complete search, at most 2 minutes of CPU and 4
# GiB. Every run of a model is finite, so <> holds without fairness. Prints "ok" or what went wrong, and leaves pan's output in report.
search() {
    rm -rf "$scratch"/*
    cd "$scratch" || exit 2
    cp "$1" model.pml
    spin -a $2 model.pml >spin.out 2>&1 || { cat spin.out; return; }
    case $3 in
    safety) flags="-DSAFETY -DNOCLAIM" options="" ;;
    liveness) flags="" options="-a" ;;
    esac
    cc -O2 -w -DMEMLIM=4096 -DCOLLAPSE $flags -o pan pan.c || { echo "pan.c does not build"; return; }
    (ulimit -t 120 && exec ./pan -m2000000 $options) >report 2>&1 ||
        { echo "no end in 120 s of CPU time, or pan failed"; return; }
    if grep -q "errors: 0" report; then
        grep -qE "max search depth|out of memory|not completed" report &&
            echo "search not completed" || echo ok
    elif grep -q "errors: " report; then
        grep -m1 "^pan:[0-9]" report | sed 's/ (at depth.*//; s/^pan:[0-9]*: //'
    else
        tail -3 report
    fi
}

# judge NAME FLAGS WANTED: both searches; WANTED is holds or caught.
judge() {
    states=0 found=
    for kind in safety liveness; do
        found=$(search "$folder/$1.pml" "$2" $kind)
        count=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$scratch/report" 2>/dev/null)
        states="$states + ${count:-0}"
        [ "$found" = ok ] || break
    done
    if [ "$3" = holds ] && [ "$found" = ok ]; then
        echo "ok    $1 $2 holds ($states states)"
    elif [ "$3" = caught ] && grep -q "errors: [1-9]" "$scratch/report" 2>/dev/null; then
        echo "ok    $1 $2 is caught: $kind: $found"
    else
        echo "FAIL  $1 $2: wanted: $3; $kind: $found"
        cp "$scratch"/*.trail "${TMPDIR:-/tmp}/$1.trail" 2>/dev/null &&
            (cd "$scratch" && spin $2 -t -p model.pml | tail -60)
        bad=1
    fi
}

[ $# -gt 0 ] || set -- $(cd "$folder" && ls *.pml | sed 's/\.pml$//')
for name in "$@"; do
    judge "$name" "" holds
    for macro in $(words "$folder/$name.pml" holds); do
        judge "$name" -D"$macro" holds
    done
    for macro in $(words "$folder/$name.pml" broken); do
        judge "$name" -D"$macro" caught
    done
done
exit $bad
