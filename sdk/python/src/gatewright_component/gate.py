"""The call that is asked about, fact by fact."""

from collections.abc import Callable
from typing import Any

from wit_world.imports import action, arguments, budget, caller, context, history, log

import gatewright.log
from gatewright.fact import Approval, Budget, Claim, Hints, Link, PastCall, SessionLabel
from gatewright.request import Request
from gatewright_component.document import GateNode, Source, node_of
from gatewright_component.failure import describe

# By the number of the choice: enums are slow.
_PROOFS: list[Any] = [proof.name.lower() for proof in caller.ProofKind]
_PURPOSES: list[Any] = [purpose.name.lower() for purpose in action.PurposeKind]
_OUTCOMES: list[Any] = [outcome.name.lower() for outcome in history.Outcome]
_HINTS = [
    Hints(
        action.HintSet.READ_ONLY in hints,
        action.HintSet.DESTRUCTIVE in hints,
        action.HintSet.IDEMPOTENT in hints,
        action.HintSet.OPEN_WORLD in hints,
        action.HintSet.UNTRUSTED in hints,
        action.HintSet.SENSITIVE in hints,
    )
    for hints in map(action.HintSet, range(2 ** len(action.HintSet)))
]
_LEVELS = {"debug": log.Level.DEBUG, "info": log.Level.INFO, "warn": log.Level.WARN}

gatewright.log.write_to(lambda level, message: log.write(_LEVELS[level], message))


def _recent(limit: int) -> list[PastCall]:
    return [
        PastCall(
            call.id,
            call.at,
            call.method,
            call.server,
            call.name,
            _OUTCOMES[call.outcome._value_],
            call.reason,
        )
        for call in history.recent(limit)
    ]


def _budget(name: str, key: str) -> Budget:
    reading = budget.read(name, key)
    return Budget(reading.limit, reading.window_seconds, reading.spent)


_FACTS: dict[str, Callable[[], Any]] = {
    "agent": caller.id,
    "issuer": caller.issuer,
    "principal": caller.principal,
    "owner": caller.owner,
    "chain": lambda: [Link(link.id, link.issuer) for link in caller.chain()],
    "scopes": caller.scopes,
    "proof": lambda: _PROOFS[caller.proof()._value_],
    "expires_at": caller.expires_at,
    "claims": lambda: [Claim(claim.name, claim.values) for claim in caller.claims()],
    "purpose": lambda: _PURPOSES[action.purpose()._value_],
    "method": action.method,
    "server": action.server,
    "name": action.name,
    "hints": lambda: _HINTS[action.hints()._value_],
    "targets": action.targets,
    "contents": action.contents,
    "definition": action.definition,
    "schema": lambda: node_of(action.schema()),
    "claimed": lambda: node_of(action.claimed()),
    "at": context.at,
    "decision": context.decision,
    "session": context.session,
    "labels": lambda: [SessionLabel(label.name, label.source, label.at) for label in context.labels()],
    "approvals": lambda: [
        Approval(approval.by, approval.roles, approval.at, approval.method)
        for approval in context.approvals()
    ],
    "root": lambda: GateNode(arguments.root()),
}


class Facts:
    """Attributes that are asked for when they are looked at, once."""

    def __init__(self, facts: dict[str, Callable[[], Any]]) -> None:
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        if name not in self._facts:
            raise AttributeError(f"there is no fact `{name}`")
        fact = self._facts[name]()
        setattr(self, name, fact)
        return fact


class AskedRequest(Facts, Request):
    """The call, from the gate."""

    def __init__(self) -> None:
        super().__init__(_FACTS)
        self._arguments = Source(arguments)
        self._recent = _recent
        self._budget = _budget

    def claim(self, name: str) -> list[str]:
        values: list[str] = caller.claim(name)
        return values

    def has_label(self, name: str) -> bool:
        is_there: bool = context.has_label(name)
        return is_there


REQUEST = AskedRequest()
"""Every call starts from what is there when the policy is loaded, and has its own."""


def log_failure(error: BaseException) -> None:
    """An exception becomes a trap, which has no text: says what and where before."""
    gatewright.log.warn(describe(error))
