"""What a policy says about itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional, get_args

Power = Literal[
    "allow",
    "deny",
    "ask",
    "charge",
    "label",
    "declassify",
    "redact",
    "limit-result",
    "edit",
    "block",
]
"""One thing that an answer can do. The operator grants them to a binding; an answer that
needs one that was not granted is a fault."""

POWERS: tuple[Power, ...] = get_args(Power)
"""All of them, as the contract lists them."""


@dataclass(frozen=True)
class Description:
    """What a policy is, whatever its settings."""

    powers: tuple[Power, ...]
    """Every power that any of its answers may need."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """The rules that notes refer to: a stable id, and one line for a person."""
    schema: Optional[str] = None
    """A JSON Schema of the settings."""


def described(powers: Iterable[Power], rules: Mapping[str, str], schema: Optional[str]) -> Description:
    """A description that the contract can express. Raises `ValueError`."""
    if isinstance(powers, str):
        raise ValueError(f"`powers` is `{powers}`, and must be several; hint: write [{powers!r}]")
    wanted = tuple(powers)
    for power in wanted:
        if power not in POWERS:
            raise ValueError(f"`{power}` is no power; hint: there are {', '.join(POWERS)}")
    return Description(wanted, dict(rules), schema)
