"""Settings, read once from JSON text."""

from typing import Any

from gatewright.argument import plural
from gatewright.document import parse
from gatewright.reader import Mismatch, Reader


class SettingsError(Exception):
    """The settings do not fit; the message is for the operator."""


def read_settings(reader: Reader, text: str) -> Any:
    """Reads settings; raises `SettingsError`."""
    try:
        value = parse(text)
    except ValueError:
        raise SettingsError("settings are not JSON") from None
    try:
        return reader(value)
    except Mismatch as error:
        raise SettingsError(_explain(error)) from error


def _explain(error: Mismatch) -> str:
    if not error.path:
        return f"settings {plural(error.problem)}"
    name = "/".join(error.path)
    return f"unknown setting {name}" if error.problem == "is unknown" else f"{name} {error.problem}"
