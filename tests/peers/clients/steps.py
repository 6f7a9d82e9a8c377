"""What the clients of frameworks have in common.

Each connects to the servers of MCP_SERVERS (a JSON object of the entries that clients have
in their files), takes the steps of MCP_STEPS (a JSON array), each at one of the servers, and
prints one JSON line for each: what its user, or its model, gets to see.
"""

import asyncio
import json
import os

SERVERS = json.loads(os.environ["MCP_SERVERS"])
STEPS = json.loads(os.environ["MCP_STEPS"])


def shown(value):
    """What there is to see of `value`, as JSON."""
    if hasattr(value, "model_dump"):
        return shown(value.model_dump(mode="json", exclude_none=True))
    if isinstance(value, dict):
        return {str(key): shown(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(member) for member in value]
    return value


def failure(error):
    if isinstance(error, BaseExceptionGroup):
        return failure(error.exceptions[0])
    return {"error": f"{type(error).__name__}: {error}"}


def by_name(tools):
    return sorted((shown(tool) for tool in tools), key=lambda tool: tool["name"])


async def take_all(take):
    """Shows what `take` makes of each step, or how it fails."""
    for step in STEPS:
        try:
            line = await take(step)
        except Exception as error:
            line = failure(error)
        print(json.dumps(line, sort_keys=True), flush=True)


def run(client):
    try:
        asyncio.run(client())
    except Exception as error:
        print(json.dumps(failure(error)), flush=True)
