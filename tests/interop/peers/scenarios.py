"""What a client tries out on a server, one thing after another; each ends in a line of JSON that says what it saw."""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

Scenario = Callable[[], Awaitable[dict[str, Any]]]

SCENARIOS: dict[str, Scenario] = {}

TIMEOUT_SECONDS = 20


def scenario(run: Scenario) -> Scenario:
    """Keeps a scenario under the name of its function."""
    SCENARIOS[run.__name__] = run
    return run


def scenario_over_http(run: Scenario) -> Scenario:
    """Keeps a scenario that needs a server of more than one client; over stdio each client has its own."""
    return scenario(run) if sys.argv[1] == "http" else run


def target() -> str | list[str]:
    """Where the server is: a URL after `http`, a command after `stdio`."""
    transport, *rest = sys.argv[1:]
    return rest[0] if transport == "http" else rest


async def _run_all() -> None:
    # To look at one of them alone.
    only = os.environ.get("SCENARIO")
    for name, run in SCENARIOS.items():
        if only not in (None, name):
            continue
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                line = {"scenario": name, "ok": True, **await run()}
        # Cancelled scopes of the client come as groups that are no Exception.
        except BaseExceptionGroup as group:
            line = {"scenario": name, "ok": False, "error": "".join(traceback.format_exception(group))}
        except Exception as error:
            line = {"scenario": name, "ok": False, "error": "".join(traceback.format_exception(error))}
        print(json.dumps(line, default=repr), flush=True)


def main() -> None:
    asyncio.run(_run_all())
