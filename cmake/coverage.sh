#!/bin/sh
# coverage.sh BUILD [ROOT]: lines and branches of the library that the tests of
# core/, run in BUILD, have reached. Not counted, since nothing is written down
# where it runs:
#   process_worker process_entry zygote_process   processes that leave by _exit()
#   worker_entry program                          before main, by exec
#   last_words                                    handlers of processes that die
#   mpi_* backend_mpi module_mpi                  ranks, by mpirun: core.mpi.*
build=$1 root=${2:-$(dirname "$0")/..}
exclude='.*core/src/(process_worker|process_entry|zygote_process|worker_entry|program|last_words|mpi_[a-z_]*|backend_mpi|module_mpi)\.[ch]'
# forked children count at the same time: counters may be off, even negative
gcovr -r "$root" "$build" -f '.*core/src/.*' -e "$exclude" \
    --gcov-ignore-parse-errors -s --sort-uncovered 2>/dev/null
