"""What the scripts on FastMCP's client share: the server they talk to, a person who answers, how an end is told."""

from collections.abc import Awaitable
from typing import Any

from fastmcp import Client
from fastmcp.client.client import CallToolResult
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError
from mcp import MCPError

from scenarios import target


def client_of(**options: Any) -> Client:
    """A client that is new to the server. Over stdio it has a server of its own, which ends with it."""
    where = target()
    if isinstance(where, str):
        return Client(where, **options)
    command, *arguments = where
    return Client(StdioTransport(command, arguments, keep_alive=False), **options)


class Person:
    """Answers with the next of their names, and the last of them from then on; remembers what they were asked."""

    def __init__(self, *names: str) -> None:
        self.asked: list[str] = []
        self._names = names

    async def answer(self, message: str, _response_type: Any, _params: Any, _context: Any) -> dict[str, str]:
        self.asked.append(message)
        return {"name": self._names[min(len(self.asked), len(self._names)) - 1]}


def seen_of(result: CallToolResult) -> dict[str, Any]:
    return {"text": result.content[0].text, "is_error": result.is_error}


async def error_of(awaitable: Awaitable[Any]) -> dict[str, Any]:
    """How something ends that may be refused: by the server with an error, or by the client with what it raises."""
    try:
        return {"result": await awaitable}
    except MCPError as error:
        return {"code": error.code, "message": error.message, "data": error.data}
    except (ToolError, TimeoutError) as error:
        return {"raised": type(error).__name__, "message": str(error)}
