#!/bin/bash
# mpi_killed.sh RUN.SH CFBENCH: a rank is killed in the middle of a run. The job
# ends in time and says which rank; what was measured until then is a record.
run=$1 cfbench=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
record=$folder/ranks.json

# Every rank: the one that is to die says who it is.
cat >"$folder/rank" <<RANK
#!/bin/bash
[ "\$OMPI_COMM_WORLD_RANK" != 1 ] || echo \$\$ >"$folder/pid"
exec "\$@"
RANK
chmod +x "$folder/rank"
start=$SECONDS
timeout 60 "$run" openmpi 3 "$folder/rank" "$cfbench" run sum_squares \
    -b serial,mpi -j 1,2 --tasks 8 --blocks 2000 -p n=1000 -o "$record" 2>&1 |
    while read -r line; do
        echo "$line"
        [[ $line != "block 1 of"* ]] || kill -KILL "$(cat "$folder/pid")"
    done >"$folder/text"
status=${PIPESTATUS[0]}
[ "$status" -ne 77 ] || { cat "$folder/text"; exit 77; }
bad=0
fail() {
    echo "$1"
    bad=1
}
[ -s "$folder/pid" ] || fail "no rank has started"
[ "$status" -ne 0 ] && [ "$status" -ne 124 ] || fail "exit code $status"
[ $((SECONDS - start)) -lt 20 ] || fail "it took $((SECONDS - start)) s"
grep -qE 'process rank 1|,1\]' "$folder/text" ||
    fail "nobody says which rank"
[ ! -e "$record" ] || fail "a document, although the run did not end"
"$cfbench" export --format csv "$folder/ranks.jsonl" >"$folder/csv" ||
    fail "the journal cannot be read"
[ "$(grep -c sum_squares "$folder/csv")" -ge 3 ] || fail "it has no samples"
[ "$bad" -eq 0 ] || cat "$folder/text" "$folder/csv"
exit $bad
