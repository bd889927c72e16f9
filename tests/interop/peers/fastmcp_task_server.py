"""A 2025-11-25 task server on FastMCP 2.14 to 3, whose prompts and resources run as tasks, too; with the in-memory backend.

`python fastmcp_task_server.py stdio` or `python fastmcp_task_server.py http` (PORT).
"""

import asyncio
import sys
from datetime import timedelta

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.server.tasks.config import TaskConfig

from listening_socket import open_socket

# 2.14 has no poll interval of one's own.
OFTEN = {"poll_interval": timedelta(milliseconds=100)} if hasattr(TaskConfig, "poll_interval") else {}
OPTIONAL = TaskConfig(mode="optional", **OFTEN)
REQUIRED = TaskConfig(mode="required", **OFTEN)

mcp = FastMCP("fastmcp-task-peer")


@mcp.tool(task=OPTIONAL)
async def slow(ms: int = 200) -> str:
    await asyncio.sleep(ms / 1000)
    return "slow is done"


@mcp.tool(task=OPTIONAL)
async def failing() -> str:
    raise ToolError("disk full: 42 bytes left")


@mcp.tool(task=OPTIONAL)
async def confirm(filename: str, ctx: Context) -> str:
    answer = await ctx.elicit(f"Delete {filename}? Type your name.", response_type=str)
    return f"deleted {filename} by {answer.data if answer.action == 'accept' else answer.action}"


@mcp.tool
async def forbidden() -> str:
    return "never a task"


@mcp.prompt(task=OPTIONAL)
async def greet(name: str, ms: str = "200") -> str:
    # As a task, a prompt is given its arguments as the texts that they come as: only a plain call reads them by their types.
    await asyncio.sleep(int(ms) / 1000)
    return f"Greet {name}."


@mcp.prompt(name="failing", task=OPTIONAL)
async def failing_prompt() -> str:
    raise ValueError("disk full: 42 bytes left")


@mcp.prompt(name="forbidden")
async def forbidden_prompt() -> str:
    return "never a task"


@mcp.prompt(name="required", task=REQUIRED)
async def required_prompt() -> str:
    return "required is done"


@mcp.resource("report://today", task=OPTIONAL)
async def today() -> str:
    await asyncio.sleep(0.2)
    return "sunny"


@mcp.resource("report://picture", mime_type="image/png", task=OPTIONAL)
async def picture() -> bytes:
    return b"\x89PNG"


@mcp.resource("report://endless", task=OPTIONAL)
async def endless() -> str:
    await asyncio.sleep(600)
    return "never"


@mcp.resource("report://failing", task=OPTIONAL)
async def failing_resource() -> str:
    raise ValueError("disk full: 42 bytes left")


@mcp.resource("report://forbidden")
async def forbidden_resource() -> str:
    return "never a task"


@mcp.resource("report://cities/{city}", task=OPTIONAL)
async def city_report(city: str) -> str:
    await asyncio.sleep(0.2)
    return f"{city}: sunny"


if __name__ == "__main__":
    if sys.argv[1:] == ["http"]:
        asyncio.run(mcp.run_http_async(show_banner=False, path="/mcp", log_level="warning", sockets=[open_socket()]))
    else:
        asyncio.run(mcp.run_stdio_async(show_banner=False))
