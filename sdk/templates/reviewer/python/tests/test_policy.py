import unittest
from typing import Any

from gatewright import Report, SettingsError, pass_on
from gatewright.testing import response, tool_call

from policy import LABEL, Settings, review


def fetched(result: Any) -> Report:
    return review(Settings(label="outside"), tool_call("fetch"), response(result))


class Fetching(unittest.TestCase):
    def test_a_result_labels_the_session(self) -> None:
        self.assertEqual(fetched({"content": []}), pass_on().labelling("outside").because(LABEL))

    def test_an_error_brings_nothing_in(self) -> None:
        self.assertEqual(fetched({"isError": True}), pass_on())

    def test_settings_with_a_typo_are_refused(self) -> None:
        with self.assertRaisesRegex(SettingsError, "label is missing"):
            review.read_settings('{"labels": "outside"}')


if __name__ == "__main__":
    unittest.main()
