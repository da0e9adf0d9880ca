#!/bin/bash
# SPDX-License-Identifier: MIT
# One Ctrl-C lets the sample that runs come to its end; a second one does not.
# Either way the file is valid, and the shell sees the signal.
program=$1
. "$(dirname "$0")/session.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

complain()
{
    echo "$1"
    cat out err
    exit 1
}

start run sleep -b thread -j 1 --tasks 4 -p ms=500 --blocks 3 -o once.json
sleep 0.5
kill -INT "$run"
wait "$run"
[ $? -eq 130 ] || complain "once: the shell did not see the signal"
[ "$(grep -c '"elapsed_s": [0-9]' once.json)" -eq 1 ] ||
    complain "once: the running sample did not come to its end"

# interrupt_twice WORKLOAD...: the second time while a sample runs that is long.
interrupt_twice()
{
    start run "$@" -b thread -j 1 --tasks 4 --order sequential -p ms=5000 \
        --blocks 3 -o twice.json
    sleep 0.5
    kill -INT "$run"
    sleep 0.3
    kill -INT "$run"
    SECONDS=0
    wait "$run"
    [ $? -eq 130 ] || complain "twice: the shell did not see the signal"
    [ "$SECONDS" -le 2 ] || complain "twice: it did not end at once"
    all_gone || complain "twice: processes left"
}

interrupt_twice sum_squares sleep -p n=1000
grep -q '"partial": true' twice.json || complain "twice: no valid file"

# With nothing measured yet the old record is worth more.
cp twice.json before.json
interrupt_twice sleep
cmp -s twice.json before.json || complain "early: the old record is gone"
[ ! -e twice.jsonl ] || complain "early: a journal is left"
