"""Sessions of the Python SDK v1 with the server at hand, and what is seen of calls and tasks in them."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp.types as types
from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from scenarios import target


class Person:
    """Answers with the next of their names, and the last of them from then on; remembers what they were asked."""

    def __init__(self, *names: str) -> None:
        self.asked: list[str] = []
        self.related: list[Any] = []
        self._names = names

    async def answer(self, _context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        self.asked.append(params.message)
        meta = params.meta.model_dump() if params.meta else {}
        self.related.append(meta.get("io.modelcontextprotocol/related-task"))
        name = self._names[min(len(self.asked), len(self._names)) - 1]
        return types.ElicitResult(action="accept", content={"name": name})


@asynccontextmanager
async def session_of(**options: Any) -> AsyncIterator[ClientSession]:
    """A session that is new to the server. Over stdio it has a server of its own, which ends with it."""
    where = target()
    if isinstance(where, str):
        transport = streamable_http_client(where)
    else:
        transport = stdio_client(StdioServerParameters(command=where[0], args=where[1:]))
    try:
        async with transport as (reader, writer, *_), ClientSession(reader, writer, **options) as session:
            await session.initialize()
            yield session
    except* anyio.BrokenResourceError:
        # This client's reader breaks where the server still says how a task ended while the client is being closed.
        pass


async def start(session: ClientSession, tool: str, arguments: dict[str, Any] | None = None, **options: Any) -> str:
    created = await session.experimental.call_tool_as_task(tool, arguments or {}, **options)
    return created.task.taskId


async def result_of(session: ClientSession, task_id: str) -> types.CallToolResult:
    return await session.experimental.get_task_result(task_id, types.CallToolResult)


async def wait_for(session: ClientSession, task_id: str, status: str | None = None) -> types.GetTaskResult:
    """Polls as the SDK does, until the status is seen or the task is over."""
    async for state in session.experimental.poll_task(task_id):
        if state.status == status:
            return state
    return state


async def call_with(
    session: ClientSession, tool: str, arguments: dict[str, Any], ttl: int | None
) -> types.CallToolResult:
    """`tools/call` with or without `task`, read as the result of a tool."""
    task = None if ttl is None else types.TaskMetadata(ttl=ttl)
    params = types.CallToolRequestParams(name=tool, arguments=arguments, task=task)
    return await session.send_request(types.ClientRequest(types.CallToolRequest(params=params)), types.CallToolResult)


async def error_of(awaitable: Awaitable[Any]) -> dict[str, Any]:
    """How something ends that may be refused."""
    try:
        result = await awaitable
        return {"result": seen_of(result) if isinstance(result, types.CallToolResult) else told(result)}
    except McpError as error:
        return {"code": error.error.code, "message": error.error.message, "data": error.error.data}


async def ending_of(session: ClientSession, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Where a task call ends that may be refused at once or become a task that fails."""
    try:
        task_id = await start(session, tool, arguments)
    except McpError as error:
        return {"code": error.error.code, "message": error.error.message}
    return {"task": told(await wait_for(session, task_id)), **(await error_of(result_of(session, task_id)))}


def told(model: types.Result | types.Task) -> dict[str, Any]:
    return model.model_dump(by_alias=True, mode="json", exclude_unset=True)


def seen_of(result: types.CallToolResult) -> dict[str, Any]:
    return {"text": result.content[0].text, "is_error": result.isError, "meta": result.meta}
