"""The component of a policy that looks at results."""

from collections.abc import Callable
from typing import Any

from gatewright_component.compact import fill  # before everything else

from wit_world import exports
from wit_world.imports import response

from gatewright.definition import Reviewer
from gatewright.response import Response
from gatewright_component.answer import description_of, report_of
from gatewright_component.author import find
from gatewright_component.configured import configured
from gatewright_component.document import GateNode, Source
from gatewright_component.gate import REQUEST, Facts, log_failure

_KINDS = {
    response.ResponseKind_Final: "final",
    response.ResponseKind_Error: "error",
    response.ResponseKind_Notification: "notification",
}


def _method() -> Any:
    kind = response.kind()
    return kind.value if isinstance(kind, response.ResponseKind_Notification) else None


_FACTS: dict[str, Callable[[], Any]] = {
    "kind": lambda: _KINDS[type(response.kind())],
    "method": _method,
    "is_error": response.is_error,
    "root": lambda: GateNode(response.root()),
}


class AskedResponse(Facts, Response):
    """What came back, from the gate."""

    def __init__(self) -> None:
        super().__init__(_FACTS)
        self._document = Source(response)


REVIEWER: Reviewer[Any] = find(Reviewer)
DESCRIPTION = description_of(REVIEWER.description)
RESPONSE = AskedResponse()
_settings: Any = None


class Reviewing(exports.Reviewing):
    def describe(self) -> Any:
        return DESCRIPTION

    def configure(self, settings: str) -> None:
        global _settings
        _settings = configured(REVIEWER, settings)

    def review(self) -> Any:
        try:
            return report_of(REVIEWER(_settings, REQUEST, RESPONSE))
        except BaseException as error:
            log_failure(error)
            raise


fill()
