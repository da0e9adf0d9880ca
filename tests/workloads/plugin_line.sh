#!/bin/sh
# plugin_line.sh SOURCE BUILD: the one line of the plugin template's README
# builds it without a warning.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
line=$(grep -- '-I../../core/include' "$1/examples/plugin/README.md" |
    sed "s|-o libmine.so|-Wall -Wextra -Werror -o $folder/libmine.so|
         s|-I../../core|-I$1/core|; s|-I../../build|-I$2|")
cd "$1/examples/plugin"
echo "$line"
sh -c "$line"
test -s "$folder/libmine.so"
