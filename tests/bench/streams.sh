#!/bin/bash
# SPDX-License-Identifier: MIT
# Closed, full and impatient standard streams.
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

complain()
{
    echo "$1"
    exit 1
}

"$program" list | head -1 >/dev/null
[ "${PIPESTATUS[0]}" -eq 0 ] || complain "a reader that leaves is no trouble"

"$program" list >/dev/full 2>err
[ $? -eq 2 ] || complain "a full disk is trouble"
[ "$(cat err)" = "cfbench: standard output: No space left on device" ] ||
    complain "a full disk is named: $(cat err)"

small=(run sleep -b serial,thread -j 2 --tasks 2 -p ms=1 --blocks 2 --gap 1ms)
"$program" "${small[@]}" -o closed.json <&- >&- 2>&- ||
    complain "closed streams are no trouble"
[ "$(head -c 10 closed.json)" = '{"schema":' ] ||
    complain "nothing that is printed ends up in the record"

"$program" "${small[@]}" -o kept.json 2>/dev/null >&2 <<<"for the caller"
while read -r line; do
    "$program" "${small[@]}" -o loop.json >/dev/null 2>&1
    seen="$seen$line"
done <<<$'a\nb\nc'
[ "$seen" = abc ] || complain "standard input is left alone"

(
    ulimit -f 1
    export TMPDIR=$folder
    "$program" report kept.json -o page.md >/dev/null 2>err
    [ $? -eq 2 ] || complain "a limit to a file's size is trouble"
    [ "$(cat err)" = "cfbench: page.md: File too large" ] ||
        complain "a limit to a file's size is named: $(cat err)"
) || exit 1

[ "$(ls)" = "$(printf 'closed.json\nerr\nkept.json\nloop.json')" ] ||
    complain "files left: $(ls)"
