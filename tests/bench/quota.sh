#!/bin/bash
# SPDX-License-Identifier: MIT
# Under a real cgroup quota of 1.5 CPUs the machine has 1.5 CPUs, and an advice
# on work that computes looks no further than they allow.
program=$1
skip() { echo "skipped: $1"; exit 77; }

# In a container the file system may show less than the process is in.
[ "$(nproc)" -ge 2 ] || skip "one CPU is less than the quota"
folder=$(mktemp -d)
group=
trap '[ -z "$group" ] || rmdir "$group"; rm -rf "$folder"' EXIT
for place in "/sys/fs/cgroup/cpu cpu.cfs_quota_us 150000" \
    "/sys/fs/cgroup cpu.max 150000"; do
    read -r parent file quota <<<"$place"
    [ -w "$parent/cgroup.procs" ] || continue
    mkdir "$parent/cfbench-test-$$" 2>/dev/null || continue
    group=$parent/cfbench-test-$$
    { echo "$quota" >"$group/$file"; } 2>/dev/null && break
    rmdir "$group"
    group=
done
[ -n "$group" ] || skip "no cgroup with a quota can be made here"

# in_quota COMMAND...: runs it in the cgroup.
in_quota() { (echo "$BASHPID" >"$group/cgroup.procs" && "$@"); }

cd "$folder" || exit 1
in_quota "$program" env >env.txt
for line in 'cpu.usable *1\.5$' 'cpu.usable_why *cgroup$' \
    'a cgroup quota allows 1\.5 CPUs'; do
    grep -q "$line" env.txt || { echo "no $line in:"; cat env.txt; exit 1; }
done
in_quota "$program" recommend sum_squares -b thread -p n=100000 --tasks 16 \
    --gap 1ms -o r.json >out.txt 2>/dev/null || exit 1
grep -q 'a cgroup quota of 1\.5 CPUs, and tasks that compute: up to 4 workers' \
    out.txt && exit 0
cat out.txt
exit 1
