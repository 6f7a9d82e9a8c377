"""What the gate offers, in the shapes of the SDK."""

from typing import Any, Optional

from wit_world.imports import arguments, log, types

import gatewright.log
from gatewright.argument import ArgumentError
from gatewright.component.failure import describe
from gatewright.document import Document
from gatewright.request import Action, Context, Hints, Request, Subject
from gatewright.settings import SettingsError
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
_PROOFS: dict[types.Proof, Any] = {proof: proof.name.lower() for proof in types.Proof}
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


ARGUMENTS: Document = Source(arguments)


def request_of(asked: types.Request, recent: Any) -> Request:
    subject, action, context = asked.subject, asked.action, asked.context
    hints = action.hints
    return Request(
        Subject(
            subject.id,
            subject.issuer,
            subject.principal,
            subject.owner,
            subject.delegation,
            subject.scopes,
            _PROOFS[subject.proof],
            subject.expires_at,
        ),
        Action(
            action.method,
            action.server,
            action.name,
            Hints(
                types.Hints.READ_ONLY in hints,
                types.Hints.DESTRUCTIVE in hints,
                types.Hints.IDEMPOTENT in hints,
                types.Hints.OPEN_WORLD in hints,
            ),
        ),
        Context(context.at, context.session, context.labels, context.approvers),
        ARGUMENTS,
        recent,
    )


def no_history(limit: int) -> Any:
    """The editor and reviewer worlds have none."""
    raise RuntimeError("only policies that judge have a history")


class Loudly:
    """An exception becomes a trap, which has no text: says what and where before. What
    the operator is told anyway is not said twice."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Optional[BaseException], traceback: Any) -> None:
        if error is not None and not isinstance(error, (SettingsError, ArgumentError)):
            gatewright.log.warn(describe(error))
