#!/bin/sh
# exports.sh PREFIX RUNTIME LIBRARY: the shared library shows names that begin
# with PREFIX alone, needs nothing but libc and RUNTIME (a pattern, or ""), and
# takes no static thread-local storage.
leaked=$(nm -D --defined-only "$3" | awk -v prefix="$1" \
    '$2 != "A" && index($3, prefix) != 1 {print $3}')
needed=$(objdump -p "$3" | awk '$1 == "NEEDED" {print $2}' |
    grep -vE "^(libc|ld-linux[-a-z0-9_]*${2:+|$2})\\.so")
# room for that is short in a program that loads a library late
fixed=$(readelf -d "$3" | grep STATIC_TLS)
[ -z "$fixed" ] || echo "a thread's variables have a fixed place: $fixed"
[ -z "$leaked" ] || echo "it shows more than $1: $leaked"
[ -z "$needed" ] || echo "it needs more than libc $2: $needed"
[ -z "$leaked$needed$fixed" ]
