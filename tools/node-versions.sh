#!/usr/bin/env bash
# Runs the built package and the tests of its core under each Node release that is promised: the floor, and the newest
# 22 and 24. Needs `npm run build`. The binaries come from npm's packages of Node for this platform, into .cache/.
set -euo pipefail
cd "$(dirname "$0")/.."
versions=("20.19.0" "22.23.3" "24.21.0")
core=(test/item test/attributes test/crypto test/client test/keyrings)
platform="$(node -p 'process.platform')-$(node -p 'process.arch')"
reports="${VITEST_REPORTS:-.cache}"

for version in "${versions[@]}"; do
  folder=".cache/node-$version"
  bin="$PWD/$folder/node_modules/node-$platform/bin"
  if [ ! -x "$bin/node" ]; then
    mkdir -p "$folder"
    echo '{"private":true}' >"$folder/package.json"
    npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "node-$platform@$version" >/dev/null
  fi
  # A wrong binary would make every one of these runs a repetition of the first.
  [ "$("$bin/node" --version)" = "v$version" ] || { echo "not Node $version: $bin" >&2; exit 1; }
  printf -- '-- Node %s\n' "$version"
  PATH="$bin:$PATH" dist/cli/main.mjs demo | tail -n 1
  PATH="$bin:$PATH" node node_modules/vitest/vitest.mjs run --project unit "${core[@]}" \
    --reporter=dot --reporter=json --outputFile.json="$reports/node-$version.json"
done
