#!/bin/bash
# SPDX-License-Identifier: MIT
# A transcript that needs a Python interpreter.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
exec bash "$(dirname "$0")/transcript.sh" "$@"
