"""A document of a native test, with what the gate has for the real one."""

import json
import re
from typing import Any, Optional

from gatewright.document import MISSING, NESTED, parse
from gatewright.node import Kind, Node
from gatewright.pointer import Pointer
from gatewright.value import Value

INTEGERS = range(-(2**63), 2**63)
"""The integers of the contract."""

_INDEX = re.compile("0|[1-9][0-9]*")


class _Number(str):
    """A number as it was written."""


class MemoryNode(Node):
    """One value in memory. A bad pointer is a fault in the gate, and `ValueError` here."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def kind(self) -> Kind:
        value = self._value
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "boolean"
        if isinstance(value, _Number):
            return "number"
        if isinstance(value, str):
            return "text"
        return "array" if isinstance(value, list) else "object"

    def value(self) -> Value:
        value = self._value
        if isinstance(value, (list, dict)):
            return Value("array" if isinstance(value, list) else "object", len(value))
        if isinstance(value, _Number):
            is_integer = re.fullmatch("-?[0-9]+", value) and value != "-0" and int(value) in INTEGERS
            return Value("integer", int(value)) if is_integer else Value("number", str(value))
        return Value(self.kind(), value)

    def len(self) -> int:
        value = self._value
        if self.kind() == "text":
            return len(value.encode())
        return len(value) if isinstance(value, (list, dict)) else 0

    def get(self, pointer: str) -> Optional[Node]:
        value = self._value
        for name in Pointer(pointer).names():
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
                value = value[int(name)]
            else:
                return None
        return MemoryNode(value)

    def member(self, name: str) -> Optional[Node]:
        is_there = isinstance(self._value, dict) and name in self._value
        return MemoryNode(self._value[name]) if is_there else None

    def _at(self, index: int) -> Optional[Node]:
        return next(iter(self.children()[index : index + 1]), None)

    def children(self) -> list[Node]:
        if isinstance(self._value, dict):
            return [MemoryNode(value) for value in self._value.values()]
        return [MemoryNode(value) for value in self._value] if isinstance(self._value, list) else []

    def keys(self) -> list[str]:
        return list(self._value) if isinstance(self._value, dict) else []

    def text(self) -> Optional[str]:
        return str(self._value) if self.kind() == "text" else None

    def json(self) -> str:
        return _text(self._value)


class Memory:
    """JSON text in memory."""

    def __init__(self, text: str) -> None:
        self.root: Node = MemoryNode(json.loads(text, parse_int=_Number, parse_float=_Number))

    def get(self, pointer: str) -> Optional[Value]:
        node = self.root.get(pointer)
        return None if node is None else node.value()

    def json(self, pointer: str) -> Optional[str]:
        node = self.root.get(pointer)
        return None if node is None else node.json()

    def plain(self, pointer: str) -> Any:
        node = self.root.get(pointer)
        if node is None:
            return MISSING
        return NESTED if node.kind() in ("array", "object") else parse(node.json())


def _text(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        members = (f"{json.dumps(name, ensure_ascii=False)}:{_text(item)}" for name, item in value.items())
        return f"{{{','.join(members)}}}"
    return json.dumps(value, ensure_ascii=False)
