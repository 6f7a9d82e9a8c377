"""What a policy author sees: requests, arguments, opinions, results."""

import json
import runpy
import unittest
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

from gatewright import (
    ArgumentError,
    Budget,
    Charge,
    Claim,
    Edit,
    Hints,
    Label,
    NoSettings,
    Note,
    Opinion,
    PastCall,
    Pattern,
    Pointer,
    Report,
    Request,
    Response,
    Revision,
    SessionLabel,
    Value,
    abstain,
    allow,
    ask,
    block,
    deny,
    editor,
    named,
    pass_on,
    policy,
    reviewer,
    schema_of,
)
from gatewright.testing import request, response, text_response, tool_call


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
        self.assertEqual(asked.keys("/b"), [])
        self.assertEqual(asked.json("/a/d"), "[true,null]")
        self.assertEqual(asked.json("/a/x~1y"), "1.50")
        self.assertIsNone(asked.json("/b"))

    def test_a_bad_pointer_fails_natively_as_it_faults_in_the_gate(self) -> None:
        with self.assertRaisesRegex(ValueError, "`path` is not a JSON Pointer"):
            tool_call().get("path")
        with self.assertRaisesRegex(ValueError, "`~2` is not a JSON Pointer"):
            tool_call().root.get("~2")


class Nodes(unittest.TestCase):
    ROOT = request("tools/call", arguments_json='{"t":"\u00e9","a":[1,"",{"k":null}],"n":1.0,"b":false}').root

    def test_a_document_is_walked_node_by_node(self) -> None:
        for pointer, expected in [
            ("", ("object", 4, None)),
            ("/t", ("text", 2, "\u00e9")),
            ("/a", ("array", 3, None)),
            ("/a/1", ("text", 0, "")),
            ("/a/2/k", ("null", 0, None)),
            ("/n", ("number", 0, None)),
            ("/b", ("boolean", 0, None)),
        ]:
            with self.subTest(pointer):
                node = self.ROOT.get(pointer)
                assert node is not None
                self.assertEqual((node.kind(), node.len(), node.text()), expected)
        self.assertEqual(self.ROOT.keys(), ["t", "a", "n", "b"])
        self.assertEqual([node.json() for node in self.ROOT.children()], ['"\u00e9"', '[1,"",{"k":null}]', "1.0", "false"])

    def test_members_and_places_are_found_or_not(self) -> None:
        array = self.ROOT.member("a")
        assert array is not None
        first = array.at(0)
        assert first is not None
        self.assertEqual((first.integer(), first.boolean()), (1, None))
        self.assertIsNone(array.at(3))
        self.assertIsNone(array.member("0"))
        self.assertIsNone(self.ROOT.member("/a"))
        self.assertIsNone(first.get("/a"))
        flag = self.ROOT.at(3)
        assert flag is not None
        self.assertEqual((flag.integer(), flag.boolean()), (None, False))
        with self.assertRaisesRegex(ValueError, "from 0 to"):
            array.at(-1)

    def test_what_is_there_and_empty_is_not_missing(self) -> None:
        self.assertTrue(self.ROOT.get("/a/1"))


