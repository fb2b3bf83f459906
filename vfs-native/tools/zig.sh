#!/usr/bin/env bash
# zig.sh: installs the zig that zig-requirements.txt pins, unless it is there, and prints the path of its program.
set -euo pipefail

tools="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
pinned="$(sha256sum "$tools/zig-requirements.txt" | cut -c1-16)"
readonly tools pinned
readonly venv="${XDG_CACHE_HOME:-$HOME/.cache}/litestream-jdbc-zig/$pinned"

# The mark is written last: an installation that was broken off is made again.
if [[ ! -e "$venv/complete" ]]; then
  command -v python3 > /dev/null || { echo "install python3: zig comes as a Python package" >&2; exit 1; }
  rm -rf "$venv"
  python3 -m venv "$venv" >&2 || { echo "install python3-venv (Debian) for zig" >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement "$tools/zig-requirements.txt" >&2
  touch "$venv/complete"
fi
"$venv/bin/python" -c 'import pathlib, ziglang; print(pathlib.Path(ziglang.__file__).with_name("zig"))'
