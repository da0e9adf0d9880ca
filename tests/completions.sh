#!/bin/bash
# SPDX-License-Identifier: MIT
# completions.sh CFBENCH FOLDER: every command and flag of --help can be
# completed in each shell, values by their kind, and a word that is offered is
# one that the program takes.
set -u
cfbench=$1 folder=$2
PATH=$(dirname "$cfbench"):$PATH
bad=0
complain()
{
    echo "$*"
    bad=1
}

# --- bash ---
. "$folder/cfbench.bash"
offered() # WORD... : what bash offers for the last one
{
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _cfbench 2>/dev/null # compopt outside of a completion has much to say
    printf '%s ' "${COMPREPLY[@]}"
}
expect() # OFFER WORD...
{
    local wanted=$1 got
    shift
    got=$(offered "$@")
    [ "$got" = "$wanted " ] || complain "bash: $*: '$got', not '$wanted '"
}
expect 'run' cfbench ru
expect 'recommend' cfbench rec
expect '--blocks' cfbench run --blo
expect 'sum_squares' cfbench run sum_s
expect 'thread' cfbench run -b thr
expect 'thread,process' cfbench run --backend thread,pro
expect 'williams' cfbench run --order w
expect 'cpu_ms=' cfbench run mixed -p cpu
expect 'svg,pdf' cfbench plot --format svg,pd
expect 'trace' cfbench export --format tra
expect 'log' cfbench fit --objective l
expect 'poisson' cfbench run --arrivals po
expect 'auto' cfbench run --warmup a
expect 'check' cfbench env c
expect 'gate' cfbench help ga
expect '' cfbench list --blo
expect '' cfbench run --tasks 1

# --- every flag in every shell, and no word that --help does not know ---
declare -A help
for command in $_cfbench_commands; do
    [ "$command" = help ] && continue
    help[$command]=$(cfbench "$command" --help)
done
zsh_flags=$(awk '/^    [a-z]+\)$/ { command = $1; sub(/\)/, "", command) }
    /^ +\047\*--/ { sub(/^ +\047\*/, ""); sub(/[=[].*/, "")
        print command, $0 }' "$folder/cfbench.zsh" | sort)
fish_flags=$(sed -n "s/.*using \([a-z]*\)' -l \([a-z-]*\).*/\1 --\2/p" \
    "$folder/cfbench.fish" | sort)
bash_flags=$(tr '\t' ' ' <<<"$_cfbench_table" | cut -d ' ' -f 1,2 | sort)
flags=$(for command in "${!help[@]}"; do
    sed -n "s/^  \(-.,\|   \) \(--[a-z-]*\).*/$command \2/p" <<<"${help[$command]}"
done | sort)
for shell in bash zsh fish; do
    offered=${shell}_flags
    [ "${!offered}" = "$flags" ] || complain "$shell: other flags than --help:
$(diff <(echo "$flags") <(echo "${!offered}"))"
done
# --- every command, and the words that it takes: "usage: cfbench env [a|b]" ---
[ "$_cfbench_commands" = "$(cfbench help | sed -n \
    's/^  cfbench \([a-z][a-z0-9-]*\) .*/\1/p' | paste -sd ' ')" ] ||
    complain "bash: other commands than help: $_cfbench_commands"
for command in $_cfbench_commands; do
    grep -q "^        '$command:" "$folder/cfbench.zsh" &&
        grep -q -- " -a $command -d " "$folder/cfbench.fish" ||
        complain "zsh or fish: no $command"
done
for command in "${!help[@]}"; do
    words=$(sed -n "s/^usage: cfbench $command \[*\([a-z|]*\)\]*\( .*\)*\$/\1/p" \
        <<<"${help[$command]}" | tr '|' ' ')
    [ -n "$words" ] || continue
    for word in $words; do
        expect "$word" cfbench "$command" "$word"
    done
    grep -A 99 "^    $command)" "$folder/cfbench.zsh" | grep -m 1 "'\*:" |
        grep -qF "*:what:($words)" || complain "zsh: $command: not $words"
    grep -qF -- "using $command' -a '$words'" "$folder/cfbench.fish" ||
        complain "fish: $command: not $words"
done
while read -r command flag words; do
    for word in $words; do
        [[ ${help[$command]} =~ (^|[^a-z0-9-])$word([^a-z0-9-]|$) ]] ||
            complain "$command $flag: --help does not know $word"
    done
done < <(awk -F '\t' 'sub(/^words /, "", $4) { print $1, $2, $4 }' \
    <<<"$_cfbench_table")
for backend in $(_cfbench_backends); do
    case $backend in cpython-*) continue ;; esac # needs an interpreter
    # a sanitizer's build has no OpenMP, and mpi needs its launcher
    cfbench list backends --json |
        grep -q "\"name\": \"$backend\".*\"missing\": null" || continue
    cfbench run empty -b "$backend" -j 1 --dry-run >/dev/null ||
        complain "-b $backend is not taken"
done

# --- the files are such as their shells read, where those are here ---
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        $shell -n "$folder/cfbench.$shell" || complain "$shell: no script"
    else
        echo "$shell is missing: its completion was not read by it"
    fi
done
if command -v fish >/dev/null; then
    for try in 'run -b thread,pro:thread,process' 'run --ord:--order' \
        'run sum_s:sum_squares' 'run mixed -p cpu:cpu_ms='; do
        got=$(HOME=$(mktemp -d) fish -c "source $folder/cfbench.fish
            complete -C 'cfbench ${try%%:*}'" | cut -f 1)
        [ "$got" = "${try#*:}" ] || complain "fish: ${try%%:*}: '$got'"
    done
fi
exit $bad
