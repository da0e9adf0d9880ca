#!/bin/bash
# SPDX-License-Identifier: MIT
# What a report takes grows with its record, not with the square of its
# workloads: a page of 2,000 comes to its end. And a figure that gnuplot cannot
# draw is named, though it draws many in one process.
# usage: many.sh CFBENCH RECORD
program=$1
record=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir tmp bin
export TMPDIR=$folder/tmp

awk 'BEGIN {
    printf "{\"results\": ["
    for (i = 0; i < 2000; i++)
        printf "%s{\"command\": \"c%d\", \"mean\": 1, \"times\": [%s]}\n",
            (i > 0 ? "," : ""), i, "1,1.1,1.2,1.3,1.2,1.1,1,1.1,1.2,1.3"
    printf "]}\n"
}' >many.json
"$program" import many.json -o record.json >/dev/null || exit 1
# Without the square it is a second; with it, three minutes.
timeout -s KILL 30 "$program" report record.json -o page.md >/dev/null ||
    { echo "page.md: not in 30 s"; exit 1; }
[ "$(grep -c '^## c' page.md)" = 2000 ] || { echo "not all are in it"; exit 1; }

cat >bin/gnuplot <<'END'
#!/bin/sh
for script; do
    case $script in
    throughput-*) echo "the $script is wrong" >&2; exit 1 ;;
    *.gp) echo '<svg></svg>' >"${script%.gp}.svg" ;;
    esac
done
END
chmod +x bin/gnuplot
PATH=$folder/bin:$PATH "$program" report "$record" -o page.html >out 2>err
code=$?
[ $code -eq 2 ] && [ ! -e page.html ] &&
    grep -qE '^cfbench: page.html: gnuplot (throughput-[^ ]*.gp): the \1 is wrong$' err ||
    { echo "exit code $code"; cat out err; exit 1; }
[ -z "$(ls tmp)" ] || { echo "a folder is left"; exit 1; }
