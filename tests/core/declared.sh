#!/bin/sh
# declared.sh MAP LIBRARY HEADER...: what the headers declare, the map lists and
# the shared library shows are the same names.
map=$1 library=$2
shift 2
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

# Comments go; a declaration ends with its semicolon, its name stands before
# the first bracket, or the semicolon.
cat "$@" | sed 's|/\*.*\*/||; /\/\*/,/\*\//d' | tr '\n' ' ' | tr ';' '\n' |
    grep -v '# *define CF_API' | sed -n 's/.*CF_API //p' | sed 's/CF_PRINTF([^)]*)//; s/ *(.*//; s/.*[ *]//' | sort >"$folder/declared"
sed -n 's/^ *\(cf_[a-z_]*\);.*/\1/p' "$map" | sort >"$folder/listed"
nm -D --defined-only "$library" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' |
    sort >"$folder/shown"

bad=0
for pair in 'declared listed' 'listed shown'; do
    set -- $pair
    diff "$folder/$1" "$folder/$2" >"$folder/difference" && continue
    echo "$1 (<) and $2 (>) differ:"
    cat "$folder/difference"
    bad=1
done
[ -s "$folder/shown" ] || { echo "nothing is shown"; bad=1; }
unversioned=$(nm -D --defined-only "$library" | grep ' [TRDB] cf_' | grep -v '@@LIBCF_')
[ -z "$unversioned" ] || { echo "without a version: $unversioned"; bad=1; }
exit $bad
