#!/bin/sh
# SPDX-License-Identifier: MIT
# untyped.sh CMAKE SOURCES: who configures by hand and names no type of build gets
# one whose numbers mean something; who names one keeps it.
set -eu
cmake=$1 sources=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset CMAKE_BUILD_TYPE
bad=0

# gets TYPE [FLAG]
gets() {
    type=$1
    shift
    "$cmake" -S "$sources" -B "$folder/$type" -DCF_BENCH=OFF -DCF_TESTS=OFF \
        -DCF_MPI=OFF "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    grep -q "^CMAKE_BUILD_TYPE:[A-Z]*=$type\$" "$folder/$type/CMakeCache.txt" || {
        echo "not $type:"
        grep '^CMAKE_BUILD_TYPE' "$folder/$type/CMakeCache.txt" || true
        bad=1
    }
}

gets RelWithDebInfo
gets Debug -DCMAKE_BUILD_TYPE=Debug
exit $bad
