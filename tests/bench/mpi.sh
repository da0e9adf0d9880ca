#!/bin/bash
# mpi.sh RUN.SH CFBENCH PLUGIN.SO: started by an MPI launcher, mpi is a lane
# among the others, also with several workers in a rank; what cfbench prints is
# printed once, and the record names the machines.
run=$1 cfbench=$2 plugin=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
record=$folder/ranks.json
measure() { # FILE WORD...: its text, on two ranks that serve
    "$run" openmpi 3 "$cfbench" "${@:2}" -o "$1" 2>"$folder/err"
    local status=$?
    [ $status -eq 0 ] || { cat "$folder/err" >&2; echo "exit $status" >&2; }
    return $status
}
text=$(measure "$record" run sum_squares -b serial,mpi --rank-workers 1,3 \
    -j 1,2,4 --tasks 8 --blocks 1 -p n=1000)
status=$?
[ $status -ne 77 ] || { echo "$text"; exit 77; }
[ $status -eq 0 ] || exit 1
[ "$(echo "$text" | grep -c '^written:')" -eq 1 ] || { echo "$text"; exit 1; }
says=$(jq -c '[[.cases[] | [.backend, .workers, .status[:4]]], .env.mpi.ranks,
    .env.mpi.hosts == [.env.host], ([.samples[].verified] | all)]' "$record")
[ "$says" = '[[["serial",1,"meas"],["mpi",1,"meas"],["mpi",2,"meas"],["mpi",4,"skip"],["mpi:3",1,"meas"],["mpi:3",2,"meas"],["mpi:3",4,"meas"]],2,true,true]' ] ||
    { echo "the record says: $says"; exit 1; }

# What a lane says of itself is not what --rank-workers says of the others.
lanes=$("$run" openmpi 3 "$cfbench" run sum_squares -b mpi:1,mpi:2,mpi -j 1 \
    --rank-workers 3 --tasks 2 --blocks 1 -p n=10 --dry-run | grep '^  mpi')
[ "$(echo $lanes)" = "mpi 1 mpi:2 1 mpi:3 1" ] ||
    { echo "lanes: $lanes"; exit 1; }

# A plan goes on from its record; advice is about ranks and workers in them.
measure "$folder/again.json" run --resume "$record" >/dev/null || exit 1
[ "$(jq -c '[.cases[].backend]' "$folder/again.json")" = \
    "$(jq -c '[.cases[].backend]' "$record")" ] ||
    { echo "resumed: $(jq -c '[.cases[].backend]' "$folder/again.json")"; exit 1; }
measure "$folder/advice.json" recommend sum_squares -b mpi --rank-workers 2 \
    --tasks 4 -p n=1000 --budget 2s >"$folder/advice" || exit 1
grep -qE '^sum_squares: [1-4] workers? on [12] ranks? ' "$folder/advice" ||
    { cat "$folder/advice"; exit 1; }

# Ranks have not loaded a plugin: its cases are left out there, the others run.
measure "$folder/plugin.json" run "$plugin:parse" -b thread,mpi -j 1 --tasks 2 \
    --blocks 1 >/dev/null || exit 1
says=$(jq -c '[.cases[] | [.backend, .status, .reason]]' "$folder/plugin.json")
[ "$says" = '[["thread","measured",null],["mpi","skipped","a plugin: the ranks have not loaded it"]]' ] ||
    { echo "of a plugin the record says: $says"; exit 1; }
