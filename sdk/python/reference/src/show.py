"""What a policy can see, as text."""

from typing import Optional

from gatewright import Approval, Budget, Node, PastCall, Request, SessionLabel, Value

HINTS = ("read_only", "destructive", "idempotent", "open_world", "untrusted", "sensitive")

NOTHING = "-"
"""Stands for what there is not."""


def show_value(value: Optional[Value]) -> str:
    if value is None:
        return "missing"
    if value.kind == "null":
        return "null"
    if value.kind == "boolean":
        return "boolean true" if value.value else "boolean false"
    return f"{value.kind} {value.value}"


def show_node(node: Node) -> str:
    return f"{node.kind()} {node.len()} {node.json()}"


def show_walk(node: Node) -> str:
    """A node, written by walking it."""
    match node.kind():
        case "null":
            return "null"
        case "boolean":
            return "true" if node.value().value else "false"
        case "number":
            return str(node.value().value)
        case "text":
            return f"'{node.text()}'"
        case "array":
            return f"[{','.join(map(show_walk, node.children()))}]"
        case "object":
            members = zip(node.keys(), map(show_walk, node.children()))
            return f"{{{','.join(f'{name}={shown}' for name, shown in members)}}}"


def show_caller(request: Request) -> str:
    chain = (link.id if link.issuer is None else f"{link.id}<{link.issuer}>" for link in request.chain)
    parts = (
        request.agent,
        request.issuer,
        request.principal,
        request.owner,
        ",".join(chain),
        ",".join(request.scopes),
        request.proof,
        request.expires_at,
    )
    return "|".join(NOTHING if part is None else str(part) for part in parts)


def show_claims(request: Request, name: str) -> str:
    claims = (f"{claim.name}={'+'.join(claim.values)}" for claim in request.claims)
    return f"{','.join(claims)}|{'+'.join(request.claim(name))}"


def show_action(request: Request) -> str:
    hints = ",".join(hint.replace("_", "-") for hint in HINTS if getattr(request.hints, hint))
    targets, contents = ",".join(request.targets), ",".join(request.contents)
    return "|".join((request.purpose, request.method, request.server, request.name, hints, targets, contents))


def show_tool(request: Request) -> str:
    definition = NOTHING if request.definition is None else request.definition
    return "|".join((definition, show_json(request.schema), show_json(request.claimed)))


def show_json(node: Optional[Node]) -> str:
    return NOTHING if node is None else node.json()


def show_context(request: Request) -> str:
    labels = ",".join(map(show_label, request.labels))
    approvals = ",".join(map(show_approval, request.approvals))
    return f"{request.at}|{request.session}|{labels}|{approvals}"


def show_label(label: SessionLabel) -> str:
    source = "" if label.source is None else f"<{label.source}"
    at = "" if label.at is None else f"@{label.at}"
    return f"{label.name}{source}{at}"


def show_approval(approval: Approval) -> str:
    return f"{approval.by}:{'+'.join(approval.roles)}:{approval.at}:{approval.method}"


def show_budget(budget: Budget) -> str:
    return f"{budget.limit} {budget.window_seconds} {budget.spent}"


def show_call(call: PastCall) -> str:
    reason = NOTHING if call.reason is None else call.reason
    return f"{call.id} {call.at} {call.method} {call.server} {call.name} {call.outcome} {reason}"
