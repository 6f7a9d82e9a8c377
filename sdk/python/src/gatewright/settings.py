"""Settings, read once from JSON text."""

from typing import Any

from gatewright.argument import plural
from gatewright.document import parse
from gatewright.pointer import Pointer
from gatewright.reader import Mismatch, Reader


class SettingsError(Exception):
    """The settings do not fit. A policy may raise it, too, in `__post_init__` of its
    settings."""

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        """For the operator."""
        self.pointer = Pointer(pointer)
        """JSON Pointer to what is wrong; `""` where it is no single place."""


def read_settings(reader: Reader, text: str) -> Any:
    """Reads settings; raises `SettingsError`."""
    try:
        value = parse(text)
    except ValueError:
        raise SettingsError("settings are not JSON") from None
    try:
        return reader(value)
    except Mismatch as error:
        raise SettingsError(_explain(error), _place(error)) from error


def _explain(error: Mismatch) -> str:
    if not error.path:
        return f"settings {plural(error.problem)}"
    name = "/".join(error.path)
    return f"unknown setting {name}" if error.problem == "is unknown" else f"{name} {error.problem}"


def _place(error: Mismatch) -> Pointer:
    """What is missing is at no place: that is where it should have been."""
    path = error.path[:-1] if error.problem == "is missing" else error.path
    place = Pointer()
    for name in path:
        place = place.child(name)
    return place
