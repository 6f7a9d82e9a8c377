"""What a reviewer looks at."""

from dataclasses import dataclass
from typing import Any, Literal, Optional, TypeVar, Union, overload

from gatewright.argument import read_at
from gatewright.document import MISSING, Document
from gatewright.node import Node
from gatewright.value import Value

T = TypeVar("T")
D = TypeVar("D")

ResponseKind = Literal["final", "error", "notification"]
"""The `result` of the answer; its `error`; the `params` of a message on the way."""


@dataclass(eq=False, kw_only=True)
class Response:
    """What came back of a call that went ahead. Facts and pointers work as in `Request`."""

    kind: ResponseKind
    """What it is."""
    method: Optional[str]
    """The method of a notification."""
    is_error: bool
    """Whether the tool reported an error: `isError` in the result, or an `error`."""
    root: Node
    """All of it, to walk through."""
    _document: Document

    @overload
    def read(self, pointer: str, kind: type[T]) -> T: ...
    @overload
    def read(self, pointer: str, kind: type[T], default: D) -> Union[T, D]: ...
    @overload
    def read(self, pointer: str, kind: Any = Any, default: Any = MISSING) -> Any: ...
    def read(self, pointer: str, kind: Any = Any, default: Any = MISSING) -> Any:
        """The value at a pointer, as in `Request.argument`."""
        return read_at(self._document, pointer, kind, default)

    def get(self, pointer: str) -> Optional[Value]:
        """What stands at a pointer, one level deep, or nothing."""
        return self._document.get(pointer)

    def keys(self, pointer: str) -> list[str]:
        """Member names of the object at a pointer; empty where there is no object."""
        node = self.root.get(pointer)
        return [] if node is None else node.keys()

    def json(self, pointer: str) -> Optional[str]:
        """The JSON text at a pointer, as the tool server wrote it, or nothing."""
        return self._document.json(pointer)
