#!/bin/bash
# SPDX-License-Identifier: MIT
# Ends a run by SIGNAL at many moments: what is left is always a file that can
# be resumed to a complete record, and no process.
program=$1
signal=$2
. "$(dirname "$0")/session.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

complain()
{
    echo "round $round, after $delay s: $1"
    cat out err
    exit 1
}

# 32 samples with 30 ms between them last longer than the longest delay.
for round in 1 2 3 4 5; do
    delay=0.$(printf %03d $((round * 120 + RANDOM % 80)))
    rm -f r.json r.jsonl
    start run sum_squares http_get -b thread,process -j 1,2 --tasks 4 \
        -p n=200000 -p delay_ms=2 --blocks 4 --gap 30ms -o r.json
    sleep "$delay"
    kill "-$signal" "$run"
    wait "$run" 2>/dev/null
    code=$?
    [ "$code" -eq $((128 + $(kill -l "$signal"))) ] ||
        complain "exit code $code"
    all_gone || complain "processes left"
    if [ "$signal" = KILL ]; then
        [ -e r.jsonl ] || [ ! -e r.json ] || complain "no journal"
    else
        [ ! -e r.jsonl ] || complain "a journal left"
        [ ! -e r.json ] || grep -q '"partial": true' r.json ||
            complain "not marked as partial"
    fi
    for left in r.json r.jsonl; do
        [ -e "$left" ] || continue
        "$program" run --resume "$left" --gap 1ms >out 2>err ||
            complain "cannot be resumed"
        [ "$(grep -c '"elapsed_s": [0-9]' r.json)" -eq 32 ] ||
            complain "not complete"
        [ ! -e r.jsonl ] || complain "the journal stays"
        break
    done
done
