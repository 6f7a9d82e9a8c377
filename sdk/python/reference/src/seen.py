"""What the policy sees of the call, by what `/do` says."""

from collections.abc import Callable
from typing import Optional

from argument import index_in, node_in, pointer_in, text_at
from show import (
    show_action,
    show_call,
    show_caller,
    show_claims,
    show_context,
    show_node,
    show_tool,
    show_value,
    show_walk,
)

from gatewright import Node, Request

HISTORY_SHOWN = 3


def found(node: Optional[Node], show: Callable[[Node], str]) -> str:
    return "missing" if node is None else show(node)


def json(request: Request) -> str:
    text = request.json(pointer_in(request))
    return "missing" if text is None else text


def text(request: Request) -> str:
    node = node_in(request)
    shown = None if node is None else node.text()
    return "none" if shown is None else shown


def member(request: Request) -> str:
    node = node_in(request)
    return found(node and node.member(text_at(request, "/member")), lambda member: member.json())


def at(request: Request) -> str:
    node = node_in(request)
    return found(node and node.at(index_in(request)), lambda child: child.json())


SEEN: dict[str, Callable[[Request], str]] = {
    "value": lambda request: show_value(request.get(pointer_in(request))),
    "keys": lambda request: "|".join(request.keys(pointer_in(request))),
    "json": json,
    "node": lambda request: found(node_in(request), show_node),
    "text": text,
    "member": member,
    "at": at,
    "walk": lambda request: found(node_in(request), show_walk),
    "echo": lambda request: text_at(request, "/text"),
    "length": lambda request: str(len(text_at(request, "/text"))),
    "caller": show_caller,
    "claims": lambda request: show_claims(request, text_at(request, "/text")),
    "action": show_action,
    "tool": show_tool,
    "context": show_context,
    "decision": lambda request: request.decision,
    "has-label": lambda request: "true" if request.has_label(text_at(request, "/text")) else "false",
    "history": lambda request: "|".join(map(show_call, request.history(HISTORY_SHOWN))),
}
