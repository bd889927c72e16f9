"""FastMCP 4's client with fastmcp-tasks (2026-07-28), as a user of it calls tools.

`python fastmcp_client.py http <url>` or `python fastmcp_client.py stdio <command> <argument>…`.
"""

import asyncio
from typing import Any

import fastmcp_tasks  # noqa: F401  Every client that is made from here on declares tasks.
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp_tasks.client import ToolTask, call_tool_task
from fastmcp_tasks.client_models import (
    CancelTaskRequest,
    CancelTaskRequestParams,
    ClientGetTaskResult,
    GetTaskRequest,
    GetTaskRequestParams,
    UpdateTaskRequest,
    UpdateTaskRequestParams,
)
from mcp_types import Result

from fastmcp_target import Person, client_of, error_of, seen_of
from scenarios import main, scenario, scenario_over_http


def state_of(task: Any) -> dict[str, Any]:
    return task.model_dump(by_alias=True, mode="json", exclude_none=True)


@scenario
async def connects() -> dict[str, Any]:
    async with client_of() as client:
        tools = [tool.name for tool in await client.list_tools()]
        extensions = client.server_capabilities.extensions
        return {"version": client.protocol_version, "extensions": extensions, "tools": tools}


@scenario
async def transparent_call() -> dict[str, Any]:
    async with client_of() as client:
        return seen_of(await client.call_tool("sleep", {"ms": 300}))


@scenario
async def handle() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "sleep", {"ms": 300})
        first = await task.status()
        ended = await task.wait(timeout=10)
        result = await task.result()
        return {
            "created": state_of(task.create_result),
            "first": state_of(first),
            "ended": state_of(ended),
            **seen_of(result),
        }


@scenario
async def transparent_question() -> dict[str, Any]:
    ann = Person("Ann")
    async with client_of(elicitation_handler=ann.answer) as client:
        return {**seen_of(await client.call_tool("ask", {})), "asked": ann.asked}


@scenario
async def two_questions() -> dict[str, Any]:
    ann = Person("Ann", "Lee")
    async with client_of(elicitation_handler=ann.answer) as client:
        return {**seen_of(await client.call_tool("ask_twice", {})), "asked": ann.asked}


@scenario
async def question_of_a_handle() -> dict[str, Any]:
    ann = Person("Ann")
    async with client_of(elicitation_handler=ann.answer) as client:
        task = await call_tool_task(client, "ask", {})
        waiting = await task.wait(state="input_required", timeout=10)
        asked_before = list(ann.asked)
        result = await task.result()
        return {**seen_of(result), "waiting": state_of(waiting), "asked_before": asked_before, "asked": ann.asked}


@scenario
async def declined_question() -> dict[str, Any]:
    async def decline(*_args: Any) -> ElicitResult[Any]:
        return ElicitResult(action="decline")

    async with client_of(elicitation_handler=decline) as client:
        return seen_of(await client.call_tool("ask", {}))


@scenario
async def answer_by_hand() -> dict[str, Any]:
    async with client_of(elicitation_handler=Person("nobody").answer) as client:
        task = await call_tool_task(client, "ask", {})
        waiting = await task.wait(state="input_required", timeout=10)
        keys = list(waiting.input_requests or {})
        await update(client, task.task_id, {"no-such-key": accept("Eve")})
        unmoved = await task.status()
        await update(client, task.task_id, {keys[0]: accept("Bob")})
        ended = await task.wait(timeout=10)
        await update(client, task.task_id, {keys[0]: accept("Eve")})
        return {"keys": keys, "unmoved": state_of(unmoved), "ended": state_of(ended)}


@scenario
async def tool_error() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "toolerr", {})
        ended = await task.wait(timeout=10)
        return {
            "transparent": await error_of(client.call_tool("toolerr", {})),
            "handle": await error_of(task.result()),
            "ended": state_of(ended),
        }


@scenario
async def protocol_error() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "protocol_error", {})
        ended = await task.wait(timeout=10)
        return {
            "transparent": await error_of(client.call_tool("protocol_error", {})),
            "handle": await error_of(task.result()),
            "ended": state_of(ended),
        }


@scenario
async def cancel() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "sleep", {"ms": 600_000})
        await task.cancel()
        ended = await task.wait(timeout=10)
        return {
            "ended": state_of(ended),
            "result": await error_of(task.result()),
            "again": await error_of(task.cancel()),
            "after": state_of(await task.status()),
        }


@scenario
async def cancel_of_a_waiting_task() -> dict[str, Any]:
    async with client_of(elicitation_handler=Person("Ann").answer) as client:
        task = await call_tool_task(client, "ask", {})
        await task.wait(state="input_required", timeout=10)
        await task.cancel()
        return {"ended": state_of(await task.wait(timeout=10))}


@scenario
async def required_tool() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "required_sleep", {"ms": 50})
        return {**seen_of(await client.call_tool("required_sleep", {"ms": 50})), "handle": seen_of(await task.result())}


