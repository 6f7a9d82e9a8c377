"""JSON as the gate has parsed it."""

from abc import ABC, abstractmethod
from typing import Literal, Optional

from gatewright.value import Value

Kind = Literal["null", "boolean", "number", "text", "array", "object"]
"""What kind of value a node is."""

U32_MAX = 2**32 - 1


class Node(ABC):
    """One value of a document. Walking it costs what is read, and needs no parser."""

    # No `__len__`: what is there must not count as false because it is empty.
    __slots__ = ()

    @abstractmethod
    def kind(self) -> Kind:
        """What kind of value it is."""

    @abstractmethod
    def value(self) -> Value:
        """The value, one level deep."""

    @abstractmethod
    def len(self) -> int:
        """Elements of an array, members of an object, bytes of a text; 0 for others."""

    @abstractmethod
    def get(self, pointer: str) -> "Optional[Node]":
        """The value at a pointer, from here, or nothing."""

    @abstractmethod
    def member(self, name: str) -> "Optional[Node]":
        """The member of this name, which is no pointer, or nothing."""

    def at(self, index: int) -> "Optional[Node]":
        """The element or, in the order of the message, the member at a place. To go
        through all of them, `children` costs less."""
        if not 0 <= index <= U32_MAX:
            raise ValueError(f"`index` is {index!r}, and must be an integer from 0 to {U32_MAX}")
        return self._at(index)

    @abstractmethod
    def _at(self, index: int) -> "Optional[Node]": ...

    @abstractmethod
    def children(self) -> "list[Node]":
        """All elements or, in the order of the message, the values of all members."""

    @abstractmethod
    def keys(self) -> list[str]:
        """Member names, in the order of the message; empty where this is no object."""

    @abstractmethod
    def text(self) -> Optional[str]:
        """The text; `None` where this is none."""

    @abstractmethod
    def json(self) -> str:
        """The JSON text, as it was written."""

    def integer(self) -> Optional[int]:
        """The integer that stands here, if it is written as one and fits into 64 bits."""
        value = self.value()
        return value.value if value.kind == "integer" and isinstance(value.value, int) else None

    def boolean(self) -> Optional[bool]:
        """The boolean that stands here."""
        value = self.value()
        return value.value if isinstance(value.value, bool) else None
