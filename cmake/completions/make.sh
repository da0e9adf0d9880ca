#!/bin/sh
# SPDX-License-Identifier: MIT
# make.sh CFBENCH bash|zsh|fish: a shell's completion file on stdout, from the
# program's own help, so that the two cannot differ.
set -eu
cfbench=$1 shell=$2
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tab=$(printf '\t')

"$cfbench" | sed -n "s/^  cfbench \([a-z]*\)  *\(.*\)/\1$tab\2/p" |
    sed "s/'/’/g" >"$folder/commands"
cut -f 1 "$folder/commands" | while read -r command; do
    [ "$command" = help ] || "$cfbench" "$command" --help |
        awk -v command="$command" -f "$here/flags.awk"
done >"$folder/flags"

# fill MARK FILE: a line of the template that holds MARK becomes the file; text
# around the mark in its line stays around the text.
fill() {
    awk -v mark="$1" -v file="$2" '
        (at = index($0, mark)) {
            printf "%s", substr($0, 1, at - 1)
            for (n = 0; (getline line < file) > 0; n++)
                printf "%s%s", n ? "\n" : "", line
            print substr($0, at + length(mark))
            next
        }
        { print }'
}

case $shell in
bash)
    cut -f 1 "$folder/commands" | tr '\n' ' ' | sed 's/ $//' >"$folder/names"
    cut -f 1,2,3,5 "$folder/flags" >"$folder/table"
    fill @COMMANDS@ "$folder/names" <"$here/bash.in" |
        fill @TABLE@ "$folder/table"
    ;;
zsh)
    awk -F '\t' '{ printf "        \047%s:%s\047\n", $1, $2 }' \
        "$folder/commands" >"$folder/list"
    awk -F '\t' -f "$here/zsh.awk" "$folder/flags" >"$folder/cases"
    fill @COMMANDS@ "$folder/list" <"$here/zsh.in" |
        fill @CASES@ "$folder/cases"
    ;;
fish)
    { awk -F '\t' '{ printf "complete -c cfbench -n __fish_use_subcommand " \
        "-a %s -d \047%s\047\n", $1, $2 }' "$folder/commands"
      awk -F '\t' -f "$here/fish.awk" "$folder/flags"; } >"$folder/lines"
    fill @LINES@ "$folder/lines" <"$here/fish.in"
    ;;
*)
    echo "make.sh: $shell: not bash, zsh or fish" >&2
    exit 2
    ;;
esac
