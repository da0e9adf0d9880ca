#!/bin/sh
# manual.sh SOURCE MANUAL: every public function, and macro that is called like
# one, has a page that says what it does, every command a section, and the
# formatter finds nothing to say about any of them.
set -u
source=$1 manual=$2 bad=0

for function in $(awk '/^CF_API/ && !/extern/ { inside = 1 }
    /^#define cf_/ && match($2, /^cf_[a-z_]+/) { print substr($2, RSTART, RLENGTH) }
    inside && match($0, /cf_[a-z_]+\(/) { print substr($0, RSTART, RLENGTH - 1); inside = 0 }
    /;/ { inside = 0 }' "$source"/core/include/cf/*.h); do
    [ -f "$manual/man3/$function.3" ] ||
        { echo "no page for $function"; bad=1; }
done
if grep -l ' \\- $' "$manual"/man3/*.3; then
    echo "these do not say what they are about"
    bad=1
fi
if grep -lE 'CF_NAMESAKE|CF_PRINTF' "$manual"/man3/*.3; then
    echo "these show what stands around a declaration"
    bad=1
fi
if [ -f "$manual/man1/cfbench.1" ]; then
    for command in run report plot env list; do
        grep -qi "^.SH \"CFBENCH $command\"" "$manual/man1/cfbench.1" ||
            { echo "no section for $command"; bad=1; }
    done
fi
if command -v groff >/dev/null; then
    cd "$manual" || exit 1
    said=$(for page in man?/*; do groff -man -ww -z -Tutf8 "$page" 2>&1; done)
    [ -z "$said" ] || { echo "$said" | head; bad=1; }
else
    echo "groff is missing: how the pages look was not checked"
fi
exit $bad
