"""Typed access to arguments and results."""

from typing import Any

from gatewright.document import MISSING, Document, parse
from gatewright.pointer import Pointer
from gatewright.reader import PLAIN, Mismatch, reader_of


class ArgumentError(Exception):
    """There is no value of the wanted type. Denies the call with `invalid-arguments`
    when a policy lets it go."""

    def __init__(self, pointer: str, problem: str) -> None:
        if pointer:
            super().__init__(f"the argument `{pointer}` {problem}")
        else:
            super().__init__(f"the arguments {plural(problem)}")
        self.pointer = pointer
        """Where."""
        self.problem = problem
        """What is wrong, for example `is missing`."""


_PLURALS = {"is": "are", "does": "do"}


def plural(problem: str) -> str:
    """`is not text`, said of several."""
    verb, _, rest = problem.partition(" ")
    return f"{_PLURALS.get(verb, verb)} {rest}"


def read_at(document: Document, pointer: str, kind: Any, default: Any = MISSING) -> Any:
    """Reads what stands at a pointer; with a default, nothing and `null` become that."""
    if kind in PLAIN:
        value = document.plain(pointer)
    else:
        text = document.json(pointer)
        value = MISSING if text is None else parse(text)
    if default is not MISSING and (value is MISSING or value is None):
        return default
    try:
        return reader_of(kind)(value)
    except Mismatch as error:
        place = Pointer(pointer)
        for name in error.path:
            place = place.child(name)
        raise ArgumentError(place, error.problem) from None
