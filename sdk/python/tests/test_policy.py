"""What a policy author sees: requests, arguments, verdicts, results."""

import unittest
from dataclasses import dataclass
from typing import Any

from gatewright import (
    Allow,
    ArgumentError,
    Block,
    Deny,
    Edit,
    Finding,
    LimitResult,
    NoSettings,
    Pass,
    PastCall,
    Request,
    Response,
    Value,
    Verdict,
    allow,
    deny,
    editor,
    policy,
    reviewer,
)
from gatewright.testing import request, response, tool_call


@dataclass(frozen=True)
class Recipient:
    name: str


class Arguments(unittest.TestCase):
    def test_an_argument_of_the_wrong_type_is_not_a_missing_one(self) -> None:
        asked = tool_call("transfer", {"amount": "5", "note": None, "to": [{"name": 1}]})
        cases: list[tuple[str, Any, str]] = [
            ("/account", str, "the argument `/account` is missing"),
            ("/amount", int, "the argument `/amount` is not an integer"),
            ("/note", str, "the argument `/note` is not text"),
            ("/to", list[Recipient], "the argument `/to/0/name` is not text"),
            ("", Recipient, "the argument `/name` is missing"),
            ("", list[str], "the arguments are not a list"),
        ]
        for pointer, kind, message in cases:
            with self.subTest(pointer), self.assertRaises(ArgumentError) as raised:
                asked.argument(pointer, kind)
            self.assertEqual(str(raised.exception), message)
        self.assertIsNone(asked.argument("/account", str, default=None))
        self.assertEqual(asked.argument("/note", str, default="none"), "none")
        self.assertEqual(asked.argument("/amount", str, default=""), "5")
        self.assertEqual(asked.argument("/to"), [{"name": 1}])
        with self.assertRaises(ArgumentError):
            asked.argument("/amount", int, default=0)

    def test_values_are_read_one_level_at_a_time_exactly(self) -> None:
        asked = request(
            "tools/call",
            arguments_json='{"a":{"b":1,"c":18446744073709551615,"d":[true,null],"x/y":1.50,"z":-0}}',
        )
        for pointer, value in [
            ("", Value("object", 1)),
            ("/a", Value("object", 5)),
            ("/a/b", Value("integer", 1)),
            ("/a/c", Value("number", "18446744073709551615")),
            ("/a/d", Value("array", 2)),
            ("/a/d/0", Value("boolean", True)),
            ("/a/d/1", Value("null", None)),
            ("/a/d/2", None),
            ("/a/d/00", None),
            ("/a/x~1y", Value("number", "1.50")),
            ("/a/z", Value("number", "-0")),
            ("/b", None),
        ]:
            with self.subTest(pointer):
                self.assertEqual(asked.get(pointer), value)
        self.assertEqual(asked.keys("/a"), ["b", "c", "d", "x/y", "z"])
        self.assertEqual(asked.keys("/a/d"), [])
        self.assertEqual(asked.json("/a/d"), "[true,null]")
        self.assertEqual(asked.json("/a/x~1y"), "1.50")
        self.assertIsNone(asked.json("/b"))

    def test_a_bad_pointer_fails_natively_as_it_faults_in_the_gate(self) -> None:
        with self.assertRaisesRegex(ValueError, "`path` is not a JSON Pointer"):
            tool_call().get("path")


class Verdicts(unittest.TestCase):
    def test_what_a_policy_cannot_read_it_denies_unless_it_says_otherwise(self) -> None:
        @policy(NoSettings)
        def strict(_: NoSettings, asked: Request) -> Verdict:
            return deny("too much") if asked.argument("/n", int) > 5 else allow()

        @policy(NoSettings)
        def lenient(_: NoSettings, asked: Request) -> Verdict:
            try:
                asked.argument("/n", int)
            except ArgumentError as error:
                return deny(f"handled: {error.pointer} {error.problem}")
            return allow()

        none = NoSettings()
        self.assertEqual(strict(none, tool_call()), Deny("the argument `/n` is missing", "invalid-arguments"))
        self.assertEqual(strict(none, tool_call("t", {"n": 5})), Allow())
        self.assertEqual(strict(none, tool_call("t", {"n": 6})), Deny("too much"))
        self.assertEqual(lenient(none, tool_call()), Deny("handled: /n is missing"))

    def test_other_exceptions_are_not_denials(self) -> None:
        @policy(NoSettings)
        def broken(_: NoSettings, __: Request) -> Verdict:
            raise TypeError("a bug")

        with self.assertRaisesRegex(TypeError, "a bug"):
            broken(NoSettings(), tool_call())

    def test_obligations_come_in_order(self) -> None:
        self.assertEqual(allow(LimitResult(5), LimitResult(6)), Allow((LimitResult(5), LimitResult(6))))


class Requests(unittest.TestCase):
    def test_history_is_the_newest_first_and_bounded(self) -> None:
        history = [PastCall(0, "tools/call", "s", str(n), "allowed") for n in range(100)]
        asked = tool_call(history=history)
        self.assertEqual([call.name for call in asked.history(2)], ["0", "1"])
        self.assertEqual(len(asked.history(1000)), 64)

    def test_a_listing_is_not_a_call(self) -> None:
        self.assertTrue(request("tools/list", "rm").is_listing)
        self.assertFalse(tool_call("list").is_listing)

    def test_labels_are_sorted_as_in_the_gate(self) -> None:
        self.assertEqual(tool_call(labels=["b", "a"]).context.labels, ["a", "b"])


class OtherWorlds(unittest.TestCase):
    def test_a_reviewer_blocks_what_it_cannot_read(self) -> None:
        @reviewer(NoSettings)
        def shield(_: NoSettings, __: Request, answer: Response) -> Finding:
            if answer.is_error:
                return Pass()
            if "secret" in answer.read("/content/0/text", str):
                return Block("withheld")
            return Pass([Edit.remove("/meta")], ["seen"])

        def review(result: Any) -> Finding:
            return shield(NoSettings(), tool_call(), response(result))

        self.assertEqual(review({}), Block("the argument `/content/0/text` is missing"))
        self.assertEqual(review({"isError": True}), Pass())
        self.assertEqual(review({"content": [{"text": "a secret"}]}), Block("withheld"))
        self.assertEqual(review({"content": [{"text": "fine"}]}), Pass([Edit("/meta", None)], ["seen"]))

    def test_edits_carry_json(self) -> None:
        @editor(NoSettings)
        def sign(_: NoSettings, asked: Request) -> list[Edit]:
            return [Edit.set("/by", asked.subject.id), Edit.set_json("/n", "1.0")]

        self.assertEqual(
            sign(NoSettings(), tool_call()), [Edit("/by", '"did:example:agent"'), Edit("/n", "1.0")]
        )
        self.assertEqual(Edit.set("/a", 'é"').json, '"é\\""')


if __name__ == "__main__":
    unittest.main()
