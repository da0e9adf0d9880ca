#!/bin/sh
# scripts.sh ROOT: what begins with #! can be started as it stands.
set -u
cd "$1" || exit 1
bad=0 seen=0

# Not what was built, nor what is hidden.
for script in $(find . \( -path './build*' -o -path './.?*' -o -path ./results/local \) \
    -prune -o -type f \( -name '*.sh' -o -name '*.py' -o -name '*.sbatch' \) -print | sort); do
    [ "$(head -c 2 "$script")" = '#!' ] || continue
    seen=$((seen + 1))
    [ -x "$script" ] || {
        echo "${script#./} begins with #!, but may not be executed"
        bad=1
    }
done
[ "$seen" -gt 0 ] || { echo "no script below $1"; bad=1; }
exit $bad
