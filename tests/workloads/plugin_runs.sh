#!/bin/sh
# plugin_runs.sh SOURCE BUILD CFBENCH: the one line of the plugin template's
# README builds it without a warning, and cfbench runs it; a broken plugin ends
# in one line and exit code 2.
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
