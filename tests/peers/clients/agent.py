"""An agent on the official Python client.

It connects to MCP_URL with the bearer token MCP_TOKEN in the era MCP_MODE
("legacy", "modern", or "auto" to ask the server first), takes the steps of
MCP_STEPS (a JSON array) and prints one JSON line for each. With MCP_KEY it signs
what it sends, with the library in MCP_SDK. With MCP_BROWSES it can show URLs to its
user, who follows each.
"""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client, MCPError
from mcp.types import ElicitResult
from mcp.client.streamable_http import streamable_http_client


def show(line):
    print(json.dumps(line), flush=True)


def failure(error):
    if isinstance(error, BaseExceptionGroup):
        return failure(error.exceptions[0])
    code = error.code if isinstance(error, MCPError) else None
    return {"error": {"code": code, "message": str(error)}}


browsed = []


async def browse(context, params):
    browsed.append(params.url)
    return ElicitResult(action="accept")


async def take(client, step):
    if step.get("list"):
        listed = await client.list_tools()
        return {"tools": sorted(tool.name for tool in listed.tools)}
    if "read" in step:
        read = await client.read_resource(step["read"])
        return {"contents": len(read.contents)}
    progress = []

    async def on_progress(value, total, message):
        progress.append(value)

    result = await client.call_tool(
        step["call"],
        step.get("arguments") or {},
        progress_callback=on_progress if step.get("progress") else None,
    )
    text = "\n".join(part.text for part in result.content if part.type == "text")
    return {
        "isError": bool(result.is_error),
        "text": text,
        "meta": result.meta or {},
        "progress": progress,
        "browsed": browsed,
    }


def holder(token):
    sys.path.insert(0, os.environ["MCP_SDK"])
    from gatewright_client import Holder

    with open(os.environ["MCP_KEY"], "rb") as key:
        return Holder.from_pem(key.read(), token)


async def main():
    token = os.environ.get("MCP_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    mode = {"modern": "2026-07-28"}.get(os.environ["MCP_MODE"], os.environ["MCP_MODE"])
    auth = holder(token) if "MCP_KEY" in os.environ else None
    async with httpx2.AsyncClient(headers=headers, auth=auth, timeout=30) as http:
        transport = streamable_http_client(os.environ["MCP_URL"], http_client=http)
        browses = browse if "MCP_BROWSES" in os.environ else None
        async with Client(transport, mode=mode, elicitation_callback=browses) as client:
            show({"connected": client.protocol_version})
            for step in json.loads(os.environ["MCP_STEPS"]):
                try:
                    show(await take(client, step))
                except Exception as error:
                    show(failure(error))


try:
    asyncio.run(main())
except Exception as error:
    show(failure(error))
