#!/bin/sh
# SPDX-License-Identifier: MIT
# make demo: the GIL-free scaling comparison, from nothing to a report, in
# under three minutes on two cores. One `cfbench run` that can be retyped.
#
#   bench/demo.sh CFBENCH       from the top of the source tree
cfbench=$1
local=results/local

mkdir -p "$local" || exit 2
set -- run sum_squares sha256 http_get mixed \
    -b serial,thread,process,openmp,gil -j auto --tasks 64 \
    -p sum_squares.n=15000000 -p sha256.rounds=100 \
    -p http_get.delay_ms=10 -p mixed.wait_ms=10 \
    --blocks 6 --gap 5ms -n demo -o "$local/demo.json"
echo "cfbench $*"
"$cfbench" "$@" >"$local/demo.txt"
code=$?
[ "$code" -le 2 ] && [ -s "$local/demo.txt" ] || exit "$code"

"$cfbench" plot "$local/demo.json" -o "$local/demo" >"$local/plot.txt" ||
    { cat "$local/plot.txt"; code=2; }
"$cfbench" report "$local/demo.json" -o "$local/demo.html" \
    >"$local/report.txt" || { cat "$local/report.txt"; code=2; }

grep -v '^written: ' "$local/demo.txt" | fold -s -w 80
echo "report:  $local/demo.html"
echo "figures: $(ls "$local"/demo/*.svg 2>/dev/null | wc -l) in $local/demo/"
echo "record:  $local/demo.json"
rm -f "$local/demo.txt" "$local/plot.txt" "$local/report.txt"
exit "$code"
