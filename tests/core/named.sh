#!/bin/sh
# named.sh FOLDER: each test that FOLDER's README names is one of its tests.
cd "$1" || exit 2
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
grep '^|' README.md | grep -oE '`[a-z0-9]+(_[a-z0-9]+){2,}`' | tr -d '`' |
    grep -v '^cf_' | sort -u >"$folder/named"
find . -name '*.c' -exec cat {} + | tr -s ' \n' ' ' |
    grep -oE 'cmocka_unit_test[a-z_]*\( ?[a-z0-9_]+' | sed 's/.*( *//' | sort -u >"$folder/there"
[ -s "$folder/named" ] || { echo "README.md names no test"; exit 1; }
lost=$(comm -23 "$folder/named" "$folder/there")
[ -z "$lost" ] || echo "README.md names tests that are not there: $lost"
[ -z "$lost" ]
