import unittest
from typing import Any

from gatewright import Edit, Revision, SettingsError
from gatewright.testing import tool_call

from policy import MOST, Settings, revise


def search(arguments: Any) -> Revision:
    return revise(Settings(most=10), tool_call("search", arguments))


class Searching(unittest.TestCase):
    def test_more_becomes_the_most(self) -> None:
        most = Revision([Edit.set("/limit", 10)]).because(MOST)
        self.assertEqual(search({"limit": 1000}), most)
        self.assertEqual(search({}), most)

    def test_less_stays_as_it_is(self) -> None:
        self.assertEqual(search({"limit": 5}), Revision())

    def test_settings_with_a_typo_are_refused(self) -> None:
        with self.assertRaisesRegex(SettingsError, "most is missing"):
            revise.read_settings('{"more": 10}')


if __name__ == "__main__":
    unittest.main()
