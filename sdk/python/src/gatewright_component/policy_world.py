"""The component of a policy that judges calls."""

from typing import Any

from gatewright_component.compact import fill  # before everything else

from wit_world import exports

from gatewright.definition import Policy
from gatewright_component.answer import description_of, opinion_of
from gatewright_component.author import find
from gatewright_component.configured import configured
from gatewright_component.gate import REQUEST, log_failure

POLICY: Policy[Any] = find(Policy)
DESCRIPTION = description_of(POLICY.description)
_settings: Any = None


class Judging(exports.Judging):
    def describe(self) -> Any:
        return DESCRIPTION

    def configure(self, settings: str) -> None:
        global _settings
        _settings = configured(POLICY, settings)

    def judge(self) -> Any:
        try:
            return opinion_of(POLICY(_settings, REQUEST))
        except BaseException as error:
            log_failure(error)
            raise


fill()
