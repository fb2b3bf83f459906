#!/usr/bin/env bash
# host-tests.sh <directory> [CMake option]...: builds the core with the host's compiler and runs the C tests.
set -euo pipefail

core="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly core directory="$1"
shift
cmake --log-level=NOTICE -S "$core" -B "$directory" "$@" > /dev/null
cmake --build "$directory" --parallel "${LS_JOBS:-2}"
ctest --test-dir "$directory" --output-on-failure --no-tests=error --parallel "${LS_JOBS:-2}" --exclude-regex '^style_'
