#!/bin/bash
# SPDX-License-Identifier: MIT
# What a report takes grows with its record, not with the square of its
# workloads: a page of 2,000 comes to its end.
# usage: many.sh CFBENCH
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir tmp
export TMPDIR=$folder/tmp

awk 'BEGIN {
    printf "{\"results\": ["
    for (i = 0; i < 2000; i++)
        printf "%s{\"command\": \"c%d\", \"mean\": 1, \"times\": [%s]}\n",
            (i > 0 ? "," : ""), i, "1,1.1,1.2,1.3,1.2,1.1,1,1.1,1.2,1.3"
    printf "]}\n"
}' >many.json
"$program" import many.json -o record.json >/dev/null || exit 1
# Without the square it is a second; with it, three minutes.
timeout -s KILL 30 "$program" report record.json -o page.md >/dev/null ||
    { echo "page.md: not in 30 s"; exit 1; }
[ "$(grep -c '^## c' page.md)" = 2000 ] || { echo "not all are in it"; exit 1; }
