#!/bin/bash
# SPDX-License-Identifier: MIT
# A report that is interrupted while a figure is drawn ends by the signal and
# leaves the old page, and nothing else.
program=$1
record=$2
. "$(dirname "$0")/../bench/session.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

complain()
{
    echo "$signal: $1"
    cat out err
    ls -R .
    exit 1
}

mkdir bin tmp
mkfifo draws
# A gnuplot that says when it draws, and is never done.
printf '#!/bin/sh\n: >%s/draws\nexec sleep 77\n' "$folder" >bin/gnuplot
chmod +x bin/gnuplot
export PATH=$folder/bin:$PATH TMPDIR=$folder/tmp
echo old >page.html

for signal in INT TERM HUP; do
    start report "$record" -o page.html --force
    : <draws
    kill "-$signal" "$run"
    wait "$run"
    [ $? -eq $((128 + $(kill -l "$signal"))) ] || complain "not by the signal"
    all_gone || complain "processes left"
    [ -z "$(ls tmp)" ] || complain "a folder is left"
    [ "$(echo page.*)" = page.html ] || complain "a file is left"
    [ "$(cat page.html)" = old ] || complain "the old page is gone"
    [ ! -s err ] || complain "it complains"
done
