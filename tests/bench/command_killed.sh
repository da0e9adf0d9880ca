#!/bin/bash
# SPDX-License-Identifier: MIT
# cfbench is killed while commands run that know nothing of it, one of them in a
# session of its own: they end too.
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# The name is the test's own: other tests sleep as well.
cp "$(command -v sleep)" "cfbench-killed-$$"
left()
{
    ps -eo stat,args | grep "cfbench-killed-$$ 5[34]\$" | grep -vc '^Z\|grep'
}
"$program" run -b thread,process -j 2 --tasks 2 --blocks 1 -o k.json -- \
    sh -c "setsid ./cfbench-killed-$$ 53 & ./cfbench-killed-$$ 54" \
    >/dev/null 2>&1 &
for try in $(seq 100); do
    [ "$(left)" -ge 2 ] && break
    sleep 0.1
done
[ "$(left)" -ge 2 ] || { echo "the commands did not start"; exit 1; }
kill -9 $!
wait $! 2>/dev/null
for try in $(seq 100); do
    [ "$(left)" -eq 0 ] && exit 0
    sleep 0.1
done
echo "left behind:"
ps -ef | grep "cfbench-killed-$$"
exit 1
