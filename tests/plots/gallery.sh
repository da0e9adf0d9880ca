#!/bin/sh
# SPDX-License-Identifier: MIT
# The gallery that is checked in is what `make figures` would write now: its
# page, its scripts and its data. (Pictures differ between gnuplots.)
# usage: gallery.sh SOURCE CFBENCH
set -eu

cd "$1"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
plots/gallery.sh "$2" "$folder" || [ $? -eq 2 ] # 2: no gnuplot, no pictures

status=0
diff "$folder/gallery.md" docs/gallery.md >/dev/null || {
    echo "gallery.sh: docs/gallery.md is not current; run make figures"
    status=1
}
for file in "$folder"/figures/*.gp "$folder"/figures/*.dat; do
    diff "$file" "docs/figures/$(basename "$file")" >/dev/null 2>&1 || {
        echo "gallery.sh: $(basename "$file") is not current; run make figures"
        status=1
    }
done
for file in docs/figures/*.gp; do
    stem=$(basename "$file" .gp)
    for picture in "$stem.svg" "$stem-dark.svg"; do
        [ -s "docs/figures/$picture" ] || {
            echo "gallery.sh: docs/figures/$picture is missing; run make figures"
            status=1
        }
    done
done
exit "$status"
