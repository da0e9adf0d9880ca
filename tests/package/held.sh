#!/bin/sh
# SPDX-License-Identifier: MIT
# held.sh CMAKE SOURCES: a project that takes ours in by add_subdirectory() has the
# library under the names that an installed one has, and nothing that it did not
# ask for: no tests among its own, no programs, no packages.
set -eu
cmake=$1 sources=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0

"$cmake" -S "$sources/tests/package/consumer" -B "$folder/b" \
    -DCF_SOURCE="$sources" -DEXAMPLES="$sources/examples" >"$folder/log" 2>&1 ||
    { cat "$folder/log"; exit 1; }
"$cmake" --build "$folder/b" --target help >"$folder/targets"
for target in with_cf with_cf_static cf_shared cf_static; do
    grep -q "\b$target\b" "$folder/targets" || { echo "no $target"; bad=1; }
done
for target in cfbench example_submit conformance package; do
    ! grep -q "\b$target\b" "$folder/targets" || { echo "a $target"; bad=1; }
done
! grep -rq add_test "$folder/b" --include=CTestTestfile.cmake ||
    { echo "tests of ours"; bad=1; }
exit $bad
