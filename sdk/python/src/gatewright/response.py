"""What a reviewer looks at."""

from collections.abc import Callable
from typing import Any, Optional, TypeVar, Union, overload

from gatewright.argument import read_at
from gatewright.document import MISSING, Document
from gatewright.value import Value

T = TypeVar("T")
D = TypeVar("D")


class Response:
    """What the tool answered to a call that went ahead: the `result` of the JSON-RPC
    response. Pointers work as in `Request`."""

    def __init__(self, result: Document, is_error: Callable[[], bool]) -> None:
        self._result = result
        self._is_error = is_error

    @property
    def is_error(self) -> bool:
        """Whether the tool reported an error (`isError`)."""
        return self._is_error()

    @overload
    def read(self, pointer: str, kind: type[T]) -> T: ...
    @overload
    def read(self, pointer: str, kind: type[T], default: D) -> Union[T, D]: ...
    @overload
    def read(self, pointer: str, kind: Any = Any, default: Any = MISSING) -> Any: ...
    def read(self, pointer: str, kind: Any = Any, default: Any = MISSING) -> Any:
        """The value at a pointer, as in `Request.argument`."""
        return read_at(self._result, pointer, kind, default)

    def get(self, pointer: str) -> Optional[Value]:
        """What stands at a pointer, one level deep, or nothing."""
        return self._result.get(pointer)

    def keys(self, pointer: str) -> list[str]:
        """Member names of the object at a pointer; empty where there is no object."""
        return self._result.keys(pointer)

    def json(self, pointer: str) -> Optional[str]:
        """The JSON text at a pointer, as the tool server wrote it."""
        return self._result.json(pointer)
