"""A 2025-11-25 server on the experimental tasks of the Python SDK v1 whose tools ask their client for answers in tasks.

`python mcp1_asking_server.py stdio` or `python mcp1_asking_server.py http` (PORT).
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp.types as types
from mcp.server.experimental.task_context import ServerTaskContext
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.shared.exceptions import McpError

from mcp1_serving import main

QUESTION = "Who are you?"
NAME_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
PROMPT = [types.SamplingMessage(role="user", content=types.TextContent(type="text", text="A poem."))]

server = Server("mcp1-asking-peer")
server.experimental.enable_tasks()


def text(value: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=value)])


def greeting(answer: types.ElicitResult) -> str:
    return f"hello {answer.content['name'] if answer.content else answer.action}"


async def reach(session: ServerSession) -> None:
    """Waits until the client hears what belongs to none of its requests: over HTTP that is lost before its stream is open."""
    while True:
        with anyio.move_on_after(0.2):
            await session.send_ping()
            return


def augmented(ttl: int) -> types.ServerRequest:
    task = types.TaskMetadata(ttl=ttl)
    params = types.ElicitRequestFormParams(message=QUESTION, requestedSchema=NAME_SCHEMA, task=task)
    return types.ServerRequest(types.ElicitRequest(params=params))


async def name_plainly(session: ServerSession, task: ServerTaskContext | None) -> str:
    if task:
        return greeting(await task.elicit(message=QUESTION, requestedSchema=NAME_SCHEMA))
    return greeting(await session.elicit_form(QUESTION, NAME_SCHEMA))


async def name_as_task(session: ServerSession, task: ServerTaskContext | None) -> str:
    if task:
        return greeting(await task.elicit_as_task(message=QUESTION, requestedSchema=NAME_SCHEMA))
    return greeting(await session.experimental.elicit_as_task(QUESTION, NAME_SCHEMA))


async def poem_plainly(session: ServerSession, task: ServerTaskContext | None) -> str:
    if task:
        return (await task.create_message(PROMPT, max_tokens=50)).content.text
    return (await session.create_message(PROMPT, max_tokens=50)).content.text


async def poem_as_task(session: ServerSession, task: ServerTaskContext | None) -> str:
    if task:
        return (await task.create_message_as_task(PROMPT, max_tokens=50)).content.text
    return (await session.experimental.create_message_as_task(PROMPT, max_tokens=50)).content.text


async def all_methods(session: ServerSession, _task: ServerTaskContext | None) -> str:
    """Does all that can be done with a task of the client's that does not end by itself."""
    created = await session.send_request(augmented(60_000), types.CreateTaskResult)
    task_id = created.task.taskId
    got = await session.experimental.get_task(task_id)
    listed = await session.send_request(types.ServerRequest(types.ListTasksRequest()), types.ListTasksResult)
    params = types.CancelTaskRequestParams(taskId=task_id)
    cancel = types.ServerRequest(types.CancelTaskRequest(params=params))
    cancelled = await session.send_request(cancel, types.CancelTaskResult)
    return json.dumps(
        {
            "created": created.task.model_dump(mode="json"),
            "got": got.model_dump(mode="json"),
            "listed": task_id in [task.taskId for task in listed.tasks],
            "cancelled": cancelled.status,
            "after": (await session.experimental.get_task(task_id)).status,
            "again": await error_of(session.send_request(cancel, types.CancelTaskResult)),
            "result": await error_of(session.experimental.get_task_result(task_id, types.ElicitResult)),
            "unknown": await error_of(session.experimental.get_task("no-such-task")),
        }
    )


async def undeclared(session: ServerSession, _task: ServerTaskContext | None) -> str:
    """Asks for a task whatever the client declared, and for what is not there."""
    return json.dumps(
        {
            "answer": await error_of(session.send_request(augmented(60_000), types.ElicitResult)),
            "get": await error_of(session.experimental.get_task("no-such-task")),
        }
    )


async def error_of(awaitable: Awaitable[Any]) -> Any:
    try:
        return (await awaitable).model_dump(mode="json")
    except McpError as error:
        return {"code": error.error.code, "message": error.error.message}


TOOLS: dict[str, Callable[[ServerSession, ServerTaskContext | None], Awaitable[str]]] = {
    run.__name__: run for run in (name_plainly, name_as_task, poem_plainly, poem_as_task, all_methods, undeclared)
}


@server.list_tools()
async def list_tools() -> list[types.Tool]:
    return [
        types.Tool(
            name=name,
            inputSchema={"type": "object"},
            execution=types.ToolExecution(taskSupport=types.TASK_OPTIONAL),
        )
        for name in TOOLS
    ]


@server.call_tool()
async def call_tool(name: str, _arguments: dict[str, Any]) -> types.CallToolResult | types.CreateTaskResult:
    context = server.request_context
    session = context.session
    await reach(session)
    if not context.experimental.is_task:
        return text(await TOOLS[name](session, None))

    async def work(task: ServerTaskContext) -> types.CallToolResult:
        return text(await TOOLS[name](session, task))

    return await context.experimental.run_task(work)


if __name__ == "__main__":
    main(server)
