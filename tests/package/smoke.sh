#!/bin/sh
# SPDX-License-Identifier: MIT
# smoke.sh EXAMPLES CONSUMER: what somebody does who has just installed the
# packages: a program by pkg-config and one by find_package(), the tool, a plugin,
# Python's lanes, a page of the manual, a completion.
set -eu
examples=$1 consumer=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
say() { echo "smoke: $*"; }

# shellcheck disable=SC2046 # words
cc "$examples/submit.c" -o submit $(pkg-config --cflags --libs cf)
[ "$(./submit)" = 25 ]
say "a program by pkg-config"

cmake -S "$consumer" -B consumer -DEXAMPLES="$examples" >cmake.log ||
    { cat cmake.log; exit 1; }
cmake --build consumer >build.log || { cat build.log; exit 1; }
[ "$(consumer/with_cf)" = 25 ]
[ "$(consumer/with_cf_static)" = 25 ]
ldd consumer/with_cf | grep -q 'libcf\.so\.0'
! ldd consumer/with_cf_static | grep -q 'libcf\.so'
say "programs by find_package(), shared and static"

cc "$examples/one_line_switch.c" -o switch $(pkg-config --cflags --libs cf)
for backend in serial thread process openmp gil; do
    [ "$(CF_BACKEND=$backend ./switch)" = "25 on $backend" ]
done
say "every backend"

lanes=serial,thread,process,openmp,gil
command -v python3 >/dev/null && lanes=$lanes,cpython-thread
cfbench run sum_squares -p n=100000 -b $lanes -j 2 --tasks 8 --blocks 2 \
    --gap 1ms -o r.json >run.out 2>run.err || { cat run.out run.err; exit 1; }
say "$(grep -c '"verified": true' r.json) verified samples on $lanes"

# shellcheck disable=SC2046
cc -shared -fPIC -O2 "$examples/plugin/parse.c" -o libmine.so \
    $(pkg-config --cflags cf)
cfbench run ./libmine.so:parse -p size=4096 -b serial,process -j 2 --tasks 4 \
    --blocks 1 -o p.json >run.out 2>run.err || { cat run.out run.err; exit 1; }
say "a plugin"

if command -v gnuplot >/dev/null; then
    cfbench report r.json -o r.html >report.out
    grep -q '</html>' r.html
    say "a report"
fi
if [ -z "${CF_PREFIX-}" ]; then
    for file in /usr/share/man/man1/cfbench.1* /usr/share/man/man3/cf_submit.3* \
        /usr/share/bash-completion/completions/cfbench \
        /usr/share/zsh/vendor-completions/_cfbench \
        /usr/share/fish/vendor_completions.d/cfbench.fish; do
        [ -s "$file" ] || { echo "missing: $file"; exit 1; }
    done
    bash -c '. /usr/share/bash-completion/completions/cfbench
        COMP_WORDS=(cfbench run --blo) COMP_CWORD=2
        _cfbench; [ "${COMPREPLY[*]}" = --blocks ]'
    say "manual and completions"
fi
