#!/bin/sh
# SPDX-License-Identifier: MIT
# 200 cases with that many samples: plot and report come to an end within
# 1 GB of memory, and say how long they took. With a limit in seconds they must
# not take longer (on two quiet cores).
# usage: large.sh WRITE_LARGE CFBENCH SAMPLES [SECONDS]
set -eu

write=$1 cfbench=$2 samples=$3 limit=${4:-}
[ -x /usr/bin/time ] || {
    echo "skipped: no /usr/bin/time"
    exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$write" "$samples" "$folder/large.json"
ls -l "$folder/large.json" | awk '{ print $5 " bytes" }'

status=0
measured() {
    what=$1
    shift
    /usr/bin/time -f '%e %M' -o "$folder/time" "$@" >"$folder/log" 2>&1 || {
        code=$?
        [ "$code" -eq 2 ] && grep -q gnuplot "$folder/log" || {
            cat "$folder/log"
            exit "$code"
        }
    }
    read -r seconds kilobytes <"$folder/time"
    echo "$what: $seconds s, $((kilobytes / 1024)) MiB"
    [ "$kilobytes" -le 1000000 ] || {
        echo "large.sh: $what takes more than 1 GB"
        status=1
    }
    [ -z "$limit" ] || awk "BEGIN { exit !($seconds <= $limit) }" || {
        echo "large.sh: $what takes more than $limit s"
        status=1
    }
}
measured "export (reading)" "$cfbench" export -f md "$folder/large.json" -o "$folder/large.md"
measured plot "$cfbench" plot "$folder/large.json" -o "$folder/figures"
measured report "$cfbench" report "$folder/large.json" -o "$folder/large.html"
exit "$status"
