#!/usr/bin/env bash
# cross-tests.sh <directory>: builds the C tests for musl (x86_64), for aarch64 and for Windows, and runs them here: under
# musl's own dynamic linker, qemu-user and wine. With CI=true a missing tool is a failure, else a line.
set -euo pipefail

core="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly core directory="$1"
export WINEDEBUG=-all

# have <program> <Debian packages> <what>
have() {
  command -v "$1" > /dev/null && return
  echo "not run: C tests $3; install $2 (Debian)" >&2
  [[ "${CI:-}" != true ]] || exit 1
  return 1
}

# run <name> <toolchain file> [emulator]
run() {
  local build="$directory/$1"
  cmake --log-level=NOTICE -S "$core" -B "$build" --toolchain "$core/cmake/$2" \
    -DLS_PACKAGE_DIR="$build/package" -DCMAKE_CROSSCOMPILING_EMULATOR="${3:-}" > /dev/null
  cmake --build "$build" --parallel "${LS_JOBS:-2}"
  echo "C tests for $1:"
  ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "${LS_JOBS:-2}"
}

if have musl-gcc "musl-tools" "under musl"; then
  run musl-x86_64 musl-x86_64.cmake
fi
LS_ZIG="$("$core/tools/zig.sh")"
export LS_ZIG
if have qemu-aarch64-static "qemu-user-static libc6-arm64-cross" "on aarch64"; then
  run linux-aarch64 zig/linux-aarch64.cmake "qemu-aarch64-static;-L;/usr/aarch64-linux-gnu"
fi
if have wine "wine wine64" "on Windows"; then
  run windows-x86_64 zig/windows-x86_64.cmake wine
fi
