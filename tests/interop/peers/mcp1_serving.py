"""Serves a low-level server of the Python SDK v1: `python <script> stdio` or `python <script> http` (PORT)."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from listening_socket import open_socket


async def _serve_stdio(server: Server) -> None:
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


async def _serve_http(server: Server) -> None:
    sessions = StreamableHTTPSessionManager(app=server)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with sessions.run():
            yield

    async def mcp_endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        await sessions.handle_request(scope, receive, send)

    app = Starlette(lifespan=lifespan)
    app.mount("/", mcp_endpoint)
    await uvicorn.Server(uvicorn.Config(app, log_level="warning")).serve(sockets=[open_socket()])


def main(server: Server) -> None:
    asyncio.run(_serve_http(server) if sys.argv[1:] == ["http"] else _serve_stdio(server))
