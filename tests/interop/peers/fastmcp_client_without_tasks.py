"""FastMCP 4's client as it is without fastmcp-tasks: it declares no tasks.

`python fastmcp_client_without_tasks.py http <url>` or `… stdio <command> <argument>…`.
"""

from typing import Any, Literal

import mcp_types
from pydantic import Field

from fastmcp_target import Person, client_of, error_of, seen_of
from scenarios import main, scenario


class TaskParams(mcp_types.RequestParams):
    task_id: str = Field(serialization_alias="taskId")


class GetTask(mcp_types.Request[TaskParams, Literal["tasks/get"]]):
    method: Literal["tasks/get"] = "tasks/get"
    params: TaskParams


@scenario
async def optional_tool() -> dict[str, Any]:
    async with client_of() as client:
        return {"version": client.protocol_version, **seen_of(await client.call_tool("sleep", {"ms": 100}))}


@scenario
async def required_tool() -> dict[str, Any]:
    async with client_of() as client:
        return await error_of(client.call_tool("required_sleep", {"ms": 50}))


@scenario
async def plain_tool() -> dict[str, Any]:
    async with client_of() as client:
        return seen_of(await client.call_tool("plain_add", {"a": 1, "b": 2}))


@scenario
async def question() -> dict[str, Any]:
    ann = Person("Ann")
    async with client_of(elicitation_handler=ann.answer) as client:
        return {**seen_of(await client.call_tool("ask", {})), "asked": ann.asked}


@scenario
async def two_questions() -> dict[str, Any]:
    ann = Person("Ann", "Lee")
    async with client_of(elicitation_handler=ann.answer) as client:
        return {**seen_of(await client.call_tool("ask_twice", {})), "asked": ann.asked}


@scenario
async def errors() -> dict[str, Any]:
    async with client_of() as client:
        return {
            "tool": await error_of(client.call_tool("toolerr", {})),
            "protocol": await error_of(client.call_tool("protocol_error", {})),
        }


@scenario
async def typed() -> dict[str, Any]:
    async with client_of() as client:
        return {"structured": (await client.call_tool("typed", {})).structured_content}


@scenario
async def tasks_methods() -> dict[str, Any]:
    async with client_of() as client:
        request = GetTask(params=TaskParams(task_id="no-such-task"))
        return await error_of(client.session.send_request(request, mcp_types.Result))


if __name__ == "__main__":
    main()
