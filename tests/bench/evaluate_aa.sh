#!/bin/sh
# SPDX-License-Identifier: MIT
# make evaluate-aa: what the verdicts of `cfbench compare --vs` are worth on this
# machine; some 20 minutes where it is quiet.
#
#   evaluate_aa.sh CFBENCH LOG [TIME]
#
# LOG has a line for each comparison. What stands there already counts, so that
# it can be run in parts: with TIME each half stops after that, and the next
# call goes on.
set -u
cfbench=$1 log=$2 time=${3:-2h}
mkdir -p "$(dirname "$log")"

echo "10 blocks each:"
"$cfbench" selftest aa --comparisons 200 --planted 0 --blocks 10 \
    --budget "$time" --log "$log"
fixed=$?
echo
echo "until precise, as without --blocks:"
"$cfbench" selftest aa --comparisons 200 --planted 40 --blocks auto \
    --budget "$time" --log "$log"
precise=$?

tries=$(grep -c '^planted 0 ' "$log")
found=$(grep -c '^planted 0 .* slower$' "$log")
echo
echo "a planted 5 % was called slower in $found of $tries; wanted: 38 of 40"
[ "$fixed" -eq 0 ] && [ "$precise" -eq 0 ] && [ "$found" -ge 38 ]
