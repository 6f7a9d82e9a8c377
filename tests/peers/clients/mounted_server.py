"""A tool server on the Python SDK 1.x behind a mount: its path redirects to the same with a
slash."""

import contextlib
import sys

import uvicorn
from mcp.server.fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.routing import Mount

server = FastMCP("mounted", streamable_http_path="/")


@server.tool()
def echo(message: str) -> str:
    """Says the same."""
    return f"Echo: {message}"


@contextlib.asynccontextmanager
async def lifespan(_):
    async with server.session_manager.run():
        yield


app = Starlette(routes=[Mount("/mcp", server.streamable_http_app())], lifespan=lifespan)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
