"""What stands at a pointer, one level deep."""

from dataclasses import dataclass
from typing import Literal, Union

ValueKind = Literal["null", "boolean", "integer", "number", "text", "array", "object"]


@dataclass(frozen=True)
class Value:
    """A JSON value, one level deep."""

    kind: ValueKind
    """`integer` is written as an integer and fits into 64 bits, `number` is any other."""
    value: Union[None, bool, int, str]
    """`None` for null; an `int` for integers; text for text, and for numbers exactly as
    written; the number of elements or members for arrays and objects."""
