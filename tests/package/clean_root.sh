#!/bin/sh
# SPDX-License-Identifier: MIT
# clean_root.sh FOLDER: installs the packages in FOLDER into a Debian that has
# nothing else, runs the smoke test there, and takes them out again: what is left
# is what was there before. Needs root, debootstrap and a mirror ($MIRROR).
set -eu
packages=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
mirror=${MIRROR:-http://deb.debian.org/debian}
release=${RELEASE:-bookworm}
skip() { echo "skipped: $*"; exit 77; }

[ "$(id -u)" -eq 0 ] || skip "a root of one's own needs root"
command -v debootstrap >/dev/null || skip "debootstrap is missing"
root=$(mktemp -d /var/tmp/cf-root-XXXXXX)
undo() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root"
}
trap undo EXIT
debootstrap --variant=minbase "$release" "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -3 "$root.log"; rm -f "$root.log"; skip "no Debian from $mirror"; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
files() { inside find /usr /etc /opt -xdev | grep -v ldconfig | sort; }

inside apt-get install -qq -y --no-install-recommends \
    gcc libc6-dev pkg-config cmake make python3 gnuplot-nox >/dev/null 2>&1
mkdir "$root/packages" "$root/cf"
cp "$packages"/*.deb "$root/packages"
cp -r "$source/examples" "$source/tests/package" "$root/cf"

# What they need comes with them; then they go alone.
inside sh -c 'apt-get install -qq -y --no-install-recommends /packages/*.deb' \
    >/dev/null 2>&1
inside apt-get purge -qq -y libcf0 libcf-dev cfbench >/dev/null
files >"$packages/before"
inside sh -c 'dpkg -i /packages/*.deb' >/dev/null
inside sh /cf/package/smoke.sh /cf/examples /cf/package/consumer
inside apt-get purge -qq -y libcf0 libcf-dev cfbench >/dev/null
files | diff "$packages/before" - || { echo "left behind by a purge"; exit 1; }
rm "$packages/before"
echo "the packages install, work and leave nothing behind"
