"""Answers on their way to the engine, with names in the place of its types."""

import enum
import importlib
import sys
import unittest
from types import ModuleType, SimpleNamespace
from typing import Any

from gatewright import deny


class _Refusal(enum.Enum):
    FORBIDDEN = 0


def _answers() -> Any:
    imports = ModuleType("wit_world.imports")
    made = {name: lambda *members: members for name in ("Verdict_Deny", "Denial")}
    setattr(imports, "types", SimpleNamespace(Refusal=_Refusal, **made))
    sys.modules.update({"wit_world": ModuleType("wit_world"), "wit_world.imports": imports})
    return importlib.import_module("gatewright_component.answer")


class Answers(unittest.TestCase):
    def test_text_that_the_engine_cannot_take_is_refused_with_a_reason(self) -> None:
        verdict_of = _answers().verdict_of
        for text in ("no", "\u00e9", "\U0001f600", "\0"):
            with self.subTest(ascii(text)):
                self.assertEqual(verdict_of(deny(text)), ((_Refusal.FORBIDDEN, text, []),))
        with self.assertRaisesRegex(ValueError, r"`message` is 'a\\ud83d', which holds half of a character"):
            verdict_of(deny("a\ud83d"))


if __name__ == "__main__":
    unittest.main()
