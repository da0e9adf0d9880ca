#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh BUILD TARGET ROUNDS: a short run over seeds that are changed.
# fuzz.sh BUILD TARGET -s SECONDS [FOLDER]: with libFuzzer, so long; what it has
# found worth keeping stays in FOLDER/TARGET; what it fell over, beside that.
# Seeds are those that lie here and what this build writes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) target=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
seeds=$scratch/seeds
mkdir "$seeds"
[ ! -d "$here/seeds/$target" ] || cp "$here/seeds/$target"/* "$seeds"
cfbench=$build/cfbench

# quietly COMMAND...: what it says matters where it fails.
quietly() {
    "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
}
small="--tasks 2 --gap 1ms -p n=1000"

case $target in
record)
    quietly "$build/tests/record/record_write_example" "$seeds/example.json" 2
    quietly "$cfbench" run sum_squares -b serial,thread,gil,cpython-thread -j 1,2 \
        $small --blocks 2 -o "$seeds/sweep.json"
    quietly "$cfbench" compare --vs=sum_squares sum_squares $small --blocks 6 \
        -o "$seeds/sides.json"
    ;;
import)
    quietly "$build/tests/record/record_write_example" "$scratch/example.json" 2
    for format in hyperfine pyperf gbench csv; do
        quietly "$cfbench" export "$scratch/example.json" --format $format \
            -o "$seeds/$format"
    done
    ;;
esac

if [ "$3" != -s ]; then
    cd "$scratch"
    code=0
    "$build/tests/fuzz/fuzz_$target" "$3" "$seeds"/* >log 2>&1 || code=$?
    [ $code -eq 0 ] || {
        tail -n 40 log
        cp last-input "$build/tests/fuzz/fuzz_$target.input" 2>/dev/null &&
            echo "the input is kept: $build/tests/fuzz/fuzz_$target.input"
    }
    exit $code
fi
kept=${5:-$build/tests/fuzz/kept}/$target
mkdir -p "$kept"
code=0
"$build/tests/fuzz/fuzz_$target" -max_total_time="$4" -timeout=20 \
    -max_len=65536 -rss_limit_mb=4096 -close_fd_mask=1 -print_final_stats=1 \
    -artifact_prefix="$kept-" "$kept" "$seeds" >"$scratch/log" 2>&1 || code=$?
echo "$target: $(awk '/^stat::number_of_executed_units/ { n = $2 }
    /^stat::new_units_added/ { m = $2 }
    END { print n " inputs, " m " of them went somewhere new" }' "$scratch/log")"
[ $code -eq 0 ] || tail -n 60 "$scratch/log"
exit $code
