#!/bin/bash
# SPDX-License-Identifier: MIT
# What the workload `subprocess` has started ends with its sample, be that by
# the time limit, by a second Ctrl-C, or because cfbench is killed.
program=$1
. "$(dirname "$0")/session.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# The trial ends at once; what comes later says that it runs, and stays.
cat >stays <<'END'
#!/bin/sh
[ -e tried ] || { : >tried; exit 0; }
: >runs
exec sleep 77
END
chmod +x stays
mkfifo runs

# begin BACKEND LIMIT: until the program runs in a sample.
begin()
{
    rm -f tried
    start run subprocess -p command=./stays -b "$1" -j 1 --tasks 1 --blocks 1 \
        --limit "$2" -o r.json
    : <runs
}

for backend in thread process; do
    begin $backend 1s
    wait "$run"
    all_gone || { echo "$backend: after its time limit"; exit 1; }

    begin $backend 60s
    kill -INT "$run"
    kill -TERM "$run" # two of the same might count as one
    wait "$run"
    all_gone || { echo "$backend: after a second interrupt"; exit 1; }

    begin $backend 60s
    kill -KILL "$run"
    wait "$run" 2>/dev/null
    all_gone || { echo "$backend: after it was killed"; exit 1; }
done
