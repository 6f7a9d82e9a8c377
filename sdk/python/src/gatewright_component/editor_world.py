"""The component of a policy that rewrites arguments."""

from typing import Any

from gatewright_component.compact import fill  # before everything else

from componentize_py_types import Err
from wit_world import exports

from gatewright.argument import ArgumentError
from gatewright_component.answer import edits_of
from gatewright_component.author import find
from gatewright_component.configured import configured
from gatewright_component.gate import AskedRequest, log_failure, no_history
from gatewright.definition import Editor

EDITOR: Editor[Any] = find(Editor)
_settings: Any = None


class Revising(exports.Revising):
    def configure(self, settings: str) -> None:
        global _settings
        _settings = configured(EDITOR, settings)

    def revise(self, request: Any) -> Any:
        try:
            return edits_of(EDITOR(_settings, AskedRequest(request, no_history)))
        except ArgumentError as error:
            raise Err(str(error)) from None
        except BaseException as error:
            log_failure(error)
            raise


fill()
