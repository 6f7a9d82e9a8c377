"""A client on FastMCP: see steps.py."""

from contextlib import AsyncExitStack

from fastmcp import Client

import steps


async def client():
    async with AsyncExitStack() as stack:
        clients, logs = {}, []

        async def log(message):
            logs.append(steps.shown(message))

        for name, entry in steps.SERVERS.items():
            config = {"mcpServers": {name: entry}}
            clients[name] = await stack.enter_async_context(Client(config, log_handler=log))

        async def take(step):
            client = clients[step["server"]]
            if step.get("list"):
                return {"tools": steps.by_name(await client.list_tools())}
            if "read" in step:
                return steps.shown(await client.read_resource(step["read"]))
            if "prompt" in step:
                return steps.shown(await client.get_prompt(step["prompt"], step["arguments"]))
            logs.clear()
            progress = []

            async def on_progress(value, total, message):
                progress.append([value, total, message])

            handler = on_progress if step.get("progress") else None
            result = await client.call_tool(step["call"], step["arguments"], progress_handler=handler)
            content, structured = steps.shown(result.content), result.structured_content
            result = {"content": content, "structured": structured}
            return {**result, "progress": progress, "logs": list(logs)}

        await steps.take_all(take)


steps.run(client)
