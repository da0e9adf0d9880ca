#!/bin/sh
# plugin_runs.sh SOURCE BUILD CFBENCH: the one line of the plugin template's
# README builds it without a warning, and cfbench runs it; a broken plugin is
# one line and exit code 2, and beside good work failed cases of a good record.
# What a plugin forks takes no sample. Two sides are prepared anew for each number
# of tasks that is tried.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
line=$(grep -- '-I../../core/include' "$1/examples/plugin/README.md" |
    sed "s|-o libmine.so|-Wall -Wextra -Werror -o $folder/libmine.so|
         s|-I../../core|-I$1/core|; s|-I../../build|-I$2|")
cd "$1/examples/plugin"
echo "$line"
sh -c "$line"

cd "$folder"
"$3" run ./libmine.so:parse -p size=4096 -b serial,thread,process -j 2 \
    --tasks 8 --blocks 1 -o record.json 2>log || { cat log; exit 1; }
grep -q '"./libmine.so:parse"' record.json

refuse() {
    code=0
    "$3" run "$1" -o none.json >out 2>&1 || code=$?
    cat out
    [ $code -eq 2 ] && [ "$(wc -l <out)" -eq 1 ] && grep -q "^cfbench: .*$2" out
}
plugins=$2/tests/workloads/plugins
refuse ./libmine.so:nothing "no workload 'nothing'" "$3"
refuse "$plugins/ctor_crashes.so:x" "crashes while it is loaded" "$3"
refuse "$plugins/faulty.so:task_crashes" "crashes while it runs a task" "$3"
refuse "$plugins/wrong_abi.so:w" "another version" "$3"
[ ! -e none.json ]

if [ -e "$plugins/from_cpp.so" ]; then # there is a compiler
    "$3" run "$plugins/from_cpp.so:twice" -b serial,thread,process -j 2 \
        --tasks 8 --blocks 1 -o cpp.json >out 2>log || { cat out log; exit 1; }
    [ "$(grep -c '"verified": true' cpp.json)" -eq 3 ]
fi

# What it has for the end of the process is not run in cfbench's own.
"$3" run "$plugins/dtor_crashes.so" -b serial,thread,process -j 1 --tasks 8 \
    --blocks 1 -o end.json >out 2>log || { cat out log; exit 1; }
grep -q '^written: end.json' out

code=0
"$3" run empty "$plugins/ctor_crashes.so:x" "$plugins/faulty.so:task_crashes" \
    "$plugins/faulty.so:good" -b serial,thread -j 1 --tasks 8 --blocks 1 \
    -o some.json >out 2>&1 || code=$?
cat out
[ $code -eq 2 ]
[ "$(grep -c '^cfbench: ' out)" -eq 2 ]
[ "$(grep -c ' 1 failed: it crashes while' out)" -eq 4 ]
[ "$(grep -cE ' (serial|thread) +1 +[0-9]' out)" -eq 4 ]

# One that forks, and what it forks comes back, is measured by one process.
"$3" run "$plugins/forks.so" -b serial,thread,process -j 2 --tasks 8 \
    --blocks 4 --gap 1ms -o forks.json >out 2>log || { cat out log; exit 1; }
[ "$(grep -c '"verified": true' forks.json)" -eq 12 ]
[ "$(grep -c '"peak_rss_bytes": 0' forks.json)" -eq 0 ]

"$3" compare --vs ./libmine.so:parse ./libmine.so:parse -p old.size=64 \
    -p new.size=64 --blocks 2 --gap 1ms -o sides.json >out 2>&1
cat out
grep -qE ', [0-9]{5,} tasks a sample; all blocks measured' out