@scenario
async def plain_tool() -> dict[str, Any]:
    async with client_of() as client:
        called = seen_of(await client.call_tool("plain_add", {"a": 1, "b": 2}))
        return {**called, "as_task": await error_of(call_tool_task(client, "plain_add", {"a": 1, "b": 2}))}


@scenario
async def typed() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "typed", {})
        result = await client.call_tool("typed", {})
        return {
            "structured": result.structured_content,
            "data": result.data.n,
            "handle": (await task.result()).structured_content,
        }


@scenario
async def status_messages() -> dict[str, Any]:
    """What a task says of its progress, which this protocol has in the status message."""
    async with client_of() as client:
        task = await call_tool_task(client, "progress", {})
        said: list[str] = []
        while True:
            state = await task.status()
            if state.status_message and state.status_message not in said:
                said.append(state.status_message)
            if state.status != "working":
                return {"said": said, **seen_of(await task.result())}
            await asyncio.sleep(0.01)


@scenario
async def question_that_it_cannot_answer() -> dict[str, Any]:
    """This client answers no sampling inside a task, and says so."""
    async with client_of(elicitation_handler=Person("Ann").answer, sampling_handler=lambda *_: "rain") as client:
        task = await call_tool_task(client, "sample", {})
        refused = await error_of(task.result())
        waiting = await task.status()
        keys = list(waiting.input_requests or {})
        answer = {"role": "assistant", "model": "a model", "content": {"type": "text", "text": "rain on the roof"}}
        await update(client, task.task_id, {keys[0]: answer})
        return {"refused": refused, "waiting": state_of(waiting), **seen_of(await task.result())}


@scenario
async def question_to_nobody() -> dict[str, Any]:
    """Without a handler this client does not declare that it can be asked."""
    async with client_of() as client:
        task = await call_tool_task(client, "ask", {})
        ended = await task.wait(timeout=10)
        return {"ended": state_of(ended), "result": await error_of(task.result())}


@scenario
async def unknown_id() -> dict[str, Any]:
    async with client_of() as client:
        return {
            "get": await error_of(get(client, "no-such-task")),
            "update": await error_of(update(client, "no-such-task", {})),
            "cancel": await error_of(cancel_by_id(client, "no-such-task")),
        }


@scenario
async def wrong_arguments() -> dict[str, Any]:
    async with client_of() as client:
        return {
            "transparent": await error_of(client.call_tool("sleep", {"ms": "long"})),
            "unknown_tool": await error_of(client.call_tool("no_such_tool", {})),
        }


@scenario
async def side_by_side() -> dict[str, Any]:
    async with client_of() as client:
        tasks = [await call_tool_task(client, "sleep", {"ms": ms}) for ms in (50, 100, 150, 200)]
        results = await asyncio.gather(*(task.result() for task in tasks))
        return {"ids": [task.task_id for task in tasks], "texts": [seen_of(result)["text"] for result in results]}


@scenario
async def timeout_of_the_caller() -> dict[str, Any]:
    async with client_of() as client:
        gave_up = await error_of(client.call_tool("sleep", {"ms": 600_000}, timeout=0.5))
        # The id is nowhere but in the message.
        task_id = gave_up["message"].split()[1]
        state = await get(client, task_id)
        await cancel_by_id(client, task_id)
        return {**gave_up, "state": state_of(state)}


@scenario_over_http
async def another_client() -> dict[str, Any]:
    async with client_of() as client:
        task = await call_tool_task(client, "sleep", {"ms": 300})
    async with client_of() as other:
        again = ToolTask(other, "sleep", task.create_result)
        return await error_of(text_of(again))


@scenario
async def legacy_connection() -> dict[str, Any]:
    """On 2025-11-25 this client knows no tasks."""
    ann = Person("Ann")
    async with client_of(mode="legacy", elicitation_handler=ann.answer) as client:
        return {
            "version": client.protocol_version,
            **seen_of(await client.call_tool("sleep", {"ms": 50})),
            "question": seen_of(await client.call_tool("ask", {})),
            "asked": ann.asked,
            "required": await error_of(client.call_tool("required_sleep", {"ms": 50})),
        }


async def text_of(task: ToolTask) -> str:
    return seen_of(await task.result())["text"]


def accept(name: str) -> dict[str, Any]:
    return {"action": "accept", "content": {"name": name}}


async def get(client: Client, task_id: str) -> ClientGetTaskResult:
    request = GetTaskRequest(params=GetTaskRequestParams(task_id=task_id))
    return await client.session.send_request(request, ClientGetTaskResult)


async def update(client: Client, task_id: str, responses: dict[str, Any]) -> Result:
    params = UpdateTaskRequestParams(task_id=task_id, input_responses=responses)
    return await client.session.send_request(UpdateTaskRequest(params=params), Result)


async def cancel_by_id(client: Client, task_id: str) -> Result:
    request = CancelTaskRequest(params=CancelTaskRequestParams(task_id=task_id))
    return await client.session.send_request(request, Result)


if __name__ == "__main__":
    main()
