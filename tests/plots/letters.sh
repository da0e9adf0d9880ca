#!/bin/sh
# SPDX-License-Identifier: MIT
# A letter that no font here has is a '?' in a PNG; Pango's box for it would be
# larger than the picture. An SVG has the letter itself, for who has a font.
# usage: letters.sh CFBENCH
set -eu
export LC_ALL=C

cfbench=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

letter=$(printf '\360\277\277\260') # U+3FFF0, which nobody has assigned
! fc-list -q :charset=3fff0 || { echo "skipped: a font has all"; exit 77; }
draw() {
    printf 'N,X\n1,10\n1,11\n2,19\n2,20\n' >"to $2 name.csv"
    "$cfbench" import "to $2 name.csv" -o "$1.json" >/dev/null
    "$cfbench" plot "$1.json" -o "$1" --format svg,png >"$1.log" ||
        { cat "$1.log"; exit 77; } # no gnuplot, or none that draws PNG
}
draw asked '?'
draw lacking "$letter"

for picture in throughput distribution; do
    for theme in '' -dark; do
        cmp asked/$picture-1-to---name-csv$theme.png \
            lacking/$picture-1-to------name-csv$theme.png
        grep -q "to $letter name" lacking/$picture-1-to------name-csv$theme.svg
    done
done

# As well where the script is run by hand.
mv lacking/throughput-1-to------name-csv.png drawn.png
(cd lacking && LC_ALL=C.UTF-8 gnuplot throughput-1-to------name-csv.gp)
cmp drawn.png lacking/throughput-1-to------name-csv.png
