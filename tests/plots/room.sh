#!/bin/sh
# SPDX-License-Identifier: MIT
# The large numbers at the top of a report do not run into the text beside them,
# however long they are: here of tasks that take minutes, on wide pages and narrow
# ones. And what stands above a table can be read there, however wide this is.
# usage: room.sh CFBENCH
set -eu

chromium=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$chromium" ]; then
    echo "skipped: no chromium on this machine"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'N,seconds\n1,149\n1,151\n2,80\n2,82\n4,46\n4,45\n' |
    "$1" import - -o "$folder/slow.json" >/dev/null
"$1" report "$folder/slow.json" -o "$folder/report.html" >/dev/null ||
    [ $? -eq 2 ] # 2: no gnuplot, no figures

# The page forbids scripts, so the copy that is looked at has no policy.
{
    sed '/http-equiv="Content-Security-Policy"/d' "$folder/report.html"
    cat <<'END'
<script>
const numbers = [...document.querySelectorAll('.answers strong')];
const runs = numbers.filter(n => n.scrollWidth > n.clientWidth);
const cut = [...document.querySelectorAll('caption')].filter(
    c => c.getBoundingClientRect().right > innerWidth);
document.body.textContent = 'numbers ' + numbers.length + ', too long ' +
    runs.concat(cut).map(n => n.textContent);
</script>
END
} >"$folder/page.html"
for width in 1200 500; do
    timeout 50 "$chromium" --headless --no-sandbox --disable-gpu \
        --no-first-run --disable-background-networking --disable-extensions \
        --user-data-dir="$folder/profile" --window-size=$width,900 \
        --host-resolver-rules="MAP * ~NOTFOUND" \
        --virtual-time-budget=2000 --dump-dom "file://$folder/page.html" \
        >"$folder/dom" 2>"$folder/log" || {
        echo "skipped: chromium does not run here:"
        tail -3 "$folder/log"
        exit 77
    }
    grep -o 'numbers [0-9].*' "$folder/dom"
    grep -q 'numbers [1-9][0-9]*, too long <' "$folder/dom" ||
        grep -q 'numbers [1-9][0-9]*, too long $' "$folder/dom" || exit 1
done
