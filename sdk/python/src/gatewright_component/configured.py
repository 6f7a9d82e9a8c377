"""Settings, read once; calls start from what is there then."""

import gc
from typing import Any

from componentize_py_types import Err

from gatewright.settings import SettingsError
from gatewright_component.answer import settings_error_of
from gatewright_component.gate import log_failure


def configured(definition: Any, text: str) -> Any:
    """The settings of a policy, editor or reviewer; what it refuses is for the operator."""
    try:
        settings = definition.read_settings(text)
    except SettingsError as error:
        raise Err(settings_error_of(error)) from None
    except BaseException as error:
        log_failure(error)
        raise
    _settle()
    return settings


def _settle() -> None:
    """Each call has a memory of its own, which ends with it: a garbage collector would
    only write to all of what is there."""
    gc.collect()
    gc.disable()
    gc.freeze()
