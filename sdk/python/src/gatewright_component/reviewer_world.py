"""The component of a policy that looks at results."""

from typing import Any

from gatewright_component.compact import fill  # before everything else

from wit_world import exports
from wit_world.imports import response

from gatewright_component.answer import finding_of
from gatewright_component.author import find
from gatewright_component.configured import configured
from gatewright_component.gate import AskedRequest, Source, log_failure, no_history
from gatewright.definition import Reviewer
from gatewright.response import Response

REVIEWER: Reviewer[Any] = find(Reviewer)
RESPONSE = Response(Source(response), response.is_error)
_settings: Any = None


class Reviewing(exports.Reviewing):
    def configure(self, settings: str) -> None:
        global _settings
        _settings = configured(REVIEWER, settings)

    def review(self, request: Any) -> Any:
        try:
            return finding_of(REVIEWER(_settings, AskedRequest(request, no_history), RESPONSE))
        except BaseException as error:
            log_failure(error)
            raise


fill()
