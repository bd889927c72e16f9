#!/usr/bin/env bash
# Runs the unit tests, and of the wire tests the core, on other versions of Node, each installed from npm into a folder that is
# thrown away. The rest looks at servers and networks, which are the same whatever Node the client runs on.
# LONGCALL_NODES says which; LONGCALL_REPORTS, where to write a JSON report of each run.
# A version that cannot be installed is skipped, unless LONGCALL_NODES_REQUIRE=1.
set -euo pipefail
cd "$(dirname "$0")/../.."

platform=$(node -p '(process.platform === "win32" ? "win" : process.platform) + "-" + process.arch')
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
status=0

for version in ${LONGCALL_NODES:-22 24}; do
  # The package `node` only links a binary of this one, by an install script that npm may refuse to run.
  if ! npm install --silent --no-save --prefix "$home/$version" "node-$platform@$version"; then
    echo "Node $version cannot be installed for $platform; skipped."
    [ "${LONGCALL_NODES_REQUIRE:-0}" = 0 ] || status=1
    continue
  fi
  reporters=(--reporter=default)
  [ -z "${LONGCALL_REPORTS:-}" ] || reporters+=(--reporter=json "--outputFile.json=$LONGCALL_REPORTS/node-$version.json")
  # First in the path, so that every process a test starts is of this version too.
  export PATH="$home/$version/node_modules/node-$platform/bin:$PATH"
  echo "Node $(node --version)"
  node node_modules/vitest/vitest.mjs run --project unit --project wire packages tests/unit tests/boundaries tests/wire \
    --exclude 'tests/wire/client/**' --exclude 'tests/wire/recovery/**' --exclude 'tests/wire/bad-*.test.ts' \
    --exclude 'tests/wire/hosting/**' --exclude 'tests/wire/journal/**' \
    "${reporters[@]}" || status=1
done
exit "$status"
