"""The experimental task client of the Python SDK v1 (2025-11-25).

`python mcp1_client.py http <url>` or `python mcp1_client.py stdio <command> <argument>…`.
"""

import asyncio
from typing import Any

import mcp.types as types
from mcp import McpError

from mcp1_session import Person, call_with, ending_of, error_of, result_of, seen_of, session_of, start, told, wait_for
from scenarios import main, scenario, scenario_over_http


@scenario
async def connects() -> dict[str, Any]:
    async with session_of() as session:
        capabilities = session.get_server_capabilities()
        tools = (await session.list_tools()).tools
        support = {tool.name: tool.execution.taskSupport if tool.execution else None for tool in tools}
        return {"tasks": told(capabilities.tasks), "support": support}


@scenario
async def call_as_task() -> dict[str, Any]:
    async with session_of() as session:
        created = await session.experimental.call_tool_as_task("sleep", {"ms": 300}, ttl=120_000)
        task_id = created.task.taskId
        statuses = [state.status async for state in session.experimental.poll_task(task_id)]
        return {
            "created": told(created.task),
            "statuses": statuses,
            **seen_of(await result_of(session, task_id)),
            "again": seen_of(await result_of(session, task_id)),
            "task_id": task_id,
        }


@scenario
async def result_before_the_end() -> dict[str, Any]:
    """`tasks/result` is held until the task is over, and other requests pass it."""
    async with session_of() as session:
        task_id = await start(session, "sleep", {"ms": 400})
        result = asyncio.create_task(result_of(session, task_id))
        state = await session.experimental.get_task(task_id)
        seen = seen_of(await result)
        ended = await session.experimental.get_task(task_id)
        return {"meanwhile": state.status, **seen, "ended": ended.status}


@scenario
async def question_seen_by_polling() -> dict[str, Any]:
    """As the SDK's guide has it: poll until `input_required`, then fetch the result, which brings the question."""
    ann = Person("Ann")
    async with session_of(elicitation_callback=ann.answer) as session:
        task_id = await start(session, "ask")
        waiting = await wait_for(session, task_id, "input_required")
        asked_before = list(ann.asked)
        result = await result_of(session, task_id)
        ended = await session.experimental.get_task(task_id)
        return {
            **seen_of(result),
            "waiting": waiting.status,
            "asked_before": asked_before,
            "asked": ann.asked,
            "related": ann.related,
            "task_id": task_id,
            "ended": ended.status,
        }


@scenario
async def question_of_a_held_result() -> dict[str, Any]:
    ann = Person("Ann", "Lee")
    async with session_of(elicitation_callback=ann.answer) as session:
        return {**seen_of(await result_of(session, await start(session, "ask_twice"))), "asked": ann.asked}


@scenario
async def declined_question() -> dict[str, Any]:
    async def decline(*_args: Any) -> types.ElicitResult:
        return types.ElicitResult(action="decline")

    async with session_of(elicitation_callback=decline) as session:
        return seen_of(await result_of(session, await start(session, "ask")))


