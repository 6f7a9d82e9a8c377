"""What a policy can see, as text."""

from typing import Optional

from gatewright import Action, Context, PastCall, Subject, Value

HINTS = ("read_only", "destructive", "idempotent", "open_world")


def describe(value: Optional[Value]) -> str:
    if value is None:
        return "missing"
    if value.kind == "null":
        return "null"
    if value.kind == "boolean":
        return "boolean true" if value.value else "boolean false"
    return f"{value.kind} {value.value}"


def describe_subject(subject: Subject) -> str:
    parts = (
        subject.id,
        subject.issuer,
        subject.principal,
        subject.owner,
        ",".join(subject.delegation),
        ",".join(subject.scopes),
        subject.proof,
        subject.expires_at,
    )
    return "|".join("-" if part is None else str(part) for part in parts)


def describe_action(action: Action) -> str:
    hints = ",".join(hint.replace("_", "-") for hint in HINTS if getattr(action.hints, hint))
    return "|".join((action.method, action.server, action.name, hints))


def describe_context(context: Context) -> str:
    labels, approvers = ",".join(context.labels), ",".join(context.approvers)
    return f"{context.at}|{context.session}|{labels}|{approvers}"


def describe_call(call: PastCall) -> str:
    return f"{call.at} {call.method} {call.server} {call.name} {call.outcome}"
