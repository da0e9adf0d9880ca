#!/bin/sh
# named.sh FOLDER: each test that a table of FOLDER's promises.md or
# process/faults.md names is one of its tests.
cd "$1" || exit 2
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
find . -name '*.c' -exec cat {} + | tr -s ' \n' ' ' |
    grep -oE 'cmocka_unit_test[a-z_]*\( ?[a-z0-9_]+' | sed 's/.*( *//' | sort -u >"$folder/there"
bad=0
for file in promises.md process/faults.md; do
    grep '^|' "$file" | grep -oE '`[a-z0-9]+(_[a-z0-9]+){2,}`' | tr -d '`' |
        grep -v '^cf_' | sort -u >"$folder/named"
    [ -s "$folder/named" ] || { echo "$file names no test"; bad=1; }
    lost=$(comm -23 "$folder/named" "$folder/there")
    [ -z "$lost" ] || { echo "$file names tests that are not there: $lost"; bad=1; }
done
exit $bad
