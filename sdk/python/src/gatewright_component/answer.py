"""Answers in the shape of the contract. The engine traps on other shapes without a word,
so everything is checked here."""

from collections.abc import Iterable
from typing import Any

from wit_world.imports import types

from gatewright.edit import Edit
from gatewright.finding import Block, Pass
from gatewright.obligation import Charge, Label, LimitResult, Redact
from gatewright.verdict import Abstain, Allow, Ask, Deny

U8_MAX = 2**8 - 1
U32_MAX = 2**32 - 1
U64_MAX = 2**64 - 1

_REFUSALS = {refusal.name.lower().replace("_", "-"): refusal for refusal in types.Refusal}


def verdict_of(answer: Any) -> Any:
    if isinstance(answer, Allow):
        return types.Verdict_Allow([_obligation(obligation) for obligation in answer.obligations])
    if isinstance(answer, Deny):
        if answer.refusal not in _REFUSALS:
            raise ValueError(f"`refusal` is {answer.refusal!r}, and must be one of {', '.join(_REFUSALS)}")
        refusal = _REFUSALS[answer.refusal]
        return types.Verdict_Deny(
            types.Denial(refusal, _text(answer.message, "message"), _texts(answer.scopes, "scopes"))
        )
    if isinstance(answer, Abstain):
        return types.Verdict_Abstain()
    if isinstance(answer, Ask):
        return types.Verdict_Ask(
            types.ApprovalRequest(
                _text(answer.title, "title"),
                _text(answer.reason, "reason"),
                _texts(answer.roles, "roles"),
                _whole(answer.quorum, U8_MAX, "quorum"),
                _whole(answer.ttl_seconds, U32_MAX, "ttl_seconds"),
            )
        )
    raise TypeError(f"a judge returned {answer!r}, which is no verdict; hint: return allow(), deny(..), ask(..) or abstain()")


def finding_of(answer: Any) -> Any:
    if isinstance(answer, Pass):
        return types.Finding_Pass(types.Passage(edits_of(answer.edits), _texts(answer.labels, "labels")))
    if isinstance(answer, Block):
        return types.Finding_Block(_text(answer.message, "message"))
    raise TypeError(f"a reviewer returned {answer!r}, which is no finding; hint: return Pass(..) or Block(..)")


def edits_of(edits: Iterable[Edit]) -> list[Any]:
    return [
        types.Edit(_text(edit.pointer, "pointer"), None if edit.json is None else _text(edit.json, "json"))
        for edit in edits
    ]


def _obligation(obligation: Any) -> Any:
    if isinstance(obligation, Charge):
        return types.Obligation_Charge(
            types.Quota(
                _text(obligation.key, "key"),
                _whole(obligation.cost, U64_MAX, "cost"),
                _whole(obligation.limit, U64_MAX, "limit"),
                _whole(obligation.window_seconds, U32_MAX, "window_seconds"),
            )
        )
    if isinstance(obligation, Label):
        return types.Obligation_Label(_texts(obligation.labels, "labels"))
    if isinstance(obligation, Redact):
        return types.Obligation_Redact(_texts(obligation.pointers, "pointers"))
    if isinstance(obligation, LimitResult):
        return types.Obligation_LimitResult(_whole(obligation.bytes, U64_MAX, "bytes"))
    raise TypeError(f"{obligation!r} is no obligation; hint: use Charge, Label, Redact or LimitResult")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"`{name}` is {value!r}, and must be text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"`{name}` is {value!r}, which holds half of a character") from None
    return str(value)


def _texts(values: Any, name: str) -> list[str]:
    if isinstance(values, str):
        raise TypeError(f"`{name}` is {values!r}, and must be several texts")
    return [_text(value, name) for value in values]


def _whole(value: Any, most: int, name: str) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"`{name}` is {value!r}, and must be an integer from 0 to {most}")
    return value
