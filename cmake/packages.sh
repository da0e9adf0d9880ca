#!/bin/sh
# packages.sh build|check|coverage|fuzz|mpich|package: installs the Debian
# packages that building (or testing, or making packages) needs, where it may;
# otherwise names what is missing in one line.
# On a system without dpkg it leaves the question to CMake.
set -eu

build="gcc libc6-dev make cmake pkg-config libcjson-dev libgsl-dev libhwloc-dev
libcurl4-openssl-dev libmicrohttpd-dev libssl-dev libsqlite3-dev libzstd-dev gnuplot-nox
fonts-dejavu-core"
check="g++ hyperfine libcmocka-dev python3 python3-jsonschema chromium jq procps time
libopenmpi-dev openmpi-bin"
mpich="libmpich-dev mpich"
fuzz="clang libclang-rt-dev"
packaging="dpkg-dev file"

case "${1-}" in
build) wanted=$build ;;
check) wanted="$build $check" ;;
coverage) wanted="$build $check gcovr" ;;
fuzz) wanted="$build $check $fuzz" ;;
mpich) wanted="$build $check $mpich" ;;
package) wanted="$build $packaging" ;;
*)
    echo "usage: packages.sh build|check|coverage|fuzz|mpich|package" >&2
    exit 2
    ;;
esac
command -v dpkg-query >/dev/null || exit 0

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "make: packages missing: apt-get install$missing" >&2
        exit 2
    fi
fi
echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update -q &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "make: packages missing: apt-get install$missing" >&2
    exit 2
fi
