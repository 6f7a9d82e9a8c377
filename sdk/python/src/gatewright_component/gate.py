"""What the gate offers, in the shapes of the SDK."""

import functools
from typing import Any, Optional

from wit_world.imports import arguments, log, types

import gatewright.log
from gatewright_component.failure import describe
from gatewright.document import MISSING, NESTED, Document, parse
from gatewright.request import Action, Context, Hints, Request, Subject
from gatewright.value import Value

_KINDS: dict[type, Any] = {
    types.Value_Boolean: "boolean",
    types.Value_Integer: "integer",
    types.Value_Number: "number",
    types.Value_Text: "text",
    types.Value_Array: "array",
    types.Value_Object: "object",
}
_NULL = Value("null", None)
_NESTED = (types.Value_Array, types.Value_Object)
_PROOFS: dict[types.Proof, Any] = {proof: proof.name.lower() for proof in types.Proof}
_HINTS = [
    Hints(
        types.Hints.READ_ONLY in hints,
        types.Hints.DESTRUCTIVE in hints,
        types.Hints.IDEMPOTENT in hints,
        types.Hints.OPEN_WORLD in hints,
    )
    for hints in map(types.Hints, range(16))
]
"""By the number of the flags: their operators are slow."""
_LEVELS = {"debug": log.Level.DEBUG, "info": log.Level.INFO, "warn": log.Level.WARN}

gatewright.log.write_to(lambda level, message: log.write(_LEVELS[level], message))


class Source:
    """A document that the gate has."""

    def __init__(self, interface: Any) -> None:
        self._interface = interface
        self.keys = interface.keys
        self.json = interface.json

    def get(self, pointer: str) -> Optional[Value]:
        value = self._interface.get(pointer)
        if value is None:
            return None
        kind = _KINDS.get(type(value))
        return _NULL if kind is None else Value(kind, value.value)

    def plain(self, pointer: str) -> Any:
        value = self._interface.get(pointer)
        kind = type(value)
        if value is None:
            return MISSING
        if kind is types.Value_Null:
            return None
        if kind in _NESTED:
            return NESTED
        return parse(value.value) if kind is types.Value_Number else value.value


ARGUMENTS: Document = Source(arguments)


class AskedRequest(Request):
    """A request that takes over what the gate says when it is asked for: most policies
    look at a part of it."""

    def __init__(self, asked: types.Request, recent: Any) -> None:
        self._asked = asked
        self._arguments = ARGUMENTS
        self._recent = recent

    @functools.cached_property
    def subject(self) -> Subject:  # type: ignore[override]
        subject = self._asked.subject
        return Subject(
            subject.id,
            subject.issuer,
            subject.principal,
            subject.owner,
            subject.delegation,
            subject.scopes,
            _PROOFS[subject.proof],
            subject.expires_at,
        )

    @functools.cached_property
    def action(self) -> Action:  # type: ignore[override]
        action = self._asked.action
        return Action(action.method, action.server, action.name, _HINTS[action.hints.value])

    @functools.cached_property
    def context(self) -> Context:  # type: ignore[override]
        context = self._asked.context
        return Context(context.at, context.session, context.labels, context.approvers)

    @property
    def is_listing(self) -> bool:
        method: str = self._asked.action.method
        return method.endswith("/list")


def no_history(limit: int) -> Any:
    """The editor and reviewer worlds have none."""
    raise RuntimeError("only policies that judge have a history")


def log_failure(error: BaseException) -> None:
    """An exception becomes a trap, which has no text: says what and where before."""
    gatewright.log.warn(describe(error))
