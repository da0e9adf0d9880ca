#!/bin/sh
# coverage.sh BUILD [ROOT]: lines and branches of the library, and of what
# cfbench makes records with, that the tests run in BUILD have reached. Processes
# that leave by _exit() count as well (count_at_exit.c). Not counted, since
# nothing is written down where it runs:
#   last_words                      handlers of processes that die of a signal
#   mpi_* backend_mpi module_mpi    ranks, by mpirun: core.mpi.*
# A branch that only an assert() takes is none.
build=$1 root=${2:-$(dirname "$0")/..}
exclude='.*core/src/(last_words|mpi_[a-z_]*|backend_mpi|module_mpi)\.[ch]'
for part in core/src bench/record; do
    # forked children count at the same time: counters may be off, even negative
    gcovr -r "$root" "$build" -f ".*$part/.*" -e "$exclude" \
        --exclude-branches-by-pattern '\s*assert\(.*' \
        --gcov-ignore-parse-errors -s --sort-uncovered 2>/dev/null
done
