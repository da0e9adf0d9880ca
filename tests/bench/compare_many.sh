#!/bin/bash
# SPDX-License-Identifier: MIT
# What a comparison takes grows with its records, not with the square of their
# cases: two of 50,000 workloads are compared within seconds.
# usage: compare_many.sh CFBENCH
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

awk 'BEGIN {
    n = 50000
    printf "{\"schema\": {\"name\": \"cfbench.record\", \"version\": \"1.0\"},\n"
    printf "\"workloads\": ["
    for (i = 0; i < n; i++)
        printf "%s{\"id\": \"w%d\", \"params\": {\"n\": %d}, %s}",
            (i > 0 ? ",\n" : ""), i, i, "\"class\": \"cpu\", \"tasks\": 1"
    printf "],\n\"cases\": ["
    for (i = 0; i < n; i++)
        printf "%s{\"id\": \"c%d\", \"workload\": \"w%d\", \"workers\": 1, %s}",
            (i > 0 ? ",\n" : ""), i, i,
            "\"backend\": \"thread\", \"tasks\": 1, \"status\": \"measured\""
    printf "],\n\"samples\": ["
    for (i = 0; i < 2 * n; i++)
        printf "%s{\"case\": \"c%d\", \"block\": %d, \"started_s\": %d, %s}",
            (i > 0 ? ",\n" : ""), i % n, i / n, i,
            "\"elapsed_s\": 1, \"tasks\": 1, \"verified\": true"
    printf "]}\n"
}' >old.json

# Without the square it is half a second of CPU time; with it, a minute.
(ulimit -t 20 && exec "$program" compare old.json old.json) >out 2>err ||
    { echo "not compared in 20 s of CPU time"; cat err; exit 1; }
grep -q '^0 slower, 0 faster, 50000 equivalent, 0 inconclusive' out ||
    { tail -n 3 out; exit 1; }
