"""Canonical JSON (RFC 8785) of what `read` gives."""

import json
from decimal import Decimal


class CannotProve(ValueError):
    """A message that has no canonical form, so nobody can sign it."""


def read(text):
    """Parses JSON; numbers that a double does not hold exactly are errors."""
    return json.loads(text, parse_int=_number, parse_float=_number, object_pairs_hook=_members)


def canonical(value, without=()):
    """The canonical text of a value; of an object, without some members."""
    if isinstance(value, dict):
        members = [(name, member) for name, member in value.items() if name not in without]
        members.sort(key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(name)}:{canonical(member)}" for name, member in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _written(value)


def _text(text):
    return json.dumps(text, ensure_ascii=False)


def _members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise CannotProve("a member stands twice in the message")
    return members


def _number(text):
    number = float(text)
    if number in (float("inf"), float("-inf")) or Decimal(repr(number)) != Decimal(text):
        raise CannotProve(f"a double does not hold {text[:40]} exactly")
    return number


def _written(number):
    """As ECMAScript writes a number."""
    if isinstance(number, int):
        number = _number(str(number))
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    digits = "".join(map(str, digits))
    stripped = digits.rstrip("0")
    point = len(digits) + exponent
    digits = stripped
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        fraction = "." + digits[1:] if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+d}"
    return "-" * sign + text
