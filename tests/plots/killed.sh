#!/bin/bash
# SPDX-License-Identifier: MIT
# What a plot that is killed leaves in its folder goes with the next plot there;
# that of one that still draws does not, nor what is no figure's.
# usage: killed.sh CFBENCH RECORD
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
    ls -aR to
    exit 1
}

# ours: the folders in which figures are made
ours()
{
    find to -mindepth 1 -type d -name '.cfbench-*' ! -name '*-theirs' | sort
}

mkdir bin to to/.cfbench-theirs
mkfifo draws
echo mine >to/.cfbench-theirs/notes
# A gnuplot that says when it draws, and is never done.
printf '#!/bin/sh\n: >%s/draws\nexec sleep 77\n' "$folder" >bin/gnuplot
chmod +x bin/gnuplot
PATH=$folder/bin:$PATH start plot "$record" -o to --format svg
: <draws
drawing=$(ours)
[ -n "$drawing" ] || complain "nothing is being drawn"

printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
PATH=$folder/bin:$PATH "$program" plot "$record" -o to --format svg >also 2>&1 ||
    complain "not drawn beside another"
[ "$(ours)" = "$drawing" ] || complain "the folder of another that draws"

kill -KILL "$run"
wait "$run" 2>/dev/null
all_gone || complain "processes left"
[ "$(ours)" = "$drawing" ] || complain "killed, and its folder has gone"
PATH=$folder/bin:$PATH "$program" plot "$record" -o to --format svg >also 2>&1 ||
    complain "not drawn after a kill"
[ -z "$(ours)" ] || complain "left: $(ours)"
[ "$(cat to/.cfbench-theirs/notes)" = mine ] || complain "notes are gone"
