"""A client on the Python SDK 1.x: see steps.py."""

from contextlib import AsyncExitStack
from datetime import timedelta

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client

import steps


async def client():
    async with AsyncExitStack() as stack:
        sessions, logs = {}, []

        async def log(message):
            logs.append(steps.shown(message))

        for name, entry in steps.SERVERS.items():
            if "url" in entry:
                transport = streamablehttp_client(entry["url"], headers=entry.get("headers"))
            else:
                transport = stdio_client(StdioServerParameters(**entry))
            read, write, *_ = await stack.enter_async_context(transport)
            session = ClientSession(read, write, timedelta(seconds=30), logging_callback=log)
            sessions[name] = await stack.enter_async_context(session)
            await session.initialize()

        async def take(step):
            session = sessions[step["server"]]
            if step.get("list"):
                return {"tools": steps.by_name((await session.list_tools()).tools)}
            if "read" in step:
                return steps.shown(await session.read_resource(step["read"]))
            if "prompt" in step:
                return steps.shown(await session.get_prompt(step["prompt"], step["arguments"]))
            logs.clear()
            progress = []

            async def on_progress(value, total, message):
                progress.append([value, total, message])

            callback = on_progress if step.get("progress") else None
            result = await session.call_tool(
                step["call"], step["arguments"], progress_callback=callback
            )
            return {"result": steps.shown(result), "progress": progress, "logs": list(logs)}

        await steps.take_all(take)


steps.run(client)
