"""A client on langchain-mcp-adapters, with a session for each call: see steps.py."""

from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient

import steps


def seen(tool):
    return {"name": tool.name, "description": tool.description, "schema": tool.args_schema}


async def client():
    progress, logs = [], []

    async def on_progress(value, total, message, context):
        progress.append([value, total, message])

    async def on_log(message, context):
        logs.append(steps.shown(message))

    client = MultiServerMCPClient(
        {
            name: {"transport": "streamable_http" if "url" in entry else "stdio", **entry}
            for name, entry in steps.SERVERS.items()
        },
        callbacks=Callbacks(on_progress=on_progress, on_logging_message=on_log),
    )
    tools = {}
    for name in steps.SERVERS:
        tools[name] = {tool.name: tool for tool in await client.get_tools(server_name=name)}

    async def take(step):
        server = step["server"]
        if step.get("list"):
            return {"tools": steps.by_name(map(seen, tools[server].values()))}
        if "read" in step:
            blobs = await client.get_resources(server, uris=step["read"])
            return {"contents": [blob.as_string() for blob in blobs]}
        if "prompt" in step:
            messages = await client.get_prompt(server, step["prompt"], arguments=step["arguments"])
            return {"messages": [[message.type, steps.shown(message.content)] for message in messages]}
        progress.clear()
        logs.clear()
        call = {"name": step["call"], "args": step["arguments"], "id": "1", "type": "tool_call"}
        message = await tools[server][step["call"]].ainvoke(call)
        # It makes ids of its own for parts.
        for part in message.content:
            if isinstance(part, dict):
                part.pop("id", None)
        result = {"content": message.content, "artifact": steps.shown(message.artifact)}
        return {"status": message.status, **result, "progress": list(progress), "logs": list(logs)}

    await steps.take_all(take)


steps.run(client)
