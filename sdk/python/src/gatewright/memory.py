"""A document of a native test, with what the gate has for the real one."""

import json
import re
from typing import Any, Optional

from gatewright.document import MISSING, NESTED, parse
from gatewright.pointer import Pointer
from gatewright.value import Value

INTEGERS = range(-(2**63), 2**63)
"""The integers of the contract."""

_INDEX = re.compile("0|[1-9][0-9]*")


class _Number(str):
    """A number as it was written."""


class Memory:
    """JSON text in memory. A bad pointer is a fault in the gate, and `ValueError` here."""

    def __init__(self, text: str) -> None:
        self._document = json.loads(text, parse_int=_Number, parse_float=_Number)

    def get(self, pointer: str) -> Optional[Value]:
        value = self._at(pointer)
        if value is MISSING:
            return None
        if value is None:
            return Value("null", None)
        if isinstance(value, bool):
            return Value("boolean", value)
        if isinstance(value, _Number):
            is_integer = re.fullmatch("-?[0-9]+", value) and value != "-0" and int(value) in INTEGERS
            return Value("integer", int(value)) if is_integer else Value("number", str(value))
        if isinstance(value, str):
            return Value("text", value)
        return Value("array" if isinstance(value, list) else "object", len(value))

    def keys(self, pointer: str) -> list[str]:
        value = self._at(pointer)
        return list(value) if isinstance(value, dict) else []

    def json(self, pointer: str) -> Optional[str]:
        value = self._at(pointer)
        return None if value is MISSING else _text(value)

    def plain(self, pointer: str) -> Any:
        value = self._at(pointer)
        if isinstance(value, (list, dict)):
            return NESTED
        return parse(value) if isinstance(value, _Number) else value

    def _at(self, pointer: str) -> Any:
        value = self._document
        for name in Pointer(pointer).names():
            if isinstance(value, dict):
                value = value.get(name, MISSING)
            elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
                value = value[int(name)]
            else:
                return MISSING
        return value


def _text(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        members = (f"{json.dumps(name, ensure_ascii=False)}:{_text(item)}" for name, item in value.items())
        return f"{{{','.join(members)}}}"
    return json.dumps(value, ensure_ascii=False)
