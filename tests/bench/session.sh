# SPDX-License-Identifier: MIT
# For the tests that kill: runs cfbench in a session of its own, so that
# whatever it leaves behind can be found. Sourced.

# start ARG...: in the background; sets `run`, its process and session.
start()
{
    # A shell's background jobs ignore Ctrl-C; ours must not.
    env --default-signal=INT setsid "$program" "$@" >out 2>err &
    run=$!
}

# Succeeds once no process of the session is left, within a second.
all_gone()
{
    local try stat
    for try in 1 2 3 4 5 6 7 8 9 10; do
        [ "$try" -eq 1 ] || sleep 0.1
        alive=
        for stat in /proc/[0-9]*/stat; do
            # pid (name) state parent group session ...
            fields=$(sed 's/.*) //' "$stat" 2>/dev/null) || continue
            # shellcheck disable=SC2086 # split it
            set -- $fields
            [ "${4:-}" = "$run" ] && [ "$1" != Z ] && alive="$alive $stat"
        done
        [ -z "$alive" ] && return 0
    done
    echo "left behind:$alive"
    return 1
}
