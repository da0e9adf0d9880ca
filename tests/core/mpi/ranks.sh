#!/bin/bash
# ranks.sh MPI PROGRAM OTHER: the parts of ranks.c on four ranks. What it prints
# is printed once; a rank may run another program; one that dies ends the job in
# time, with a line that says which.
here=$(dirname "$0") mpi=$1 program=$2 other=$3
bad=0

for part in whole left_behind at_exit foreign; do
    words=(4 "$program" "$part")
    [ $part != foreign ] || words=(1 "$program" "$part" : -n 1 "$other" mpi)
    text=$("$here/run.sh" "$mpi" "${words[@]}" 2>&1)
    status=$?
    [ "$status" -ne 77 ] || { echo "$text"; exit 77; }
    [ "$status" -eq 0 ] && [ "$text" = "$part: done" ] ||
        { echo "$part: exit $status: $text"; bad=1; }
done

# Of a rank that was killed Open MPI names the rank ("process rank 1"), MPICH its
# process and host. One whose task called exit() says so itself.
for part in killed exits; do
    start=$SECONDS
    text=$("$here/run.sh" "$mpi" 4 "$program" "$part" 2>&1)
    status=$?
    [ "$status" -ne 0 ] || { echo "$part: the job did not fail"; bad=1; }
    [ $((SECONDS - start)) -lt 15 ] || { echo "$part: it took long"; bad=1; }
    said='rank 1|,1\]|PID [0-9]+ RUNNING AT'
    [ $part = killed ] || said='rank 1 .*a task called exit\(0\)'
    echo "$text" | grep -qE "$said" ||
        { echo "$part: nobody says which rank: $text"; bad=1; }
    echo "$text" | grep -q "went on" && { echo "$part: $text"; bad=1; }
done
exit $bad
