#!/bin/sh
# exports.sh LIBCF.SO: the shared library shows cf_ names alone, and needs libc
# and the OpenMP runtime alone.
leaked=$(nm -D --defined-only "$1" | awk '$2 != "A" && $3 !~ /^cf_/ {print $3}')
needed=$(objdump -p "$1" | awk '$1 == "NEEDED" {print $2}' |
    grep -vE '^(libc|libgomp|ld-linux[-a-z0-9_]*)\.so')
[ -z "$leaked" ] || echo "it shows more than cf_: $leaked"
[ -z "$needed" ] || echo "it needs more than libc and libgomp: $needed"
[ -z "$leaked$needed" ]
