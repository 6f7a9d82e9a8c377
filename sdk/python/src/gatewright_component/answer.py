"""Answers in the shape of the contract. The engine traps on other shapes without a word,
so everything is checked here: what cannot be read is an exception, and never left out."""

from collections.abc import Iterable
from typing import Any, Optional

from wit_world.imports import types

from gatewright.description import POWERS, Description
from gatewright.edit import Edit, Revision
from gatewright.note import Note
from gatewright.obligation import Charge, Declassify, Label, LimitResult, Redact, SetLimit, WindowLimit
from gatewright.opinion import Abstain, Allow, Ask, Deny, Opinion
from gatewright.report import Block, Pass, Report
from gatewright.settings import SettingsError

U8_MAX = 2**8 - 1
U32_MAX = 2**32 - 1
U64_MAX = 2**64 - 1

_REFUSALS = {refusal.name.lower().replace("_", "-"): refusal for refusal in types.Refusal}
_ON_FAILURE = {choice.name.lower(): choice for choice in types.OnFailure}
_POWERS = {power: types.Powers[power.upper().replace("-", "_")] for power in POWERS}


def description_of(description: Description) -> Any:
    powers = types.Powers(0)
    for power in description.powers:
        powers |= _POWERS[power]
    schema = description.schema
    rules = [types.Rule(_text(id, "rules"), _text(title, "rules")) for id, title in description.rules.items()]
    return types.Description(None if schema is None else _text(schema, "schema"), powers, rules)


def settings_error_of(error: SettingsError) -> Any:
    return types.SettingsError(_text(error.pointer, "pointer"), _text(error.message, "message"))


def opinion_of(answer: Any) -> Any:
    if not isinstance(answer, Opinion):
        hint = "return abstain(), allow(), deny(..) or ask(..)"
        raise TypeError(f"a judge returned {answer!r}, which is no opinion; hint: {hint}")
    return types.Opinion(
        _verdict(answer.verdict),
        [_obligation(obligation) for obligation in _several(answer.obligations, "obligations")],
        _notes(answer.notes),
    )


def revision_of(answer: Revision) -> Any:
    return types.Revision(_edits(answer.edits), _notes(answer.notes))


def report_of(answer: Any) -> Any:
    if not isinstance(answer, Report):
        raise TypeError(f"a reviewer returned {answer!r}, which is no report; hint: return pass_on(..) or block(..)")
    return types.Report(
        _finding(answer.finding),
        _texts(answer.labels, "labels"),
        [_charge(charge) for charge in _several(answer.charges, "charges")],
        _notes(answer.notes),
    )


def _verdict(verdict: Any) -> Any:
    if isinstance(verdict, Allow):
        return types.Verdict_Allow()
    if isinstance(verdict, Abstain):
        return types.Verdict_Abstain()
    if isinstance(verdict, Deny):
        return types.Verdict_Deny(
            types.Denial(
                _choice(verdict.refusal, _REFUSALS, "refusal"),
                _text(verdict.message, "message"),
                _texts(verdict.scopes, "scopes"),
            )
        )
    if isinstance(verdict, Ask):
        return types.Verdict_Ask(
            types.Ask(
                _text(verdict.title, "title"),
                _text(verdict.reason, "reason"),
                _texts(verdict.show, "show"),
                _texts(verdict.roles, "roles"),
                _whole(verdict.quorum, U8_MAX, "quorum"),
                _flag(verdict.exclude_requester, "exclude_requester"),
                _texts(verdict.exclude, "exclude"),
                _whole(verdict.decide_within_seconds, U32_MAX, "decide_within_seconds"),
                _whole(verdict.use_within_seconds, U32_MAX, "use_within_seconds"),
            )
        )
    raise TypeError(f"{verdict!r} is no verdict; hint: use Abstain, Allow, Deny or Ask")


def _obligation(obligation: Any) -> Any:
    if isinstance(obligation, Charge):
        return types.Obligation_Charge(_charge(obligation))
    if isinstance(obligation, Label):
        return types.Obligation_Label(_texts(obligation.labels, "labels"))
    if isinstance(obligation, Declassify):
        return types.Obligation_Declassify(_texts(obligation.labels, "labels"))
    if isinstance(obligation, Redact):
        return types.Obligation_Redact(_texts(obligation.pointers, "pointers"))
    if isinstance(obligation, LimitResult):
        return types.Obligation_LimitResult(_whole(obligation.bytes, U64_MAX, "bytes"))
    raise TypeError(f"{obligation!r} is no obligation; hint: use Charge, Label, Declassify, Redact or LimitResult")


def _charge(charge: Any) -> Any:
    if not isinstance(charge, Charge):
        raise TypeError(f"{charge!r} is no charge; hint: use Charge.fixed(..) or Charge.set(..)")
    return types.Charge(
        _text(charge.key, "key"),
        _whole(charge.cost, U64_MAX, "cost"),
        _limit(charge.limit),
        _choice(charge.on_failure, _ON_FAILURE, "on_failure"),
    )


def _limit(limit: Any) -> Any:
    if isinstance(limit, WindowLimit):
        return types.Limit_Fixed(
            types.WindowLimit(
                _whole(limit.limit, U64_MAX, "limit"),
                _whole(limit.window_seconds, U32_MAX, "window_seconds"),
            )
        )
    if isinstance(limit, SetLimit):
        return types.Limit_Set(_text(limit.budget, "budget"))
    raise TypeError(f"`limit` is {limit!r}, and must be a WindowLimit or a SetLimit")


def _finding(finding: Any) -> Any:
    if isinstance(finding, Pass):
        return types.Finding_Pass(_edits(finding.edits))
    if isinstance(finding, Block):
        return types.Finding_Block(_text(finding.message, "message"))
    raise TypeError(f"{finding!r} is no finding; hint: use Pass or Block")


def _edits(edits: Any) -> list[Any]:
    return [_edit(edit) for edit in _several(edits, "edits")]


def _edit(edit: Any) -> Any:
    if not isinstance(edit, Edit):
        raise TypeError(f"{edit!r} is no edit; hint: use Edit.set(..) or Edit.remove(..)")
    json: Optional[str] = None if edit.json is None else _text(edit.json, "json")
    return types.Edit(_text(edit.pointer, "pointer"), json)


def _notes(notes: Any) -> list[Any]:
    return [_note(note) for note in _several(notes, "notes")]


def _note(note: Any) -> Any:
    if not isinstance(note, Note):
        raise TypeError(f"{note!r} is no note; hint: say `.because(rule, text)`")
    return types.Note(_text(note.rule, "rule"), _text(note.text, "text"))


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
    return [_text(value, name) for value in _several(values, name)]


def _several(values: Any, name: str) -> Iterable[Any]:
    """Only what keeps all that was put into it, in order: an iterator may have been read."""
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"`{name}` is {values!r}, and must be a list or a tuple")
    return values


def _whole(value: Any, most: int, name: str) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"`{name}` is {value!r}, and must be an integer from 0 to {most}")
    return value


def _flag(value: Any, name: str) -> bool:
    if type(value) is not bool:
        raise TypeError(f"`{name}` is {value!r}, and must be True or False")
    return value


def _choice(value: Any, choices: dict[str, Any], name: str) -> Any:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"`{name}` is {value!r}, and must be one of {', '.join(choices)}")
    return choices[value]
