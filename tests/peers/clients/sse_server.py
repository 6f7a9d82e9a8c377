"""A tool server over HTTP+SSE (2024-11-05), on the official Python SDK."""

import sys

from mcp.server import MCPServer
from mcp.server.mcpserver import Context

server = MCPServer("old")


@server.tool()
def echo(message: str) -> str:
    """Says the same."""
    return f"Echo: {message}"


@server.tool()
async def count(steps: int, ctx: Context) -> str:
    """Says how far it is."""
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps)
    return "done"


server.run(transport="sse", host="127.0.0.1", port=int(sys.argv[1]))
