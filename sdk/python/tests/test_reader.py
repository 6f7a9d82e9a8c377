"""Settings and arguments, read by type."""

import unittest
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Optional

from gatewright import NoSettings, Pattern, Pointer, SettingsError, abstain, called, named, policy
from gatewright.document import MISSING, NESTED, parse
from gatewright.memory import Memory


def not_empty(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


@dataclass(frozen=True)
class Server:
    name: str
    most: Annotated[int, named("at-most")] = 5


@dataclass(frozen=True)
class Settings:
    tag: Annotated[str, not_empty]
    closed: Annotated[list[str], called("a list of names")] = field(default_factory=list)
    servers: tuple[Server, ...] = ()

    def __post_init__(self) -> None:
        if self.tag in self.closed:
            raise ValueError("the tag is closed")
        if len(self.closed) > 2:
            raise SettingsError("closed has more than two", "/closed/2")


def read(kind: Any, text: str) -> Any:
    return policy(kind, powers=[])(lambda _, __: abstain()).read_settings(text)


class Settings_(unittest.TestCase):
    def test_settings_that_do_not_fit_are_refused_with_a_reason(self) -> None:
        for text, message, pointer in [
            ("{", "settings are not JSON", ""),
            ('{"tag": NaN}', "settings are not JSON", ""),
            ('{"tag":"a","tag":"b"}', "settings are not JSON", ""),
            ("[]", "settings are not an object", ""),
            ("{}", "tag is missing", ""),
            ('{"tag":null}', "tag is not text", "/tag"),
            ('{"tag":""}', "tag is empty", "/tag"),
            ('{"tag":"t","closed":[1]}', "closed is not a list of names", "/closed"),
            ('{"tag":"t","closed":null}', "closed is not a list of names", "/closed"),
            ('{"tag":"t","servers":[{"name":"a"},{}]}', "servers/1/name is missing", "/servers/1"),
            ('{"tag":"t","servers":[{"name":"a","most":1}]}', "unknown setting servers/0/most", "/servers/0/most"),
            ('{"tag":"t","rots":[]}', "unknown setting rots", "/rots"),
            ('{"tag":"t","a/~b":[]}', "unknown setting a/~b", "/a~1~0b"),
            ('{"tag":"t","closed":["t"]}', "settings do not fit: the tag is closed", ""),
            ('{"tag":"t","closed":["a","b","c"]}', "closed has more than two", "/closed/2"),
        ]:
            with self.subTest(text), self.assertRaises(SettingsError) as raised:
                read(Settings, text)
            self.assertEqual((raised.exception.message, raised.exception.pointer), (message, pointer))

    def test_members_have_defaults_and_other_names(self) -> None:
        self.assertEqual(read(Settings, '{"tag":"t"}'), Settings("t"))
        self.assertEqual(
            read(Settings, '{"tag":"t","servers":[{"name":"a","at-most":1}]}'),
            Settings("t", servers=(Server("a", 1),)),
        )

    def test_a_policy_without_settings_accepts_only_an_empty_object(self) -> None:
        self.assertEqual(read(NoSettings, "{}"), NoSettings())
        with self.assertRaisesRegex(SettingsError, "unknown setting a"):
            read(NoSettings, '{"a":1}')


class Types(unittest.TestCase):
    def test_each_type_accepts_its_kind_and_refuses_the_others(self) -> None:
        for kind, text, expected in [
            (str, '"é"', "é"),
            (bool, "false", False),
            (int, "9007199254740993", 9007199254740993),
            (float, "1", 1.0),
            (Literal["a", "b"], '"b"', "b"),
            (Literal[1], "1", 1),
            (Optional[int], "null", None),
            (list[int], "[1, 2]", [1, 2]),
            (tuple[str, ...], '["a"]', ("a",)),
            (dict[str, bool], '{"a":true}', {"a": True}),
            (Pattern, '"a*"', Pattern("a*")),
            (Pointer, '"/a~1b"', "/a~1b"),
            (Any, '{"a":[1,null]}', {"a": [1, None]}),
        ]:
            with self.subTest(kind=kind):
                self.assertEqual(read(kind, text), expected)
                self.assertIs(type(read(kind, text)), type(expected) if kind is not Pointer else Pointer)
        for kind, text, problem in [
            (str, "1", "not text"),
            (bool, "0", "not true or false"),
            (int, "true", "not an integer"),
            (int, "1.0", "not an integer"),
            (int, "1e2", "not an integer"),
            (int, "-0", "not an integer"),
            (int, "9" * 5000, "not an integer"),
            (float, "1e999", "not a number"),
            (float, "true", "not a number"),
            (Literal["a", "b"], '"c"', "not one of a, b"),
            (Literal[1], "true", "not one of 1"),
            (list[int], '{"0":1}', "not a list"),
            (Pointer, '"path"', "not a JSON Pointer"),
        ]:
            with self.subTest(kind=kind, text=text[:9]), self.assertRaisesRegex(SettingsError, problem):
                read(kind, text)

    def test_a_type_that_cannot_be_read_fails_when_the_policy_is_made(self) -> None:
        kinds: list[Any] = [set, bytes, dict[int, str], "Settings"]
        for kind in kinds:
            with self.subTest(kind=kind), self.assertRaises(TypeError):
                read(kind, "{}")


class Patterns(unittest.TestCase):
    def test_patterns_match_whole_names(self) -> None:
        for text, name, expected in [
            ("read_*", "read_file", True),
            ("read_*", "bread_file", False),
            ("*", "", True),
            ("a*b*c", "aXbYc", True),
            ("a*b*c", "acb", False),
            ("a*a", "a", False),
            ("a.c", "abc", False),
        ]:
            with self.subTest(text=text, name=name):
                self.assertEqual(Pattern(text).matches(name), expected)

    def test_pointers_are_made_of_names(self) -> None:
        names = ["a/b", "~", "", "0"]
        pointer = Pointer()
        for name in names:
            pointer = pointer.child(name)
        self.assertEqual(pointer, "/a~1b/~0//0")
        self.assertEqual(pointer.names(), names)


class Plain(unittest.TestCase):
    def test_a_plain_value_is_what_the_whole_document_would_have_there(self) -> None:
        for text in ['"a"', '""', "true", "null", "7", "-0", "1.50", "1e2", "18446744073709551615", "1" * 30]:
            with self.subTest(text):
                found, read = Memory(f'{{"a":{text}}}').plain("/a"), parse(text)
                self.assertEqual((type(found), found), (type(read), read))

    def test_what_is_deep_or_missing_is_no_plain_value(self) -> None:
        memory = Memory('{"a":[1],"b":{}}')
        self.assertIs(memory.plain("/a"), NESTED)
        self.assertIs(memory.plain("/b"), NESTED)
        self.assertIs(memory.plain("/c"), MISSING)


if __name__ == "__main__":
    unittest.main()
