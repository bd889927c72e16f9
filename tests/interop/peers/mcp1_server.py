"""A 2025-11-25 task server on the experimental tasks of the Python SDK v1.

`python mcp1_server.py stdio` or `python mcp1_server.py http` (PORT).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import mcp.types as types
from mcp.server.experimental.task_context import ServerTaskContext
from mcp.server.lowlevel import Server

from mcp1_serving import main

NAME_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}

server = Server("mcp1-peer")
server.experimental.enable_tasks()


def text(value: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=value)])


async def work(task: ServerTaskContext, arguments: dict[str, Any]) -> types.CallToolResult:
    await task.update_status("working on it")
    await asyncio.sleep(arguments.get("ms", 100) / 1000)
    return text("work is done")


async def ask(task: ServerTaskContext, _arguments: dict[str, Any]) -> types.CallToolResult:
    answer = await task.elicit(message="name?", requestedSchema=NAME_SCHEMA)
    return text(f"hello {answer.content['name'] if answer.content else answer.action}")


async def sample(task: ServerTaskContext, _arguments: dict[str, Any]) -> types.CallToolResult:
    prompt = types.SamplingMessage(role="user", content=types.TextContent(type="text", text="write a haiku"))
    answer = await task.create_message([prompt], max_tokens=50)
    return text(f"sampled {answer.content.text}")


async def fail(_task: ServerTaskContext, _arguments: dict[str, Any]) -> types.CallToolResult:
    raise RuntimeError("disk full: 42 bytes left")


async def long(_task: ServerTaskContext, _arguments: dict[str, Any]) -> types.CallToolResult:
    await asyncio.sleep(3600)
    return text("an hour later")


TOOLS: dict[str, Callable[[ServerTaskContext, dict[str, Any]], Awaitable[types.CallToolResult]]] = {
    "work": work,
    "ask": ask,
    "sample": sample,
    "fail": fail,
    "long": long,
}


@server.list_tools()
async def list_tools() -> list[types.Tool]:
    return [
        types.Tool(
            name=name,
            inputSchema={"type": "object", "properties": {"ms": {"type": "number"}}},
            execution=types.ToolExecution(taskSupport=types.TASK_REQUIRED),
        )
        for name in TOOLS
    ]


@server.call_tool()
async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult | types.CreateTaskResult:
    context = server.request_context.experimental
    context.validate_task_mode(types.TASK_REQUIRED)
    return await context.run_task(lambda task: TOOLS[name](task, arguments))


if __name__ == "__main__":
    main(server)
