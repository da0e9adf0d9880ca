#!/bin/sh
# SPDX-License-Identifier: MIT
# The report of a hostile record in a real browser: its page says nothing on
# the console, asks for nothing beyond itself, and runs nothing.
# usage: page.sh REPORT_PROGRAM   (writes the page to its argument)
set -eu

chromium=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$chromium" ]; then
    echo "skipped: no chromium on this machine"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" "$folder/page.html" || [ $? -eq 2 ] # 2: no gnuplot, no figures

timeout 50 "$chromium" --headless --no-sandbox --disable-gpu --no-first-run \
    --disable-background-networking --disable-component-update \
    --disable-sync --disable-extensions --user-data-dir="$folder/profile" \
    --host-resolver-rules="MAP * ~NOTFOUND" \
    --enable-logging=stderr --log-net-log="$folder/net.json" \
    --virtual-time-budget=2000 --dump-dom "file://$folder/page.html" \
    >"$folder/dom.html" 2>"$folder/log" || {
    echo "skipped: chromium does not run here:"
    tail -3 "$folder/log"
    exit 77
}

fail() {
    echo "page.sh: $1"
    exit 1
}
grep -q '<h1>' "$folder/dom.html" || fail "the page is empty"
! grep -i 'CONSOLE' "$folder/log" || fail "the page speaks on the console"
! grep -i '<script\|<title>PWNED\|<svg\|<iframe' "$folder/dom.html" ||
    fail "a label became markup"
# Every request in the net log is for the file itself, or the browser's own.
! grep -o '"url":"[a-z]*://[^"]*"' "$folder/net.json" |
    grep -v '"url":"file://\|"url":"https\?://[a-z0-9.-]*\.google[a-z]*\.com/' ||
    fail "the page asks the network"
