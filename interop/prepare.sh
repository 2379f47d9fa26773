#!/bin/sh
# Builds the Java projects that tests talk to: all of them but java-old, or those named as arguments.
# Quick when nothing changed: a project is built again only if its pom.xml or its sources did.
set -eu

cd "$(dirname "$0")"

# The older material providers that java-old is built with, each into a folder of its own below target/.
old_providers="1.0.2 1.5.1"

stamp() {
  sources="$1/pom.xml $1/src"
  [ "$1" != java-old ] || sources="$sources java/src"
  # shellcheck disable=SC2086
  find $sources -type f -exec cksum {} + | LC_ALL=C sort
}

build() {
  project=$1
  if [ -f "$project/target/prepared" ] && [ "$(stamp "$project")" = "$(cat "$project/target/prepared")" ]; then
    return
  fi
  echo "building interop/$project" >&2
  rm -rf "$project/target"
  if [ "$project" = java-old ]; then
    for providers in $old_providers; do
      mvn -q -B -f "$project/pom.xml" -Dproviders="$providers" package -DskipTests
    done
  else
    mvn -q -B -f "$project/pom.xml" package -DskipTests
  fi
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
