"""The arguments beside `/do`."""

from typing import Optional

from gatewright import Node, Request

U32_MAX = 2**32 - 1


def text_at(request: Request, pointer: str) -> str:
    """The text at a pointer; what is no text is empty."""
    value = request.get(pointer)
    return str(value.value) if value is not None and value.kind == "text" else ""


def integer_at(request: Request, pointer: str) -> Optional[int]:
    """The integer at a pointer."""
    found = request.root.get(pointer)
    return None if found is None else found.integer()


def pointer_in(request: Request) -> str:
    """Where to look."""
    return text_at(request, "/pointer")


def node_in(request: Request) -> Optional[Node]:
    """What stands where to look."""
    return request.root.get(pointer_in(request))


def index_in(request: Request) -> int:
    """Which place; what is no place is the first."""
    index = integer_at(request, "/index")
    return index if index is not None and 0 <= index <= U32_MAX else 0
