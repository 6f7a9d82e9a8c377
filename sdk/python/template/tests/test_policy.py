import unittest
from typing import Any

from gatewright import Opinion, SettingsError, allow, deny
from gatewright.testing import request, tool_call

from policy import ENDINGS, Settings, judge

SETTINGS = Settings(endings=[".md", ".txt"])


def read(arguments: Any) -> Opinion:
    return judge(SETTINGS, tool_call("read_file", arguments))


class Reading(unittest.TestCase):
    def test_other_endings_are_refused(self) -> None:
        refused = deny("use a path that ends in .md, .txt", "invalid-arguments").because(ENDINGS)
        self.assertEqual(read({"path": "passwords.db"}), refused)
        self.assertEqual(read({"path": "notes.md"}), allow().because(ENDINGS))

    def test_a_call_without_a_path_is_refused(self) -> None:
        self.assertEqual(read({}), deny("the argument `/path` is missing", "invalid-arguments"))
        self.assertEqual(read({"path": 5}), deny("the argument `/path` is not text", "invalid-arguments"))

    def test_a_listing_is_none_of_its_business(self) -> None:
        listing = judge(SETTINGS, request("tools/list", "read_file"))
        self.assertFalse(listing.allows or listing.denies)

    def test_settings_with_a_typo_are_refused(self) -> None:
        with self.assertRaisesRegex(SettingsError, "endings is missing"):
            judge.read_settings('{"ending": [".md"]}')


if __name__ == "__main__":
    unittest.main()
