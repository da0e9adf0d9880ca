#!/bin/sh
# SPDX-License-Identifier: MIT
# axe-core looks at a report in a real browser, on light and dark paper, and
# the page is as wide as a telephone. It needs no network: axe-core is found
# in CF_AXE_CORE (the path of axe.min.js) or among npm's global modules
# (npm install -g axe-core), else this test is skipped.
# usage: axe.sh CFBENCH RECORD...
set -eu

skip() {
    echo "skipped: $1"
    exit 77
}
chromium=$(command -v chromium || command -v chromium-browser || true)
[ -n "$chromium" ] || skip "no chromium on this machine"
axe=${CF_AXE_CORE:-}
if [ -z "$axe" ] && command -v npm >/dev/null; then
    axe=$(npm root -g 2>/dev/null)/axe-core/axe.min.js
fi
[ -n "$axe" ] && [ -f "$axe" ] || skip "no axe-core: npm install -g axe-core"

cfbench=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$cfbench" report "$@" -o "$folder/report.html" >/dev/null || [ $? -eq 2 ]

# The page forbids scripts, so the copy that is looked at has no policy; the
# frame is 360 wide, which no window need be.
{
    sed '/http-equiv="Content-Security-Policy"/d' "$folder/report.html"
    echo '<script>'
    cat "$axe"
    cat <<'END'
</script><script>
const wide = document.documentElement.scrollWidth > innerWidth;
axe.run(document, {resultTypes: ['violations']}).then(r => {
    const found = r.violations.map(v => v.id + ' (' + v.help + '): ' +
        v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(' ; '));
    parent.postMessage({found, wide, width: innerWidth,
                        passes: r.passes.length}, '*');
}, e => parent.postMessage({found: ['axe: ' + e], wide, passes: 0}, '*'));
</script>
END
} >"$folder/page.html"
cat >"$folder/frame.html" <<'END'
<!doctype html><title>waiting</title>
<iframe src="page.html" width="360" height="800" style="border:0"></iframe>
<script>onmessage = e => {
    document.body.textContent = 'axe ' + JSON.stringify(e.data);
}</script>
END

status=0
for paper in 1 0; do # light, dark
    timeout 80 "$chromium" --headless --no-sandbox --disable-gpu \
        --no-first-run --disable-background-networking --disable-extensions \
        --user-data-dir="$folder/profile" --allow-file-access-from-files \
        --host-resolver-rules="MAP * ~NOTFOUND" \
        --blink-settings=preferredColorScheme=$paper \
        --virtual-time-budget=30000 --dump-dom "file://$folder/frame.html" \
        >"$folder/dom" 2>"$folder/log" || skip "chromium does not run here"
    result=$(grep -o 'axe {.*}' "$folder/dom" || true)
    echo "$result"
    case $result in
    *'"found":[],"wide":false'*) ;;
    '') skip "the browser did not come to an end in time" ;;
    *) status=1 ;;
    esac
done
exit "$status"
