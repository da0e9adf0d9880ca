#!/bin/bash
# mpi.sh RUN.SH CFBENCH: started by an MPI launcher, mpi is a lane among the
# others; what cfbench prints is printed once, and the record names the machines.
run=$1 cfbench=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
record=$folder/ranks.json
text=$("$run" openmpi 3 "$cfbench" run sum_squares -b serial,mpi -j 1,2 \
    --tasks 8 --blocks 1 -o "$record" 2>"$folder/err")
status=$?
[ $status -ne 77 ] || { echo "$text"; exit 77; }
[ $status -eq 0 ] || { cat "$folder/err"; echo "exit $status"; exit 1; }
[ "$(echo "$text" | grep -c '^written:')" -eq 1 ] || { echo "$text"; exit 1; }
says=$(jq -c '[[.cases[] | [.backend, .workers, .status]], .env.mpi.ranks,
    .env.mpi.hosts == [.env.host], ([.samples[].verified] | all)]' "$record")
[ "$says" = '[[["serial",1,"measured"],["mpi",1,"measured"],["mpi",2,"measured"]],2,true,true]' ] ||
    { echo "the record says: $says"; exit 1; }