class Opinions(unittest.TestCase):
    def test_what_a_policy_cannot_read_it_denies_unless_it_says_otherwise(self) -> None:
        @policy(NoSettings, powers=["allow", "deny"])
        def strict(_: NoSettings, asked: Request) -> Opinion:
            return deny("too much") if asked.argument("/n", int) > 5 else allow()

        @policy(NoSettings, powers=["allow", "deny"])
        def lenient(_: NoSettings, asked: Request) -> Opinion:
            try:
                asked.argument("/n", int)
            except ArgumentError as error:
                return deny(f"handled: {error.pointer} {error.problem}")
            return allow()

        none = NoSettings()
        self.assertEqual(strict(none, tool_call()), deny("the argument `/n` is missing", "invalid-arguments"))
        self.assertEqual(strict(none, tool_call("t", {"n": 5})), allow())
        self.assertEqual(strict(none, tool_call("t", {"n": 6})), deny("too much"))
        self.assertEqual(lenient(none, tool_call()), deny("handled: /n is missing"))

    def test_other_exceptions_are_not_denials(self) -> None:
        @policy(NoSettings, powers=[])
        def broken(_: NoSettings, __: Request) -> Opinion:
            raise TypeError("a bug")

        with self.assertRaisesRegex(TypeError, "a bug"):
            broken(NoSettings(), tool_call())

    def test_what_is_added_counts_even_where_the_answer_is_dropped(self) -> None:
        opinion = abstain()
        opinion.owing(Label("a"), Label("b")).owing(Charge.set("k", "calls"))
        opinion.because("r", "words")
        self.assertEqual(opinion.obligations, [Label("a"), Label("b"), Charge.set("k", "calls")])
        self.assertEqual(opinion.notes, [Note("r", "words")])
        self.assertEqual(abstain().obligations, [])

    def test_an_opinion_is_a_yes_a_no_or_neither(self) -> None:
        for opinion, expected in [
            (allow(), (True, False)),
            (deny("no"), (False, True)),
            (abstain(), (False, False)),
            (ask("t", "r"), (False, False)),
        ]:
            with self.subTest(opinion=opinion):
                self.assertEqual((opinion.allows, opinion.denies), expected)

    def test_one_text_is_not_taken_for_its_letters(self) -> None:
        with self.assertRaisesRegex(TypeError, "must be several"):
            ask("t", "r", roles="lead")
        with self.assertRaisesRegex(TypeError, "must be several"):
            deny("no", "insufficient-scope", scopes="a:b")


class Descriptions(unittest.TestCase):
    def test_powers_and_rules_are_what_the_policy_says(self) -> None:
        made = policy(NoSettings, powers=["allow", "charge"], rules={"r": "A rule"})(lambda _, __: allow())
        description = made.description
        self.assertEqual(description.powers, ("allow", "charge"))
        self.assertEqual(description.rules, {"r": "A rule"})
        self.assertIsNone(description.schema)

    def test_a_power_that_there_is_not_is_refused_when_the_policy_is_made(self) -> None:
        powers: list[Any] = [["alow"], "allow", ["limit_result"]]
        for wrong in powers:
            with self.subTest(wrong), self.assertRaises(ValueError):
                policy(NoSettings, powers=wrong)

    def test_a_schema_is_made_of_the_settings(self) -> None:
        @dataclass(frozen=True)
        class Server:
            name: Annotated[str, Pattern]
            most: Annotated[int, named("at-most")] = 5

        @dataclass(frozen=True)
        class Settings:
            servers: tuple[Server, ...]
            mode: Literal["strict", "lenient"]
            hidden: Optional[Pointer] = None
            share: float = 0.5
            limits: dict[str, bool] = field(default_factory=dict)
            extra: Any = None
            choice: Optional[Literal["a"]] = None

        server = {
            "type": "object",
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}, "at-most": {"type": "integer"}},
            "required": ["name"],
        }
        self.assertEqual(
            json.loads(schema_of(Settings)),
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "servers": {"type": "array", "items": server},
                    "mode": {"enum": ["strict", "lenient"]},
                    "hidden": {"type": ["string", "null"]},
                    "share": {"type": "number"},
                    "limits": {"type": "object", "additionalProperties": {"type": "boolean"}},
                    "extra": {},
                    "choice": {"enum": ["a", None]},
                },
                "required": ["servers", "mode"],
            },
        )


    def test_the_template_describes_the_settings_of_its_schema_file(self) -> None:
        template = Path(__file__).parent.parent / "template"
        schema = json.loads((template / "settings.schema.json").read_text())
        described = runpy.run_path(str(template / "src" / "policy.py"))["judge"].description.schema
        self.assertEqual(json.loads(described), schema)


