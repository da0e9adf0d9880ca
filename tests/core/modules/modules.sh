#!/bin/sh
# modules.sh PROGRAM PROGRAM-THAT-LINKS-IT FOREIGN.SO [STATIC MODULE.SO]: what a
# program says that finds no module, or one of another version; one that has
# linked it loads none, and a static one none that is there.
program=$1 linked=$2 foreign=$3 static=${4-} module=${5-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0

# says WHAT TEXT: the program fails, and its one line is TEXT.
says() {
    text=$(CF_BACKEND=openmp LD_LIBRARY_PATH=$folder "$program" 2>&1) &&
        { echo "$1: it ran"; bad=1; }
    [ "$text" = "one_line_switch: backend openmp: libcf-openmp.so.0 $2" ] ||
        { echo "$1: it says '$text'"; bad=1; }
}

# The loader looks here first; what it finds is no library.
echo "no library" >"$folder/libcf-openmp.so.0"
says "no module" "cannot be loaded: not installed, or what it needs is not"
cp "$foreign" "$folder/libcf-openmp.so.0"
says "a foreign module" "belongs to another version of libcf"

text=$(CF_BACKEND=openmp LD_LIBRARY_PATH=$folder "$linked" 2>&1)
[ "$text" = "25 on openmp" ] || { echo "linked: it says '$text'"; bad=1; }

if [ -n "$static" ]; then
    program=$static
    cp "$module" "$folder/libcf-openmp.so.0"
    says "a static program" "cannot be loaded by a statically linked program"
fi
exit $bad
