"""JSON text, read strictly, and where documents come from."""

import json
from typing import Any, Optional, Protocol

from gatewright.value import Value

MISSING = object()
"""Stands for a value where there is none."""

NESTED = object()
"""Stands for an array or an object where a plain value is asked for."""

DIGITS_MAX = 20
"""The longest integer of 64 bits with its sign. Longer ones are read as `float`."""


class Document(Protocol):
    """Arguments or a result: from the gate in a component, from memory in a test."""

    def get(self, pointer: str) -> Optional[Value]: ...

    def json(self, pointer: str) -> Optional[str]: ...

    def plain(self, pointer: str) -> Any:
        """Text, a number, a boolean or `None`, as `parse` reads it; `NESTED` for an array
        or an object, `MISSING` for nothing."""


def _whole(text: str) -> "int | float":
    return float(text) if text == "-0" or len(text) > DIGITS_MAX else int(text)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(f"`{constant}` is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_whole, parse_constant=_refuse
)


def parse(text: str) -> Any:
    """Reads JSON text (RFC 8259). What is written as an integer becomes an `int`, every
    other number a `float`. Raises `ValueError`."""
    return _DECODER.decode(text)
