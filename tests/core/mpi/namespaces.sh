#!/bin/bash
# namespaces.sh PROGRAM [ARGUMENT...]: PROGRAM on four ranks of two machines that
# are made of one: two network namespaces, with host names and addresses of their
# own, joined by a pair of virtual interfaces. Open MPI starts its daemon in the
# other one by its own remote agent, and ranks reach each other by TCP alone. 77 where namespaces cannot be made.
set -u
program=$1
name=cf$$
command -v mpirun.openmpi >/dev/null || { echo "skipped: no Open MPI"; exit 77; }
folder=$(mktemp -d)
clean() {
    ip netns del "${name}a" 2>/dev/null
    ip netns del "${name}b" 2>/dev/null
    rm -rf "$folder"
}
trap clean EXIT
{ ip netns add "${name}a" && ip netns add "${name}b" &&
    ip link add "${name}0" type veth peer name "${name}1" &&
    ip link set "${name}0" netns "${name}a" &&
    ip link set "${name}1" netns "${name}b"; } 2>"$folder/why" ||
    { echo "skipped: no network namespaces: $(head -n 1 "$folder/why")"; exit 77; }
for side in a,0,1 b,1,2; do
    IFS=, read -r letter end number <<<"$side"
    inside=(ip netns exec "$name$letter")
    "${inside[@]}" ip link set lo up
    "${inside[@]}" ip addr add "10.77.0.$number/24" dev "$name$end"
    "${inside[@]}" ip link set "$name$end" up
done

# What would be ssh: HOST COMMAND..., run in the namespace that has the address.
cat >"$folder/agent" <<AGENT
#!/bin/bash
shift
exec ip netns exec ${name}b unshare --uts bash -c 'hostname cf-b; eval "\$*"' \
    agent "\$@"
AGENT
chmod +x "$folder/agent"

export CF_TEST_HOST=$folder/host TMPDIR=$folder CF_TEST_MACHINES=2
options=(--mca plm_rsh_agent "$folder/agent" --mca btl tcp,self
    --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24
    --oversubscribe --host "10.77.0.1:2,10.77.0.2:2" -n 4
    -x CF_TEST_HOST -x TMPDIR -x CF_TEST_MACHINES)
[ "$(id -u)" -ne 0 ] || options+=(--allow-run-as-root)
timeout 100 ip netns exec "${name}a" unshare --uts bash -c \
    'hostname cf-a; exec "$@"' cf-a mpirun.openmpi "${options[@]}" \
    "$program" "${@:2}" </dev/null
