"""Requests and responses for native tests. Whatever is not said has a harmless default."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional, Union

from gatewright.fact import Approval, Budget, Claim, Hints, Link, PastCall, Proof, Purpose, SessionLabel
from gatewright.memory import Memory
from gatewright.request import Request
from gatewright.response import Response, ResponseKind

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
    purpose: Optional[Purpose] = None,
    server: str = "server",
    hints: Hints = Hints(),
    targets: Iterable[str] = (),
    contents: Iterable[str] = (),
    definition: Optional[str] = None,
    schema: Any = None,
    claimed: Any = None,
    agent: str = "did:example:agent",
    issuer: str = "did:example:issuer",
    principal: Optional[str] = "user:alice",
    owner: Optional[str] = None,
    chain: Iterable[Link] = (),
    scopes: Iterable[str] = ("*:*",),
    proof: Proof = "bearer",
    expires_at: int = NOW + 3_600_000,
    claims: Mapping[str, Union[str, Iterable[str]]] = {},
    at: int = NOW,
    decision: str = "decision",
    session: str = "session",
    labels: Iterable[Union[str, SessionLabel]] = (),
    approvals: Iterable[Approval] = (),
    history: Sequence[PastCall] = (),
    budgets: Mapping[tuple[str, str], Budget] = {},
) -> Request:
    """Any MCP method. `arguments_json` are the arguments as text, where it matters how
    they are written; a method that lists asks whether the thing may be shown; `history`
    has the newest call first; `claims` are by name, with a value or several; `budgets` are by
    name and key."""
    text = json.dumps({} if arguments is None else arguments) if arguments_json is None else arguments_json
    document = Memory(text)
    asked: Purpose = "listing" if method.endswith("/list") else "call"
    of_session = (SessionLabel(label) if isinstance(label, str) else label for label in labels)
    return Request(
        agent=agent,
        issuer=issuer,
        principal=principal,
        owner=owner,
        chain=list(chain),
        scopes=list(scopes),
        proof=proof,
        expires_at=expires_at,
        claims=[
            Claim(name, [values] if isinstance(values, str) else list(values))
            for name, values in sorted(claims.items())
        ],
        purpose=purpose or asked,
        method=method,
        server=server,
        name=name,
        hints=hints,
        targets=list(targets),
        contents=list(contents),
        definition=definition,
        schema=None if schema is None else Memory(json.dumps(schema)).root,
        claimed=None if claimed is None else Memory(json.dumps(claimed)).root,
        at=at,
        decision=decision,
        session=session,
        labels=sorted(of_session, key=lambda label: label.name),
        approvals=list(approvals),
        root=document.root,
        _arguments=document,
        _recent=lambda limit: list(history[: min(limit, HISTORY_MAX)]),
        _budget=lambda name, key: budgets[name, key],
    )


def response(result: Any, *, kind: ResponseKind = "final", method: Optional[str] = None) -> Response:
    """A result, as the tool server would answer it; or its `error`, or the `params` of a
    notification of this method."""
    document = Memory(json.dumps(result))
    says = isinstance(result, dict) and result.get("isError") is True
    return Response(
        kind=kind,
        method=method,
        is_error=kind == "error" or (kind == "final" and says),
        root=document.root,
        _document=document,
    )


def text_response(text: str) -> Response:
    """A result of one text block."""
    return response({"content": [{"type": "text", "text": text}]})
