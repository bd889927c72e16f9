"""A client on the Python SDK v1 (2025-11-25) that answers in tasks of its own, with the SDK's experimental handlers.

`python mcp1_hosting_client.py http <url>` or `python mcp1_hosting_client.py stdio <command> <argument>…`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import mcp.types as types
from mcp import ClientSession
from mcp.client.experimental.task_handlers import ExperimentalTaskHandlers
from mcp.shared.experimental.tasks.helpers import cancel_task
from mcp.shared.experimental.tasks.in_memory_task_store import InMemoryTaskStore

from mcp1_session import call_with, error_of, result_of, seen_of, session_of, start, wait_for
from scenarios import main, scenario

RELATED_TASK = "io.modelcontextprotocol/related-task"

ANN = types.ElicitResult(action="accept", content={"name": "Ann"})
POEM = types.CreateMessageResult(
    role="assistant", content=types.TextContent(type="text", text="Roses are red."), model="a model"
)
MISSING = types.ErrorData(code=types.INVALID_PARAMS, message="Task not found")


async def at_once() -> None:
    pass


class Host:
    """Answers in tasks of a store, plainly where no task is wanted, and remembers how it was asked."""

    def __init__(self, wait: Callable[[], Awaitable[None]] = at_once) -> None:
        self.store = InMemoryTaskStore()
        self.asked: list[str] = []
        self.related: list[Any] = []
        self.ttls: list[int | None] = []
        self.refusal: types.ErrorData | None = None
        self.is_for_ever = False
        self.failures: dict[str, types.ErrorData | None] = {}
        self._wait = wait

    def options(self) -> dict[str, Any]:
        handlers = ExperimentalTaskHandlers(
            get_task=self._get,
            get_task_result=self._result,
            list_tasks=self._list,
            cancel_task=self._cancel,
            augmented_elicitation=self._elicitation,
            augmented_sampling=self._sampling,
        )
        return {
            "elicitation_callback": self._plain_elicitation,
            "sampling_callback": self._plain_sampling,
            "experimental_task_handlers": handlers,
        }

    def note(self, way: str, params: types.ElicitRequestParams | types.CreateMessageRequestParams) -> None:
        self.asked.append(way)
        self.related.append((params.meta.model_dump() if params.meta else {}).get(RELATED_TASK))

    async def statuses(self) -> list[str]:
        return [task.status for task in (await self.store.list_tasks())[0]]

    async def _plain_elicitation(self, _context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        self.note("plainly", params)
        return ANN

    async def _plain_sampling(
        self, _context: Any, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult:
        self.note("plainly", params)
        return POEM

    async def _elicitation(
        self, context: Any, params: types.ElicitRequestParams, wish: types.TaskMetadata
    ) -> types.CreateTaskResult | types.ErrorData:
        self.note("in a task", params)
        return self.refusal or await self._create(context.session, wish, ANN)

    async def _sampling(
        self, context: Any, params: types.CreateMessageRequestParams, wish: types.TaskMetadata
    ) -> types.CreateTaskResult | types.ErrorData:
        self.note("in a task", params)
        return self.refusal or await self._create(context.session, wish, POEM)

    async def _create(
        self, session: ClientSession, wish: types.TaskMetadata, answer: types.Result
    ) -> types.CreateTaskResult:
        self.ttls.append(wish.ttl)
        task = await self.store.create_task(types.TaskMetadata(ttl=None) if self.is_for_ever else wish)
        task.pollInterval = 20

        async def finish() -> None:
            try:
                await self._wait()
            except RuntimeError as error:
                message = types.ErrorData(code=-32_050, message=str(error))
                self.failures[task.taskId] = message if str(error) else None
                await self.store.update_task(task.taskId, status="failed", status_message="nobody is there")
                return
            stored = await self.store.get_task(task.taskId)
            if stored and stored.status == "working":
                await self.store.store_result(task.taskId, answer)
                await self.store.update_task(task.taskId, status="completed")

        # The receive loop waits for this handler, so the work goes on beside it; the SDK has no public place for that.
        session._task_group.start_soon(finish)
        return types.CreateTaskResult(task=task)

    async def _get(self, _context: Any, params: types.GetTaskRequestParams) -> types.GetTaskResult | types.ErrorData:
        task = await self.store.get_task(params.taskId)
        if task is None:
            return MISSING
        return types.GetTaskResult(**{**task.model_dump(), "pollInterval": 20})

    async def _result(
        self, _context: Any, params: types.GetTaskPayloadRequestParams
    ) -> types.GetTaskPayloadResult | types.ErrorData:
        failure = self.failures.get(params.taskId)
        if failure is not None:
            return failure
        result = await self.store.get_result(params.taskId)
        return types.GetTaskPayloadResult.model_validate(result.model_dump(by_alias=True) if result else {})

    async def _list(
        self, _context: Any, params: types.PaginatedRequestParams | None
    ) -> types.ListTasksResult | types.ErrorData:
        tasks, cursor = await self.store.list_tasks(params.cursor if params else None)
        return types.ListTasksResult(tasks=tasks, nextCursor=cursor)

    async def _cancel(
        self, _context: Any, params: types.CancelTaskRequestParams
    ) -> types.CancelTaskResult | types.ErrorData:
        return await cancel_task(self.store, params.taskId)


async def call(session: ClientSession, tool: str, as_task: bool) -> Any:
    if as_task:
        return seen_of(await result_of(session, await start(session, tool)))["text"]
    return seen_of(await call_with(session, tool, {}, None))["text"]


async def cell(as_task: bool, tool: str) -> dict[str, Any]:
    host = Host()
    async with session_of(**host.options()) as session:
        text = await call(session, tool, as_task)
        return {
            "text": text,
            "asked": host.asked,
            "named": [related is not None for related in host.related],
            "ttls": host.ttls,
            "statuses": await host.statuses(),
        }


@scenario
async def plain_tool_plain_question() -> dict[str, Any]:
    return await cell(False, "name_plainly")


@scenario
async def plain_tool_tasked_question() -> dict[str, Any]:
    return await cell(False, "name_as_task")


@scenario
async def tasked_tool_plain_question() -> dict[str, Any]:
    return await cell(True, "name_plainly")


@scenario
async def tasked_tool_tasked_question() -> dict[str, Any]:
    return await cell(True, "name_as_task")


@scenario
async def plain_tool_tasked_sampling() -> dict[str, Any]:
    return await cell(False, "poem_as_task")


@scenario
async def tasked_tool_tasked_sampling() -> dict[str, Any]:
    return await cell(True, "poem_as_task")


@scenario
async def plain_tool_asks_twice_at_once() -> dict[str, Any]:
    return await cell(False, "both_at_once")


@scenario
async def tasked_tool_asks_twice_at_once() -> dict[str, Any]:
    return await cell(True, "both_at_once")


@scenario
async def asked_before_the_task() -> dict[str, Any]:
    return await cell(True, "name_before_the_task")


@scenario
async def kept_for_ever() -> dict[str, Any]:
    """This SDK leaves out what is `None`, and with it the `ttl` of a task that never expires."""
    host = Host()
    host.is_for_ever = True
    async with session_of(**host.options()) as session:
        return {"plain": await call(session, "name_as_task", False), "tasked": await call(session, "name_as_task", True)}


@scenario
async def slow_person() -> dict[str, Any]:
    released = asyncio.Event()

    async def wait() -> None:
        await released.wait()

    host = Host(wait)
    async with session_of(**host.options()) as session:
        task_id = await start(session, "name_as_task")
        held = asyncio.create_task(result_of(session, task_id))
        await wait_for(session, task_id, "input_required")
        while not host.asked:
            await asyncio.sleep(0.01)
        tools = len((await session.list_tools()).tools)
        working = await host.statuses()
        released.set()
        return {"text": seen_of(await held)["text"], "tools": tools > 0, "working": working, "asked": host.asked}


@scenario
async def given_up() -> dict[str, Any]:
    """The tool waits half a second for the answer."""

    async def for_ever() -> None:
        await asyncio.Event().wait()

    seen: dict[str, Any] = {}
    for name, as_task in (("plain", False), ("tasked", True)):
        host = Host(for_ever)
        async with session_of(**host.options()) as session:
            text = await call(session, "name_in_time", as_task)
            while await host.statuses() != ["cancelled"]:
                await asyncio.sleep(0.01)
            seen[name] = {"text": text, "statuses": await host.statuses()}
    return seen


@scenario
async def cancelled_tool() -> dict[str, Any]:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    host = Host(for_ever)
    async with session_of(**host.options()) as session:
        task_id = await start(session, "name_as_task")
        held = asyncio.create_task(error_of(result_of(session, task_id)))
        while not host.asked:
            await asyncio.sleep(0.01)
        await session.experimental.cancel_task(task_id)
        while await host.statuses() != ["cancelled"]:
            await asyncio.sleep(0.01)
        return {"held": await held, "statuses": await host.statuses()}


async def wrong(host: Host) -> dict[str, Any]:
    async with session_of(**host.options()) as session:
        return {"plain": await call(session, "what_went_wrong", False), "tasked": await call(session, "what_went_wrong", True)}


@scenario
async def failed_with_an_error() -> dict[str, Any]:
    async def fail() -> None:
        raise RuntimeError("no eyes")

    return await wrong(Host(fail))


@scenario
async def failed_without_one() -> dict[str, Any]:
    async def fail() -> None:
        raise RuntimeError

    return await wrong(Host(fail))


@scenario
async def refused() -> dict[str, Any]:
    host = Host()
    host.refusal = types.ErrorData(code=types.INVALID_REQUEST, message="not now")
    return await wrong(host)


@scenario
async def tasks_alone() -> dict[str, Any]:
    """Without a plain callback this SDK does not declare that it can be asked at all."""
    host = Host()
    options = {"experimental_task_handlers": host.options()["experimental_task_handlers"]}
    async with session_of(**options) as session:
        seen = await error_of(result_of(session, await start(session, "name_as_task")))
        return {**seen, "asked": host.asked}


if __name__ == "__main__":
    main()
