#!/usr/bin/env bash
# natives.sh <directory> [platform]...: cross-builds the library for the platforms (all of cmake/zig/ without any) into
# <directory>/META-INF/native/<platform>/, and lets the gate judge what it built, after the gate's own tests.
set -euo pipefail

core="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly core directory="$1"
shift
if [[ $# -eq 0 ]]; then
  set -- "$core"/cmake/zig/*-*.cmake
  set -- "${@##*/}"
  set -- "${@%.cmake}"
fi

LS_ZIG="$("$core/tools/zig.sh")"
export LS_ZIG
rm -rf "$directory"
for platform in "$@"; do
  build="$directory-build/$platform"
  cmake --log-level=NOTICE -S "$core" -B "$build" --toolchain "$core/cmake/zig/$platform.cmake" \
    -DLS_SKIP_TESTS=ON -DLS_PACKAGE_DIR="$directory" > /dev/null
  # A build directory that is up to date would leave the package empty.
  cmake --build "$build" --clean-first --parallel "${LS_JOBS:-2}"
done
python3 "$core/tools/gate/test_gate.py" "$directory" "$@"
python3 "$core/tools/gate/gate.py" "$directory" "$@"
