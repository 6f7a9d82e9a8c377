"""The JSON Schema of a settings type."""

import dataclasses
import json
import types
import typing
from typing import Any, Literal, Union

from gatewright.pattern import Pattern
from gatewright.pointer import Pointer
from gatewright.reader import has_default, json_name

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Pattern: {"type": "string"},
    Pointer: {"type": "string"},
    Any: {},
}


def schema_of(settings: Any) -> str:
    """The JSON Schema (2020-12) of a type that settings can have, as JSON text. What a
    function in `Annotated` refuses besides is not in it."""
    return json.dumps({"$schema": _DIALECT, **_schema(settings)})


def _schema(kind: Any) -> dict[str, Any]:
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _schema(arguments[0])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (list, tuple):
        return {"type": "array", "items": _schema(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    if origin in (Union, types.UnionType):
        return _nullable(_schema(next(kind for kind in arguments if kind is not type(None))))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _members(kind)
    raise TypeError(f"settings cannot have the type {kind!r}")


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]} if "type" in schema else schema


def _members(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {json_name(field, hints): _schema(hints[field.name]) for field in fields},
        "required": [json_name(field, hints) for field in fields if not has_default(field)],
    }
