"""From JSON values to Python ones, by type: what does not fit is refused with a reason."""

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, Union

from gatewright.document import MISSING
from gatewright.pattern import Pattern
from gatewright.pointer import Pointer

Reader = Callable[[Any], Any]
"""Takes a JSON value, gives a Python one, or raises `Mismatch`."""


class Mismatch(Exception):
    """What is wrong with a value: `problem` is a phrase like `is not text`."""

    def __init__(self, problem: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def below(self, name: object) -> "Mismatch":
        """The same, seen from one level further up."""
        return Mismatch(self.problem, (str(name), *self.path))


@dataclasses.dataclass(frozen=True)
class _Called:
    what: str


@dataclasses.dataclass(frozen=True)
class _Named:
    name: str


def called(what: str) -> object:
    """In `Annotated`: a value that does not fit `is not ..` with these words."""
    return _Called(what)


def named(name: str) -> object:
    """In `Annotated`: how a member is called in JSON, where Python does not allow it."""
    return _Named(name)


@functools.cache
def reader_of(kind: Any) -> Reader:
    """The reader of a type: `str`, `bool`, `int`, `float`, `Literal`, `list`, `tuple[T,
    ...]`, `dict[str, T]`, `T | None`, dataclasses, `Pointer`, `Pattern`, `Any`, and
    `Annotated` with `called` or with functions that change a value or raise
    `ValueError`."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _annotated(reader_of(arguments[0]), kind.__metadata__)
    if origin is Literal:
        return _one_of(arguments)
    if origin in (list, tuple):
        return _sequence(origin, reader_of(arguments[0]))
    if origin is dict and arguments[0] is str:
        return _record(reader_of(arguments[1]))
    if origin in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        return _nullable(reader_of(next(kind for kind in arguments if kind is not type(None))))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _members(kind)
    raise TypeError(f"settings and arguments cannot have the type {kind!r}")


def _reader(what: str, accepts: Callable[[Any], bool]) -> Reader:
    def read(value: Any) -> Any:
        if accepts(value):
            return value
        raise _mismatch(value, what)

    return read


def _of_type(kind: type, what: str) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise _mismatch(value, what)

    return read


def _mismatch(value: Any, what: str) -> Mismatch:
    return Mismatch("is missing" if value is MISSING else f"is not {what}")


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _change(reader: Reader, change: Callable[[Any], Any]) -> Reader:
    def read(value: Any) -> Any:
        found = reader(value)
        try:
            return change(found)
        except ValueError as error:
            raise Mismatch(str(error)) from error

    return read


_text = _of_type(str, "text")

_PLAIN: dict[Any, Reader] = {
    str: _text,
    bool: _of_type(bool, "true or false"),
    int: _of_type(int, "an integer"),
    float: _change(_reader("a number", _is_number), float),
    Pattern: _change(_text, Pattern),
    Pointer: _change(_text, Pointer),
    Any: _reader("anything", lambda value: value is not MISSING),
}

PLAIN = frozenset({str, bool, int, float, Pattern, Pointer})
"""The types that are read from a plain value: arrays and objects are never one of them."""


def _annotated(reader: Reader, metadata: tuple[Any, ...]) -> Reader:
    for extra in metadata:
        if isinstance(extra, _Called):
            reader = _explained(reader, extra.what)
        elif callable(extra):
            reader = _change(reader, extra)
    return reader


def _explained(reader: Reader, what: str) -> Reader:
    def read(value: Any) -> Any:
        try:
            return reader(value)
        except Mismatch as error:
            raise _mismatch(value, what) from error

    return read


def _one_of(choices: tuple[Any, ...]) -> Reader:
    what = f"one of {', '.join(map(str, choices))}"
    return _reader(
        what, lambda value: any(type(value) is type(choice) and value == choice for choice in choices)
    )


def _nullable(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _below(reader: Reader, value: Any, name: object) -> Any:
    try:
        return reader(value)
    except Mismatch as error:
        raise error.below(name) from None


def _sequence(make: Callable[[Any], Any], element: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _mismatch(value, "a list")
        return make(_below(element, item, index) for index, item in enumerate(value))

    return read


def _record(member: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _mismatch(value, "an object")
        return {name: _below(member, item, name) for name, item in value.items()}

    return read


def _members(kind: type) -> Reader:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    members = [(field, json_name(field, hints), reader_of(hints[field.name])) for field in fields]
    known = {name for _, name, _ in members}

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _mismatch(value, "an object")
        given = {}
        for field, name, reader in members:
            item = value.get(name, MISSING)
            if item is not MISSING or not has_default(field):
                given[field.name] = _below(reader, item, name)
        for name in value:
            if name not in known:
                raise Mismatch("is unknown", (name,))
        try:
            return kind(**given)
        except ValueError as error:
            raise Mismatch(f"does not fit: {error}") from error

    return read


def has_default(field: "dataclasses.Field[Any]") -> bool:
    """Whether a member may be absent."""
    nothing = dataclasses.MISSING
    return field.default is not nothing or field.default_factory is not nothing


def json_name(field: "dataclasses.Field[Any]", hints: dict[str, Any]) -> str:
    """How a member is called in JSON; `hints` are those of its dataclass."""
    for extra in getattr(hints[field.name], "__metadata__", ()):
        if isinstance(extra, _Named):
            return extra.name
    return field.name
