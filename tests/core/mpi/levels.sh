#!/bin/bash
# levels.sh MPI PROGRAM: who initialises MPI, and with which level of threads.
here=$(dirname "$0") bad=0
for who in libcf less serialized multiple ends_it; do
    text=$("$here/run.sh" "$1" 3 "$2" "$who" 2>&1)
    status=$?
    [ "$status" -ne 77 ] || { echo "$text"; exit 77; }
    [ "$status" -eq 0 ] && [ "$text" = "$who: done" ] ||
        { echo "$who: exit $status: $text"; bad=1; }
done
exit $bad
