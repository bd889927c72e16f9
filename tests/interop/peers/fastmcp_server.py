"""A 2026-07-28 task server on FastMCP 4 and fastmcp-tasks, with the in-memory backend.

`python fastmcp_server.py stdio` or `python fastmcp_server.py http` (PORT).
"""

import asyncio
import sys
from datetime import timedelta

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.utilities.tasks import TaskConfig
from fastmcp_tasks import TasksExtension
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

from listening_socket import open_socket

POLL_INTERVAL = timedelta(milliseconds=50)
OPTIONAL = TaskConfig(mode="optional", poll_interval=POLL_INTERVAL)
REQUIRED = TaskConfig(mode="required", poll_interval=POLL_INTERVAL)

mcp = FastMCP("fastmcp-peer")
mcp.add_extension(TasksExtension(url="memory://", minimum_check_interval=timedelta(milliseconds=20)))


@mcp.tool(task=OPTIONAL)
async def slow(ms: int = 200) -> str:
    await asyncio.sleep(ms / 1000)
    return "slow is done"


@mcp.tool(task=OPTIONAL)
async def failing() -> str:
    raise ToolError("disk full: 42 bytes left")


@mcp.tool(task=OPTIONAL)
async def confirm(filename: str, ctx: Context) -> str | InputRequiredResult:
    """Asks once. The body ends with the question, and runs again from its first line with the answer."""
    if not ctx.input_responses:
        question = ElicitRequestFormParams(
            message=f"Delete {filename}? Type your name.",
            requested_schema={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        )
        return InputRequiredResult(input_requests={"confirm": ElicitRequest(params=question)}, request_state="asked")
    answer = ctx.input_responses["confirm"]
    name = answer.content["name"] if answer.action == "accept" else answer.action
    return f"deleted {filename} by {name}"


@mcp.tool(task=REQUIRED)
async def required(ms: int = 50) -> str:
    await asyncio.sleep(ms / 1000)
    return "required is done"


@mcp.tool
async def forbidden() -> str:
    return "never a task"


if __name__ == "__main__":
    if sys.argv[1:] == ["http"]:
        asyncio.run(mcp.run_http_async(show_banner=False, path="/mcp", log_level="warning", sockets=[open_socket()]))
    else:
        asyncio.run(mcp.run_stdio_async(show_banner=False))
