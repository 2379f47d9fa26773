#!/bin/sh
# Builds the Java projects that tests talk to: all of them, or those named as arguments.
# Quick when nothing changed: a project is built again only if its pom.xml or its sources did.
set -eu

cd "$(dirname "$0")"

stamp() {
  find "$1/pom.xml" "$1/src" -type f -exec cksum {} + | LC_ALL=C sort
}

build() {
  project=$1
  if [ -f "$project/target/prepared" ] && [ "$(stamp "$project")" = "$(cat "$project/target/prepared")" ]; then
    return
  fi
  echo "building interop/$project" >&2
  rm -rf "$project/target"
  mvn -q -B -f "$project/pom.xml" package -DskipTests
  stamp "$project" > "$project/target/prepared"
}

# Two test runs that start together must not build into the same folder.
if [ -z "${PREPARE_LOCKED:-}" ] && command -v flock > /dev/null; then
  PREPARE_LOCKED=1 exec flock prepare.sh sh prepare.sh "$@"
fi

if [ $# -eq 0 ]; then
  set -- dynamodb-local java
fi
for project in "$@"; do
  build "$project"
done
