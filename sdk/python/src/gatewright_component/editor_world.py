"""The component of a policy that rewrites arguments."""

from typing import Any

from gatewright_component.compact import fill  # before everything else

from componentize_py_types import Err
from wit_world import exports

from gatewright.argument import ArgumentError
from gatewright.definition import Editor
from gatewright_component.answer import description_of, revision_of
from gatewright_component.author import find
from gatewright_component.configured import configured
from gatewright_component.gate import REQUEST, log_failure

EDITOR: Editor[Any] = find(Editor)
DESCRIPTION = description_of(EDITOR.description)
_settings: Any = None


class Revising(exports.Revising):
    def describe(self) -> Any:
        return DESCRIPTION

    def configure(self, settings: str) -> None:
        global _settings
        _settings = configured(EDITOR, settings)

    def revise(self) -> Any:
        try:
            return revision_of(EDITOR(_settings, REQUEST))
        except ArgumentError as error:
            raise Err(str(error)) from None
        except BaseException as error:
            log_failure(error)
            raise


fill()