class Requests(unittest.TestCase):
    def test_history_is_the_newest_first_and_bounded(self) -> None:
        history = [PastCall("d", 0, "tools/call", "s", str(n), "allowed") for n in range(100)]
        asked = tool_call(history=history)
        self.assertEqual([call.name for call in asked.history(2)], ["0", "1"])
        self.assertEqual(len(asked.history(1000)), 64)
        with self.assertRaisesRegex(ValueError, "from 0 to"):
            asked.history(-1)

    def test_a_listing_is_not_a_call(self) -> None:
        self.assertTrue(request("tools/list", "rm").is_listing)
        self.assertFalse(tool_call("list").is_listing)
        self.assertTrue(request("tools/call", purpose="listing").is_listing)

    def test_labels_are_sorted_as_in_the_gate(self) -> None:
        asked = tool_call(labels=["b", SessionLabel("a", "left-by")])
        self.assertEqual(asked.labels, [SessionLabel("a", "left-by"), SessionLabel("b")])
        self.assertTrue(asked.has_label("b"))
        self.assertFalse(asked.has_label("c"))

    def test_a_budget_is_as_the_test_says(self) -> None:
        asked = tool_call(budgets={("calls", "bot"): Budget(10, 60, 7)})
        self.assertEqual(asked.budget("calls", "bot").left, 3)
        self.assertEqual(Budget(1, 1, 2).left, 0)
        with self.assertRaises(KeyError):
            asked.budget("calls", "other")

    def test_claims_are_sorted_and_found(self) -> None:
        asked = tool_call(claims={"tenant": "acme", "groups": ["ops", "dev"]})
        self.assertEqual(asked.claims, [Claim("groups", ["ops", "dev"]), Claim("tenant", ["acme"])])
        self.assertEqual((asked.claim("groups"), asked.claim("Groups")), (["ops", "dev"], []))
        self.assertEqual(tool_call().claims, [])

    def test_a_test_says_only_what_matters(self) -> None:
        asked = tool_call("send", agent="bot", targets=["/to"], hints=Hints(untrusted=True), claimed={"title": "x"})
        self.assertEqual((asked.name, asked.agent, asked.principal), ("send", "bot", "user:alice"))
        self.assertEqual((asked.targets, asked.contents), (["/to"], []))
        self.assertEqual((asked.hints.untrusted, asked.hints.sensitive), (True, False))
        self.assertEqual((asked.owner, asked.chain, asked.approvals), (None, [], []))
        assert asked.claimed is not None
        self.assertEqual(asked.claimed.keys(), ["title"])


class OtherWorlds(unittest.TestCase):
    def test_a_reviewer_blocks_what_it_cannot_read(self) -> None:
        @reviewer(NoSettings, powers=["block", "edit", "label", "charge"])
        def shield(_: NoSettings, __: Request, answer: Response) -> Report:
            if answer.is_error:
                return pass_on()
            text = answer.read("/content/0/text", str)
            if "secret" in text:
                return block("withheld").labelling("secret")
            return pass_on(Edit.remove("/meta")).charging(Charge.set("bytes", "volume", cost=len(text)))

        def review(answer: Response) -> Report:
            return shield(NoSettings(), tool_call(), answer)

        self.assertEqual(review(response({})), block("the argument `/content/0/text` is missing"))
        self.assertEqual(review(response({"isError": True})), pass_on())
        self.assertEqual(review(text_response("a secret")), block("withheld").labelling("secret"))
        fine = review(text_response("fine"))
        self.assertTrue(fine.passes and not fine.blocks)
        self.assertEqual(fine.charges, [Charge.set("bytes", "volume", cost=4)])

    def test_not_all_that_comes_back_is_a_result(self) -> None:
        for answer, expected in [
            (response({"isError": True}), ("final", None, True)),
            (response({"isError": 1}), ("final", None, False)),
            (response({"code": -32602}, kind="error"), ("error", None, True)),
            (
                response({"isError": True}, kind="notification", method="notifications/progress"),
                ("notification", "notifications/progress", False),
            ),
        ]:
            with self.subTest(expected):
                self.assertEqual((answer.kind, answer.method, answer.is_error), expected)
        self.assertEqual(response({"code": 5}).keys(""), ["code"])
        self.assertEqual(response({"code": 5}).get("/code"), Value("integer", 5))

    def test_edits_carry_json(self) -> None:
        @editor(NoSettings, powers=["edit"])
        def sign(_: NoSettings, asked: Request) -> list[Edit]:
            return [Edit.set("/by", asked.agent), Edit.set_json("/n", "1.0")]

        self.assertEqual(
            sign(NoSettings(), tool_call()), Revision([Edit("/by", '"did:example:agent"'), Edit("/n", "1.0")])
        )
        self.assertEqual(Edit.set("/a", 'é"').json, '"é\\""')

    def test_an_editor_says_why(self) -> None:
        @editor(NoSettings, powers=["edit"], rules={"sign": "Says who asks"})
        def sign(_: NoSettings, asked: Request) -> Revision:
            return Revision([Edit.set("/by", asked.agent)]).because("sign")

        self.assertEqual(sign(NoSettings(), tool_call()).notes, [Note("sign")])


if __name__ == "__main__":
    unittest.main()
