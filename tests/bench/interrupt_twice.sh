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

# lines FILE N: waits until the journal has so many lines.
lines()
{
    local try count
    for try in $(seq 100); do
        count=$(grep -c "" "$1" 2>/dev/null)
        [ "${count:-0}" -ge "$2" ] && break
        sleep 0.1
    done
    sleep 0.2 # into the next sample
}

start run sleep -b thread -j 1 --tasks 4 -p ms=500 --blocks 3 -o once.json
lines once.jsonl 1
kill -INT "$run"
wait "$run"
[ $? -eq 130 ] || complain "once: the shell did not see the signal"
[ "$(grep -c '"elapsed_s": [0-9]' once.json)" -eq 1 ] ||
    complain "once: the running sample did not come to its end"

# interrupt_twice LINES WORKLOAD...: while a sample runs that is long, with so
# many lines in the journal.
interrupt_twice()
{
    local before=$1
    shift
    rm -f twice.jsonl
    start run "$@" -b thread -j 1 --tasks 4 --order sequential -p ms=5000 \
        --blocks 3 -o twice.json
    lines twice.jsonl "$before"
    kill -INT "$run"
    sleep 0.3
    kill -INT "$run"
    SECONDS=0
    wait "$run"
    [ $? -eq 130 ] || complain "twice: the shell did not see the signal"
    [ "$SECONDS" -le 2 ] || complain "twice: it did not end at once"
    all_gone || complain "twice: processes left"
}

interrupt_twice 2 sum_squares sleep -p n=1000
grep -q '"partial": true' twice.json || complain "twice: no valid file"

# With nothing measured yet the old record is worth more.
cp twice.json before.json
interrupt_twice 1 sleep
cmp -s twice.json before.json || complain "early: the old record is gone"
[ ! -e twice.jsonl ] || complain "early: a journal is left"

# An answer that is not there yet does not replace one either.
start recommend sleep -b thread -j 2 --tasks 4 -p ms=5000 -o twice.json
lines twice.jsonl 1
kill -INT "$run"
sleep 0.3
kill -INT "$run"
wait "$run"
[ $? -eq 130 ] || complain "recommend: the shell did not see the signal"
cmp -s twice.json before.json || complain "recommend: the old record is gone"
[ ! -e twice.jsonl ] || complain "recommend: a journal is left"
