#!/bin/bash
# plugin_later.sh LATER.SO CFBENCH: a plugin that went well with one task and
# goes wrong with more is a failed case with its reason, the others are measured,
# a second Ctrl-C ends it at once, and nobody is left running.
set -eu
plugin=$1 cfbench=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$plugin" later.so

# Who runs in this folder, which nobody else does?
left() {
    local process
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/cwd" 2>/dev/null)" = "$folder" ] &&
            [ "${process#/proc/}" != $$ ] &&
            ! grep -qs '^State:.Z' "$process/status" &&
            cat "$process/comm" 2>/dev/null
    done
    true
}

expect() { # COUNT PATTERN
    local count
    count=$(grep -cE -- "$2" out) || true
    [ "$count" -eq "$1" ] || { echo "$count, not $1: $2"; cat out err; exit 1; }
}

code=0
names="prepare_crashes prepare_hangs prepare_exits prepare_refuses count_crashes
count_lies task_hangs task_dies prepare_breeds dispose_hangs good"
# shellcheck disable=SC2046 # a word each
"$cfbench" run $(printf './later.so:%s ' $names) -b serial,process -j 2 \
    --tasks 8 --blocks 1 --gap 1ms --limit 2s -o r.json >out 2>err || code=$?
[ $code -eq 2 ]
jq -r '.cases[] | [.workload, .status, .tasks, .reason] | @tsv' r.json >out
expect 2 '^./later.so:prepare_crashes.failed.*it crashes while it prepares: signal 6'
expect 2 '^./later.so:prepare_hangs.failed.*it hangs while it prepares'
expect 2 '^./later.so:prepare_exits.failed.*it ends its process while it prepares: code 3'
expect 2 '^./later.so:prepare_refuses.failed.*a licence for one task'
expect 2 '^./later.so:count_crashes.failed.*it crashes while it counts tasks: signal 6'
expect 2 '^./later.so:count_lies.failed.*its tasks_for.. makes 9 tasks of 8'
expect 2 '^./later.so:task_hangs.failed.*took longer than the limit of 2 s'
expect 2 '^./later.so:task_dies.failed.*Aborted'
expect 2 '^./later.so:prepare_breeds.measured'
expect 2 '^./later.so:dispose_hangs.measured'
expect 2 '^./later.so:good.measured.4'
left >out
expect 0 .

# Nor does a trial of --grain call it here: what is good is measured.
code=0
# shellcheck disable=SC2046 # a word each
"$cfbench" run sleep $(printf './later.so:%s ' prepare_crashes prepare_exits \
    task_dies) --grain 2ms -b serial --tasks 8 --blocks 1 --gap 1ms \
    -o grain.json >out 2>err || code=$?
[ $code -eq 2 ] || { echo "--grain: exit code $code"; cat out err; exit 1; }
jq -r '.cases[] | [.workload, .status, .reason] | @tsv' grain.json >out
expect 1 '^sleep@2ms.measured'
expect 1 '^./later.so:prepare_crashes@2ms.failed.*it crashes while it prepares: signal 6'
expect 1 '^./later.so:prepare_exits@2ms.failed.*it ends its process while it prepares: code 3'
expect 1 '^./later.so:task_dies@2ms.failed.*Aborted'
left >out
expect 0 .

# A run is asked to end while a plugin hangs, and asked again.
mkfifo hangs
for name in prepare_hangs task_hangs; do
    env --default-signal=INT "$cfbench" run ./later.so:$name -b process -j 2 \
        --tasks 8 --blocks 1 -o r2.json >out 2>err &
    : <hangs
    kill -INT $!
    kill -TERM $!
    code=0
    wait $! || code=$?
    # By either: of two that are pending the later one's handler runs first.
    [ $code -eq 130 ] || [ $code -eq 143 ] || { echo "exit code $code"; cat err; exit 1; }
    left >out
    expect 0 .
done
