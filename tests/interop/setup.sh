#!/usr/bin/env bash
# Makes the virtual environments that the Python peers run in, under .venv/ at the root of the repository.
#
# An environment is kept until its requirements or the Python change. What cannot be had is said loudly and skipped;
# with LONGCALL_INTEROP_REQUIRE=1 it is an error. PYTHON chooses the interpreter (3.11 or newer).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${PYTHON:-python3}
missing=0

shout() {
  printf '\n!!! %s\n' "$@" >&2
}

# provide <name> <module to import> <requirements>...
# Several sets of requirements are tried in turn: a newer release may ask for more than an index has.
provide() {
  local name=$1 module=$2
  shift 2
  local venv=$root/.venv/$name
  local log=$root/.venv/$name.log
  local stamp
  stamp=$(printf '%s\n' "$("$python" --version)" "$module" "$@" | sha256sum | cut -d' ' -f1)

  if [[ -f $venv/stamp && $(<"$venv/stamp") == "$stamp" ]]; then
    echo "$name: kept ($(<"$venv/installed"))"
    return
  fi
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >"$log" 2>&1; then
    shout "$name: '$python -m venv' failed:" "$(tail -n 3 "$log")"
    missing=1
    return
  fi
  local requirements
  for requirements in "$@"; do
    # shellcheck disable=SC2086 # a set is a list of words
    if "$venv/bin/pip" install --quiet --disable-pip-version-check $requirements >"$log" 2>&1 &&
      "$venv/bin/python" -c "import $module" >>"$log" 2>&1; then
      printf '%s' "$requirements" >"$venv/installed"
      printf '%s' "$stamp" >"$venv/stamp"
      echo "$name: installed $requirements"
      return
    fi
    shout "$name: could not have '$requirements', because:" "$(grep -v '^WARNING' "$log" | tail -n 1 | cut -c1-300)"
  done
  rm -rf "$venv"
  missing=1
}

if ! command -v "$python" >/dev/null; then
  shout "no Python: '$python' was not found; no Python peer can be tested"
  exit "${LONGCALL_INTEROP_REQUIRE:-0}"
fi

mkdir -p "$root/.venv"
# 2026-07-28, as an extension. fastmcp-tasks pins the fastmcp of its own version, and from 4.1.3 on that wants a certifi
# of the same weeks, which a mirror may lack.
provide fastmcp fastmcp_tasks 'fastmcp==4.1.4 fastmcp-tasks==4.1.4' 'fastmcp==4.1.2 fastmcp-tasks==4.1.2'
# 2025-11-25: the last line of the Python SDK with experimental tasks.
provide mcp1 mcp.server.experimental.task_support 'mcp==1.30.0' 'mcp==1.29.1'

if [[ $missing == 1 ]]; then
  shout 'some Python peers are missing: their interop tests will be skipped'
  exit "${LONGCALL_INTEROP_REQUIRE:-0}"
fi
