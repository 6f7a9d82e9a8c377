"""The component of a policy that judges calls."""

from typing import Any

from gatewright_component.compact import fill  # before everything else

from wit_world import exports
from wit_world.imports import history

from gatewright_component.answer import verdict_of
from gatewright_component.author import find
from gatewright_component.configured import configured
from gatewright_component.gate import AskedRequest, log_failure
from gatewright.definition import Policy
from gatewright.request import PastCall

POLICY: Policy[Any] = find(Policy)
_settings: Any = None
_OUTCOMES: dict[history.Outcome, Any] = {outcome: outcome.name.lower() for outcome in history.Outcome}


def _recent(limit: int) -> list[PastCall]:
    return [
        PastCall(call.at, call.method, call.server, call.name, _OUTCOMES[call.outcome])
        for call in history.recent(limit)
    ]


class Judging(exports.Judging):
    def configure(self, settings: str) -> None:
        global _settings
        _settings = configured(POLICY, settings)

    def judge(self, request: Any) -> Any:
        try:
            return verdict_of(POLICY(_settings, AskedRequest(request, _recent)))
        except BaseException as error:
            log_failure(error)
            raise


fill()
