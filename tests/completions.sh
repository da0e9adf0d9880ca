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
expect 'log' cfbench fit --objective l
expect 'check' cfbench env c
expect 'gate' cfbench help ga
expect '' cfbench list --blo
expect '' cfbench run --tasks 1

# --- every flag in every shell ---
for command in $(cfbench | sed -n 's/^  cfbench \([a-z]*\) .*/\1/p'); do
    for shell in bash zsh fish; do
        grep -q "$command" "$folder/cfbench.$shell" ||
            complain "$shell: no $command"
    done
    [ "$command" = help ] && continue
    for flag in $(cfbench "$command" --help |
        sed -n 's/^  \(-.,\|   \) \(--[a-z-]*\).*/\2/p'); do
        grep -q "^\(.*='\)\?$command	$flag	" "$folder/cfbench.bash" ||
            complain "bash: no $command $flag"
        grep -q "using $command' -l ${flag#--} " "$folder/cfbench.fish" ||
            complain "fish: no $command $flag"
        sed -n "/^    $command)/,/;;/p" "$folder/cfbench.zsh" |
            grep -q "'\*$flag[=[]" || complain "zsh: no $command $flag"
    done
done

# --- words that are offered are taken ---
while IFS=$'\t' read -r command flag _ kind; do
    [ "${kind%% *}" = words ] || continue
    for word in ${kind#words }; do
        cfbench "$command" --help | tr -c 'a-z0-9-' '\n' | grep -qx -- "$word" ||
            complain "$command $flag: --help does not know $word"
    done
done <<<"$_cfbench_table"
# shellcheck disable=SC2154 # made by _cfbench_table's file
for backend in $(_cfbench_backends); do
    case $backend in cpython-*) continue ;; esac # it needs an interpreter
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
