#!/usr/bin/env bash
# Holds the built client and server against releases of the SDK that they stand on: the oldest that each supports, and the
# newest 2.x that the registry has. Each is installed into a folder that is thrown away, beside the packages as they would be published.
# LONGCALL_SDK_VERSIONS chooses others. A newest release that cannot be found out is skipped, unless
# LONGCALL_SDK_REQUIRE=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

root=$PWD
oldest=2.3.1
oldest_server=2.4.0
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
status=0

# The highest 2.x of a package, as the registry has it.
newest() {
  npm view "$1@2" version --json 2>/dev/null | node -e '
    const listed = [JSON.parse(require("node:fs").readFileSync(0, "utf8"))].flat()
    const parts = (version) => version.split(".").map(Number)
    const later = (a, b) => parts(b).map((part, at) => part - parts(a)[at]).find((difference) => difference !== 0) ?? 0
    console.log(listed.filter((version) => /^\d+\.\d+\.\d+$/.test(version)).sort(later)[0])'
}

npm run build --silent
npm pack --silent --pack-destination "$home" --workspace packages/core --workspace packages/client \
  --workspace packages/server >/dev/null

versions=${LONGCALL_SDK_VERSIONS:-}
if [ -z "$versions" ]; then
  versions=$oldest
  if latest=$(newest @modelcontextprotocol/client) && [ -n "$latest" ]; then
    [ "$latest" = "$oldest" ] || versions="$oldest $latest"
  else
    echo 'The newest release of the SDK cannot be found out; skipped.'
    status=${LONGCALL_SDK_REQUIRE:-0}
  fi
fi

for version in $versions; do
  printf '\nSDK %s\n' "$version"
  project=$home/$version
  mkdir -p "$project/sdk-contract" "$project/peers"
  cp "$root"/tests/sdk-contract/contract*.mjs "$project/sdk-contract"
  cp -r "$root"/tests/peers/dual "$root"/tests/peers/dual-server.mjs "$root"/tests/peers/http-listener.mjs "$project/peers"
  echo '{ "private": true, "type": "module" }' >"$project/package.json"
  # This release of the adapter goes with every server from 2.3.0 on; later ones want a later server.
  npm install --silent --no-audit --no-fund --prefix "$project" "$home"/longcall-c*.tgz zod@4 \
    @modelcontextprotocol/node@2.1.1 "@modelcontextprotocol/client@$version" "@modelcontextprotocol/server@$version"
  (cd "$project" && timeout 120 node sdk-contract/contract.mjs) || status=1

  # The server's own oldest is later.
  [ "$version" != "$oldest" ] || version=$oldest_server
  project=$home/server-$version
  mkdir -p "$project"
  cp "$root"/tests/sdk-contract/server-contract.mjs "$project"
  echo '{ "private": true, "type": "module" }' >"$project/package.json"
  npm install --silent --no-audit --no-fund --prefix "$project" "$home"/*.tgz zod@4 \
    "@modelcontextprotocol/client@$version" "@modelcontextprotocol/server@$version"
  (cd "$project" && timeout 120 node server-contract.mjs) || status=1
done
exit "$status"
