"""Answers on their way to the engine, with names in the place of its types."""

import enum
import importlib
import sys
import unittest
from types import ModuleType
from typing import Any

from gatewright import (
    Abstain,
    Ask,
    Block,
    Charge,
    Declassify,
    Edit,
    Label,
    LimitResult,
    NoSettings,
    Note,
    Opinion,
    Pass,
    Redact,
    Report,
    Revision,
    SettingsError,
    abstain,
    allow,
    ask,
    block,
    deny,
    pass_on,
    policy,
)


class _Refusal(enum.Enum):
    FORBIDDEN = 0
    INSUFFICIENT_SCOPE = 1


class _OnFailure(enum.Enum):
    KEEP = 0
    REFUND = 1


class _Powers(enum.Flag):
    ALLOW = enum.auto()
    DENY = enum.auto()
    ASK = enum.auto()
    CHARGE = enum.auto()
    LABEL = enum.auto()
    DECLASSIFY = enum.auto()
    REDACT = enum.auto()
    LIMIT_RESULT = enum.auto()
    EDIT = enum.auto()
    BLOCK = enum.auto()


class _Types:
    """Makes tuples with the name of the type."""

    Refusal = _Refusal
    OnFailure = _OnFailure
    Powers = _Powers

    def __getattr__(self, name: str) -> Any:
        return lambda *members: (name, *members)


def _answers() -> Any:
    imports = ModuleType("wit_world.imports")
    setattr(imports, "types", _Types())
    sys.modules.update({"wit_world": ModuleType("wit_world"), "wit_world.imports": imports})
    return importlib.import_module("gatewright_component.answer")


ANSWERS = _answers()


def said(opinion: Any) -> Any:
    _, verdict, _, _ = ANSWERS.opinion_of(opinion)
    return verdict


def owed(*obligations: Any) -> Any:
    _, _, owing, _ = ANSWERS.opinion_of(abstain().owing(*obligations))
    return owing


