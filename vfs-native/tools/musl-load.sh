#!/usr/bin/env bash
# musl-load.sh <library>: musl's dynamic linker loads the library that ships for Linux and binds all that it calls.
set -euo pipefail

program="$(mktemp -d)"
trap 'rm -rf "$program"' EXIT
musl-gcc -std=c11 -Wall -Werror -x c -o "$program/load" - <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
  void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (library == NULL || dlsym(library, "sqlite3_litestreamjdbc_init") == NULL) {
    fprintf(stderr, "musl does not load it: %s\n", dlerror());
    return 1;
  }
  return 0;
}
C
"$program/load" "$(realpath "$1")"
echo "musl loads $1"