@scenario
async def sampling() -> dict[str, Any]:
    prompts: list[str] = []

    async def write(_context: Any, params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        prompts.append(params.messages[0].content.text)
        text = types.TextContent(type="text", text="rain on the roof")
        return types.CreateMessageResult(role="assistant", model="a model", content=text)

    async with session_of(sampling_callback=write) as session:
        return {**seen_of(await result_of(session, await start(session, "sample"))), "prompts": prompts}


@scenario
async def question_that_is_refused() -> dict[str, Any]:
    """A client whose person cannot be asked answers the question with an error."""

    async def refuse(*_args: Any) -> types.ErrorData:
        return types.ErrorData(code=-32_000, message="nobody is here")

    async with session_of(elicitation_callback=refuse) as session:
        task_id = await start(session, "ask")
        result = await error_of(result_of(session, task_id))
        ended = await wait_for(session, task_id)
        # A server whose session did not survive the refusal cannot run another.
        other = seen_of(await result_of(session, await start(session, "sleep", {"ms": 20})))
        return {"result": result, "ended": told(ended), "other": other}


@scenario
async def tool_error() -> dict[str, Any]:
    async with session_of() as session:
        task_id = await start(session, "toolerr")
        ended = await wait_for(session, task_id)
        return {"ended": told(ended), **seen_of(await result_of(session, task_id))}


@scenario
async def protocol_error() -> dict[str, Any]:
    async with session_of() as session:
        task_id = await start(session, "protocol_error")
        ended = await wait_for(session, task_id)
        return {"ended": told(ended), "refused": await error_of(result_of(session, task_id))}


@scenario
async def cancel() -> dict[str, Any]:
    async with session_of() as session:
        task_id = await start(session, "sleep", {"ms": 600_000})
        held = asyncio.create_task(error_of(result_of(session, task_id)))
        cancelled = await session.experimental.cancel_task(task_id)
        after = await session.experimental.get_task(task_id)
        return {
            "cancelled": told(cancelled),
            "after": told(after),
            "held": await held,
            "result": await error_of(result_of(session, task_id)),
            "again": await error_of(session.experimental.cancel_task(task_id)),
        }


@scenario
async def cancel_of_a_waiting_task() -> dict[str, Any]:
    async with session_of(elicitation_callback=Person("Ann").answer) as session:
        task_id = await start(session, "ask")
        await wait_for(session, task_id, "input_required")
        cancelled = await session.experimental.cancel_task(task_id)
        return {"cancelled": cancelled.status, "result": await error_of(result_of(session, task_id))}


@scenario
async def listing() -> dict[str, Any]:
    async with session_of() as session:
        started = [await start(session, "sleep", {"ms": 10}) for _ in range(3)]
        listed: list[str] = []
        cursor = None
        try:
            while True:
                page = await session.experimental.list_tasks(cursor)
                listed += [task.taskId for task in page.tasks]
                cursor = page.nextCursor
                if cursor is None:
                    break
        except McpError as error:
            return {"code": error.error.code, "message": error.error.message}
        bad_cursor = await error_of(session.experimental.list_tasks("no-such-cursor"))
        return {"started": started, "listed": listed, "bad_cursor": bad_cursor}


@scenario
async def unknown_id() -> dict[str, Any]:
    async with session_of() as session:
        tasks = session.experimental
        return {
            "get": await error_of(tasks.get_task("no-such-task")),
            "result": await error_of(result_of(session, "no-such-task")),
            "cancel": await error_of(tasks.cancel_task("no-such-task")),
        }


@scenario
async def task_support() -> dict[str, Any]:
    async with session_of() as session:
        return {
            "optional_without": seen_of(await call_with(session, "sleep", {"ms": 50}, None)),
            "required_without": await error_of(call_with(session, "required_sleep", {"ms": 50}, None)),
            "required": seen_of(await result_of(session, await start(session, "required_sleep", {"ms": 50}))),
            "forbidden_without": seen_of(await call_with(session, "plain_add", {"a": 1, "b": 2}, None)),
            "forbidden": await error_of(call_with(session, "plain_add", {"a": 1, "b": 2}, 60_000)),
        }


@scenario
async def plain_calls() -> dict[str, Any]:
    ann = Person("Ann")
    async with session_of(elicitation_callback=ann.answer) as session:
        return {
            "question": seen_of(await session.call_tool("ask", {})),
            "asked": ann.asked,
            "tool_error": seen_of(await session.call_tool("toolerr", {})),
            "protocol_error": await error_of(session.call_tool("protocol_error", {})),
            "typed": (await session.call_tool("typed", {})).structuredContent,
        }


@scenario
async def progress() -> dict[str, Any]:
    reports: list[list[Any]] = []

    async def note(done: float, total: float | None, message: str | None) -> None:
        reports.append([done, total, message])

    async with session_of() as session:
        return {**seen_of(await session.call_tool("progress", {}, progress_callback=note)), "reports": reports}


@scenario
async def status_messages() -> dict[str, Any]:
    """This SDK sends no progress token with the call of a task."""
    async with session_of() as session:
        task_id = await start(session, "progress")
        said: list[str] = []
        async for state in session.experimental.poll_task(task_id):
            if state.statusMessage and state.statusMessage not in said:
                said.append(state.statusMessage)
        return {"said": said, **seen_of(await result_of(session, task_id))}


@scenario
async def question_to_nobody() -> dict[str, Any]:
    """Without a callback this SDK does not declare that it can be asked."""
    async with session_of() as session:
        task_id = await start(session, "ask")
        ended = await wait_for(session, task_id)
        return {
            "ended": told(ended),
            "result": await error_of(result_of(session, task_id)),
            "plain": await error_of(session.call_tool("ask", {})),
        }


@scenario
async def typed() -> dict[str, Any]:
    async with session_of() as session:
        result = await result_of(session, await start(session, "typed"))
        return {"structured": result.structuredContent, **seen_of(result)}


@scenario
async def wrong_arguments() -> dict[str, Any]:
    async with session_of() as session:
        return {
            "plain": await error_of(call_with(session, "sleep", {"ms": "long"}, None)),
            "task": await ending_of(session, "sleep", {"ms": "long"}),
            "unknown_tool": await ending_of(session, "no_such_tool", {}),
            "plain_unknown_tool": await error_of(call_with(session, "no_such_tool", {}, None)),
        }


@scenario
async def status_notifications() -> dict[str, Any]:
    heard: list[str] = []

    async def listen(message: Any) -> None:
        if isinstance(message, types.ServerNotification) and isinstance(message.root, types.TaskStatusNotification):
            heard.append(f"{message.root.params.taskId} {message.root.params.status}")

    async with session_of(message_handler=listen) as session:
        task_id = await start(session, "sleep", {"ms": 200})
        await result_of(session, task_id)
        await asyncio.sleep(0.3)
        return {"heard": [line.removeprefix(task_id).strip() for line in heard]}


@scenario
async def side_by_side() -> dict[str, Any]:
    async with session_of() as session:
        ids = [await start(session, "sleep", {"ms": ms}) for ms in (200, 150, 100, 50)]
        results = await asyncio.gather(*(result_of(session, task_id) for task_id in ids))
        return {"ids": ids, "texts": [seen_of(result)["text"] for result in results]}


@scenario_over_http
async def another_session() -> dict[str, Any]:
    async with session_of() as session:
        task_id = await start(session, "sleep", {"ms": 300})
    async with session_of() as other:
        return await error_of(result_of(other, task_id))


if __name__ == "__main__":
    main()
