#!/bin/bash
# run.sh MPI RANKS PROGRAM [ARGUMENT...]: PROGRAM on so many ranks of this
# machine, under the launcher of MPI (openmpi or mpich). 77 where there is none.
set -u
mpi=$1 ranks=$2
shift 2
launcher=mpirun.$mpi
command -v "$launcher" >/dev/null || launcher=mpirun
if ! command -v "$launcher" >/dev/null; then
    echo "skipped: no launcher of $mpi"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CF_TEST_HOST=$folder/host TMPDIR=$folder # Open MPI's session, too
options=(-n "$ranks")
if [ "$mpi" = openmpi ]; then
    options+=(--oversubscribe)
    [ "$(id -u)" -ne 0 ] || options+=(--allow-run-as-root)
fi
"$launcher" "${options[@]}" "$@" </dev/null
