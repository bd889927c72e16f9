#!/usr/bin/env bash
# Builds the packages, which the peers that run our server load, and makes the environments that foreign peers run in,
# under .venv/ at the root of the repository: virtual ones for Python, a folder with a newer Node for MCP Inspector.
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

# provide_inspector <version of MCP Inspector> <version of Node>
# It asks for a Node that is newer than the oldest one of this project.
provide_inspector() {
  local folder=$root/.venv/inspector
  local log=$root/.venv/inspector.log
  local platform
  platform=$(node -p '(process.platform === "win32" ? "win" : process.platform) + "-" + process.arch')
  local wanted="@modelcontextprotocol/inspector@$1 node-$platform@$2"

  if [[ -f $folder/stamp && $(<"$folder/stamp") == "$wanted" ]]; then
    echo "inspector: kept ($wanted)"
    return
  fi
  rm -rf "$folder"
  # The package `node` only links a binary of this one, by an install script that npm may refuse to run. Inspector's own
  # installs what is built already.
  # shellcheck disable=SC2086 # a list of words
  if npm install --no-save --ignore-scripts --no-fund --no-audit --prefix "$folder" $wanted >"$log" 2>&1 &&
    ln -s "node_modules/node-$platform/bin/node" "$folder/node" && "$folder/node" --version >>"$log" 2>&1; then
    printf '%s' "$wanted" >"$folder/stamp"
    echo "inspector: installed $wanted"
    return
  fi
  shout "inspector: could not have '$wanted', because:" "$(grep -v ' warn ' "$log" | tail -n 1 | cut -c1-300)"
  rm -rf "$folder"
  missing=1
}

mkdir -p "$root/.venv"
(cd "$root" && npm run build --silent)
provide_inspector 2.12.0 22

if ! command -v "$python" >/dev/null; then
  shout "no Python: '$python' was not found; no Python peer can be tested"
  exit "${LONGCALL_INTEROP_REQUIRE:-0}"
fi

# 2026-07-28, as an extension. fastmcp-tasks pins the fastmcp of its own version, and from 4.1.3 on that wants a certifi
# of the same weeks, which a mirror may lack.
provide fastmcp fastmcp_tasks 'fastmcp==4.1.4 fastmcp-tasks==4.1.4' 'fastmcp==4.1.2 fastmcp-tasks==4.1.2'
# 2025-11-25, with prompts and resources as tasks: the last and the first line of FastMCP that have those.
provide fastmcp3 fastmcp.server.tasks.handlers 'fastmcp[tasks]==3.4.10'
provide fastmcp2 fastmcp.server.tasks.handlers 'fastmcp[tasks]==2.14.7'
# 2025-11-25: the last line of the Python SDK with experimental tasks.
provide mcp1 mcp.server.experimental.task_support 'mcp==1.30.0' 'mcp==1.29.1'

if [[ $missing == 1 ]]; then
  shout 'some peers are missing: their interop tests will be skipped'
  exit "${LONGCALL_INTEROP_REQUIRE:-0}"
fi
