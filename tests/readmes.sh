#!/bin/sh
# readmes.sh ROOT: a folder's README has at most 40 lines; what is more stands
# in a file that it links. The top one, which is no folder's, may have more.
set -u
cd "$1" || exit 1
most=40 bad=0 seen=0

# Not what was built, nor what is hidden.
for readme in $(find . -mindepth 2 \( -path './build*' -o -path './.?*' \) -prune \
    -o -name README.md -print | sort); do
    seen=$((seen + 1))
    lines=$(wc -l <"$readme")
    [ "$lines" -le $most ] || {
        echo "${readme#./} has $lines lines, $most at most"
        bad=1
    }
done
[ "$seen" -gt 0 ] || { echo "no README.md below $1"; bad=1; }
exit $bad
