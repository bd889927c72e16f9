#!/usr/bin/env bash
# Runs the official conformance suite against the built server and the built client; see run.mjs, which takes the arguments.
# The suite is kept in node_modules/.cache/. One that cannot be installed is said loudly and not run; with
# LONGCALL_CONFORMANCE_REQUIRE=1 that is an error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

suite=@modelcontextprotocol/conformance@0.2.0-alpha.12
home=$PWD/node_modules/.cache/conformance
log=$home/install.log

install() {
  [[ -f $home/installed && $(<"$home/installed") == "$suite" ]] && return
  rm -rf "$home"
  mkdir -p "$home"
  echo '{ "private": true }' >"$home/package.json"
  # The suite asks for Node 22; see supply-glob-sync.mjs.
  npm install --no-audit --no-fund --engine-strict=false --prefix "$home" "$suite" >"$log" 2>&1 || return
  printf '%s' "$suite" >"$home/installed"
}

if ! install; then
  printf '\n!!! %s\n' "could not have '$suite', because:" "$(grep -v '^npm warn' "$log" | head -n 3 | cut -c1-300)" >&2
  printf '\n!!! %s\n' 'Not checked: the conformance of the server and of the client.' >&2
  exit "${LONGCALL_CONFORMANCE_REQUIRE:-0}"
fi

npm run build --silent
node tests/conformance/run.mjs "$home" "$@"
