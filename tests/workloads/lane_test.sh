#!/bin/sh
# lane_test.sh PYTHON LANE PRINT_OUTPUTS CFBENCH: lane_test.py, where there is
# a Python of 3.8 or later.
python=$1
shift
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null
then
    echo "skipped: no python3 of 3.8 or later"
    exit 77
fi
exec "$python" -B "$(dirname "$0")/lane_test.py" "$@"
