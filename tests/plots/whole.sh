#!/bin/bash
# SPDX-License-Identifier: MIT
# Figures whose drawing is interrupted, or finds the disk full, stay as they
# were; so does the folder.
program=$1
record=$2
. "$(dirname "$0")/../bench/session.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

complain()
{
    echo "$1"
    cat out err
    ls -lAR drawn
    exit 1
}

is_as_before()
{
    [ -z "$(ls -A drawn | grep '^\.')" ] || complain "$1: a folder is left"
    sha256sum --quiet -c before || complain "$1: a figure was touched"
    [ "$(ls drawn | wc -l)" = "$(wc -l <before)" ] || complain "$1: more files"
}

"$program" plot "$record" -o drawn --format svg >out 2>err ||
    complain "nothing drawn"
sha256sum drawn/* >before

# A file of more than 1 KiB cannot be written: by us, nor by gnuplot.
(trap '' XFSZ
 ulimit -f 1
 exec "$program" plot "$record" -o drawn --format svg >out 2>err)
[ $? -eq 2 ] || complain "a full disk: not code 2"
[ "$(wc -l <err)" = 1 ] || complain "a full disk: not one line"
is_as_before "a full disk"

mkdir bin
mkfifo draws
# A gnuplot that says when it draws, and is never done.
printf '#!/bin/sh\n: >%s/draws\nexec sleep 77\n' "$folder" >bin/gnuplot
chmod +x bin/gnuplot
export PATH=$folder/bin:$PATH
for signal in INT TERM HUP; do
    start plot "$record" -o drawn --format svg
    : <draws
    kill "-$signal" "$run"
    wait "$run"
    [ $? -eq $((128 + $(kill -l "$signal"))) ] ||
        complain "$signal: not by the signal"
    all_gone || complain "$signal: processes left"
    is_as_before "$signal"
done