class Answers(unittest.TestCase):
    def test_text_that_the_engine_cannot_take_is_refused_with_a_reason(self) -> None:
        for text in ("no", "\u00e9", "\U0001f600", "\0"):
            with self.subTest(ascii(text)):
                self.assertEqual(
                    said(deny(text)), ("Verdict_Deny", ("Denial", _Refusal.FORBIDDEN, text, []))
                )
        with self.assertRaisesRegex(ValueError, r"`message` is 'a\\ud83d', which holds half of a character"):
            said(deny("a\ud83d"))

    def test_what_is_no_answer_is_never_taken_for_one(self) -> None:
        charge: Any = "a key"
        cases: list[tuple[Any, Any, str]] = [
            (ANSWERS.opinion_of, None, "is no opinion"),
            (ANSWERS.opinion_of, True, "is no opinion"),
            (ANSWERS.opinion_of, Abstain(), "is no opinion"),
            (ANSWERS.opinion_of, pass_on(), "is no opinion"),
            (ANSWERS.opinion_of, Opinion(None), "is no verdict"),  # type: ignore[arg-type]
            (ANSWERS.opinion_of, deny("no", "never"), "must be one of"),  # type: ignore[arg-type]
            (ANSWERS.opinion_of, deny(None), "must be text"),  # type: ignore[arg-type]
            (ANSWERS.opinion_of, ask("t", "r", quorum=256), "from 0 to 255"),
            (ANSWERS.opinion_of, ask("t", "r", quorum=True), "from 0 to 255"),
            (ANSWERS.opinion_of, ask("t", "r", decide_within_seconds=2**32), "`decide_within_seconds`"),
            (ANSWERS.opinion_of, ask("t", "r", use_within_seconds=-1), "`use_within_seconds`"),
            (ANSWERS.opinion_of, ask("t", "r", exclude_requester=1), "True or False"),  # type: ignore[arg-type]
            (ANSWERS.opinion_of, Opinion(Ask("t", "r", roles="lead")), "a list or a tuple"),  # type: ignore[arg-type]
            (ANSWERS.report_of, None, "is no report"),
            (ANSWERS.report_of, Pass(), "is no report"),
            (ANSWERS.report_of, Report(None), "is no finding"),  # type: ignore[arg-type]
            (ANSWERS.report_of, pass_on(("/a", "1")), "is no edit"),  # type: ignore[arg-type]
            (ANSWERS.report_of, Report(Block("no"), labels="seen"), "a list or a tuple"),  # type: ignore[arg-type]
            (ANSWERS.report_of, block("no").charging(charge), "is no charge"),
            (ANSWERS.report_of, block("no").because("r", 5), "must be text"),  # type: ignore[arg-type]
            (ANSWERS.revision_of, Revision(["/a"]), "is no edit"),  # type: ignore[list-item]
        ]
        for convert, answer, problem in cases:
            with self.subTest(answer=answer), self.assertRaisesRegex((TypeError, ValueError), problem):
                convert(answer)

    def test_an_obligation_is_handed_over_or_refused(self) -> None:
        most = 2**64 - 1
        self.assertEqual(
            owed(
                Charge.fixed("k", limit=most, window_seconds=60),
                Charge.set("k", "calls", cost=2, on_failure="refund"),
                Label("a", "b"),
                Declassify("a"),
                Redact("/a"),
                LimitResult(most),
            ),
            [
                (
                    "Obligation_Charge",
                    ("Charge", "k", 1, ("Limit_Fixed", ("WindowLimit", most, 60)), _OnFailure.KEEP),
                ),
                ("Obligation_Charge", ("Charge", "k", 2, ("Limit_Set", "calls"), _OnFailure.REFUND)),
                ("Obligation_Label", ["a", "b"]),
                ("Obligation_Declassify", ["a"]),
                ("Obligation_Redact", ["/a"]),
                ("Obligation_LimitResult", most),
            ],
        )
        refused: list[Any] = [
            None,
            "seen",
            ["seen"],
            Label,
            Label(["a", "b"]),  # type: ignore[arg-type]
            LimitResult(2**64),
            LimitResult(1.0),  # type: ignore[arg-type]
            Charge.fixed("k", limit=-1, window_seconds=60),
            Charge.fixed("k", limit=1, window_seconds=2**32),
            Charge.fixed("k", limit=1, window_seconds=1, cost=2**64),
            Charge.set("k", "calls", on_failure="ask"),  # type: ignore[arg-type]
            Charge("k", 5),  # type: ignore[arg-type]
        ]
        for obligation in refused:
            with self.subTest(obligation=obligation), self.assertRaises((TypeError, ValueError)):
                owed(Label("a"), obligation)
        lost: Any = (label for label in [Label("a")])
        with self.assertRaisesRegex(TypeError, "`obligations`"):
            ANSWERS.opinion_of(Opinion(Abstain(), lost))

    def test_obligations_and_notes_stand_beside_any_verdict(self) -> None:
        for opinion in (abstain(), allow(), deny("no"), ask("t", "r")):
            with self.subTest(opinion=opinion):
                _, _, owing, notes = ANSWERS.opinion_of(opinion.owing(Label("a")).because("r", "words").because("s"))
                self.assertEqual(owing, [("Obligation_Label", ["a"])])
                self.assertEqual(notes, [("Note", "r", "words"), ("Note", "s", "")])

    def test_all_of_a_question_is_handed_over(self) -> None:
        asked = ask(
            "t",
            "r",
            show=["/a"],
            roles=["lead"],
            quorum=2,
            exclude_requester=True,
            exclude=["mallory"],
            decide_within_seconds=3600,
            use_within_seconds=600,
        )
        self.assertEqual(
            said(asked), ("Verdict_Ask", ("Ask", "t", "r", ["/a"], ["lead"], 2, True, ["mallory"], 3600, 600))
        )
        self.assertEqual(said(ask("t", "")), ("Verdict_Ask", ("Ask", "t", "", [], [], 1, False, [], 86400, 900)))

    def test_reports_and_revisions_are_handed_over(self) -> None:
        charge = Charge.set("k", "calls", cost=3)
        report = pass_on(Edit.remove("/a")).labelling("seen").charging(charge).because("r")
        self.assertEqual(
            ANSWERS.report_of(report),
            (
                "Report",
                ("Finding_Pass", [("Edit", "/a", None)]),
                ["seen"],
                [("Charge", "k", 3, ("Limit_Set", "calls"), _OnFailure.KEEP)],
                [("Note", "r", "")],
            ),
        )
        self.assertEqual(ANSWERS.report_of(block("no")), ("Report", ("Finding_Block", "no"), [], [], []))
        self.assertEqual(
            ANSWERS.revision_of(Revision([Edit.set("/a", 1)], [Note("r")])),
            ("Revision", [("Edit", "/a", "1")], [("Note", "r", "")]),
        )

    def test_a_description_has_all_its_powers(self) -> None:
        made = policy(NoSettings, powers=["limit-result", "allow"], rules={"r": "A rule"}, schema="{}")
        description = made(lambda _, __: allow()).description
        self.assertEqual(
            ANSWERS.description_of(description),
            ("Description", "{}", _Powers.LIMIT_RESULT | _Powers.ALLOW, [("Rule", "r", "A rule")]),
        )

    def test_a_settings_error_has_its_place(self) -> None:
        self.assertEqual(
            ANSWERS.settings_error_of(SettingsError("no", "/a~1b")), ("SettingsError", "/a~1b", "no")
        )


if __name__ == "__main__":
    unittest.main()
