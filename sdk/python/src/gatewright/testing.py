"""Requests and responses for native tests. Whatever is not said has a harmless default."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Optional

from gatewright.memory import Memory
from gatewright.request import Action, Context, Hints, PastCall, Proof, Request, Subject
from gatewright.response import Response

NOW = 1_767_225_600_000
"""2026-01-01T00:00:00Z, in milliseconds."""

HISTORY_MAX = 64
"""The gate keeps so many calls of a session."""


def tool_call(name: str = "tool", arguments: Any = None, **rest: Any) -> Request:
    """`tools/call` of a tool. `rest` is that of `request`."""
    return request("tools/call", name, arguments, **rest)


def request(
    method: str,
    name: str = "",
    arguments: Any = None,
    *,
    arguments_json: Optional[str] = None,
    server: str = "server",
    hints: Hints = Hints(),
    agent: str = "did:example:agent",
    issuer: str = "did:example:issuer",
    principal: Optional[str] = "user:alice",
    owner: Optional[str] = None,
    delegation: Iterable[str] = (),
    scopes: Iterable[str] = ("*:*",),
    proof: Proof = "bearer",
    expires_at: int = NOW + 3_600_000,
    at: int = NOW,
    session: str = "session",
    labels: Iterable[str] = (),
    approvers: Iterable[str] = (),
    history: Sequence[PastCall] = (),
) -> Request:
    """Any MCP method. `arguments_json` are the arguments as text, where it matters how
    they are written; `history` has the newest call first."""
    text = json.dumps({} if arguments is None else arguments) if arguments_json is None else arguments_json
    return Request(
        Subject(agent, issuer, principal, owner, list(delegation), list(scopes), proof, expires_at),
        Action(method, server, name, hints),
        Context(at, session, sorted(labels), list(approvers)),
        Memory(text),
        lambda limit: list(history[: min(limit, HISTORY_MAX)]),
    )


def response(result: Any) -> Response:
    """A result, as the tool server would answer it."""
    is_error = isinstance(result, dict) and result.get("isError") is True
    return Response(Memory(json.dumps(result)), lambda: is_error)
