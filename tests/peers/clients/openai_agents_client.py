"""A client on openai-agents: its tools as its model calls them. See steps.py."""

import json
from contextlib import AsyncExitStack

from agents.mcp import MCPServerStdio, MCPServerStreamableHttp, MCPUtil
from agents.tool_context import ToolContext

import steps


async def client():
    def seen(tool):
        return {"name": tool.name, "description": tool.description, "schema": tool.params_json_schema}

    async with AsyncExitStack() as stack:
        servers, tools = {}, {}
        for name, entry in steps.SERVERS.items():
            kind = MCPServerStreamableHttp if "url" in entry else MCPServerStdio
            server = kind(name=name, params=entry, client_session_timeout_seconds=30)
            servers[name] = await stack.enter_async_context(server)
            listed = await server.list_tools()
            tools[name] = {tool.name: MCPUtil.to_function_tool(tool, server, False) for tool in listed}

        async def take(step):
            server = servers[step["server"]]
            if step.get("list"):
                return {"tools": steps.by_name(map(seen, tools[step["server"]].values()))}
            if "read" in step:
                return steps.shown(await server.read_resource(step["read"]))
            if "prompt" in step:
                return steps.shown(await server.get_prompt(step["prompt"], step["arguments"]))
            tool, arguments = tools[step["server"]][step["call"]], json.dumps(step["arguments"])
            context = ToolContext(
                context=None, tool_name=tool.name, tool_call_id="1", tool_arguments=arguments
            )
            return {"result": steps.shown(await tool.on_invoke_tool(context, arguments))}

        await steps.take_all(take)


steps.run(client)
