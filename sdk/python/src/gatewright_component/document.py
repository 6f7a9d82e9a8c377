"""Documents that the gate has, in the shapes of the SDK."""

import weakref
from typing import Any, Optional

from wit_world.imports import json

from gatewright.document import MISSING, NESTED, parse
from gatewright.node import Kind, Node
from gatewright.value import Value

_KINDS: dict[type, Any] = {
    json.Value_Boolean: "boolean",
    json.Value_Integer: "integer",
    json.Value_Number: "number",
    json.Value_Text: "text",
    json.Value_Array: "array",
    json.Value_Object: "object",
}
_NULL = Value("null", None)
_NESTED = (json.Value_Array, json.Value_Object)
_NODE_KINDS: list[Kind] = ["null", "boolean", "number", "text", "array", "object"]
"""By the number of the kind: enums are slow."""


class GateNode(Node):
    """A place in a document of the gate."""

    __slots__ = ("_node",)

    def __init__(self, node: json.Node) -> None:
        self._node = node

    def kind(self) -> Kind:
        return _NODE_KINDS[self._node.kind()._value_]

    def value(self) -> Value:
        return _value(self._node.value())

    def len(self) -> int:
        length: int = self._node.len()
        return length

    def get(self, pointer: str) -> Optional[Node]:
        return node_of(self._node.get(pointer))

    def member(self, name: str) -> Optional[Node]:
        return node_of(self._node.member(name))

    def _at(self, index: int) -> Optional[Node]:
        return node_of(self._node.at(index))

    def children(self) -> list[Node]:
        return [GateNode(node) for node in self._node.children()]

    def keys(self) -> list[str]:
        names: list[str] = self._node.keys()
        return names

    def text(self) -> Optional[str]:
        text: Optional[str] = self._node.text()
        return text

    def json(self) -> str:
        text: str = self._node.json()
        return text


def node_of(node: Optional[json.Node]) -> Optional[Node]:
    return None if node is None else GateNode(node)


class Source:
    """The arguments or what came back."""

    def __init__(self, interface: Any) -> None:
        self._get = interface.get
        self.json = interface.json

    def get(self, pointer: str) -> Optional[Value]:
        value = self._get(pointer)
        return None if value is None else _value(value)

    def plain(self, pointer: str) -> Any:
        value = self._get(pointer)
        kind = type(value)
        if value is None:
            return MISSING
        if kind is json.Value_Null:
            return None
        if kind in _NESTED:
            return NESTED
        return parse(value.value) if kind is json.Value_Number else value.value


def _value(value: Any) -> Value:
    kind = _KINDS.get(type(value))
    return _NULL if kind is None else Value(kind, value.value)


class _Sample:
    """Something to end."""


# The first node of a call would set up what the library needs for the end of nodes.
weakref.finalize(_Sample(), int)
