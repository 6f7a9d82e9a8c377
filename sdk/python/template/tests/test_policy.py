import unittest
from typing import Any

from gatewright import Allow, Deny, SettingsError, Verdict
from gatewright.testing import tool_call

from policy import Settings, judge

SETTINGS = Settings(endings=[".md", ".txt"])


def read(arguments: Any) -> Verdict:
    return judge(SETTINGS, tool_call("read_file", arguments))


class Reading(unittest.TestCase):
    def test_other_endings_are_refused(self) -> None:
        refused = Deny("use a path that ends in .md, .txt", "invalid-arguments")
        self.assertEqual(read({"path": "passwords.db"}), refused)
        self.assertEqual(read({"path": "notes.md"}), Allow())

    def test_a_call_without_a_path_is_refused(self) -> None:
        self.assertEqual(read({}), Deny("the argument `/path` is missing", "invalid-arguments"))
        self.assertEqual(read({"path": 5}), Deny("the argument `/path` is not text", "invalid-arguments"))

    def test_settings_with_a_typo_are_refused(self) -> None:
        with self.assertRaisesRegex(SettingsError, "endings is missing"):
            judge.read_settings('{"ending": [".md"]}')


if __name__ == "__main__":
    unittest.main()
