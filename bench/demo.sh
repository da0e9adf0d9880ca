#!/bin/sh
# SPDX-License-Identifier: MIT
# make demo: the GIL-free scaling comparison, from nothing to a report, in
# some three minutes on two cores, and under four on any. One `cfbench run` that
# can be retyped.
#
#   bench/demo.sh CFBENCH       from the top of the source tree
cfbench=$1
local=results/local

mkdir -p "$local" || exit 2
python=,cpython-serial,cpython-thread,cpython-process
reason=$("$cfbench" run empty -b cpython-serial --tasks 1 --dry-run \
    2>&1 >/dev/null) || { python=; echo "without CPython's lanes: $reason"; }
set -- run sum_squares sha256 http_get mixed \
    -b "serial,thread,process,openmp,gil$python" -j auto --tasks 64 \
    -p sum_squares.n=5000000 -p sha256.rounds=80 \
    -p http_get.delay_ms=10 -p mixed.wait_ms=5 \
    --blocks 6 --budget 200s --gap 5ms -n demo -o "$local/demo.json"
echo "cfbench $*"
"$cfbench" "$@" >"$local/demo.txt"
code=$?
[ "$code" -le 2 ] && [ -s "$local/demo.txt" ] || exit "$code"

"$cfbench" plot "$local/demo.json" -o "$local/demo" >"$local/plot.txt" ||
    { cat "$local/plot.txt"; code=2; }
"$cfbench" report "$local/demo.json" -o "$local/demo.html" \
    >"$local/report.txt" || { cat "$local/report.txt"; code=2; }

grep -v '^written: ' "$local/demo.txt" | fold -s -w 96
echo "report:  $local/demo.html"
echo "figures: $(ls "$local"/demo/*.svg 2>/dev/null | wc -l) in $local/demo/"
echo "record:  $local/demo.json"
rm -f "$local/demo.txt" "$local/plot.txt" "$local/report.txt"
exit "$code"
