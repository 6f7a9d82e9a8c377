"""What the gate must do if the call goes ahead."""

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class Charge:
    """Charge a quota, counted in fixed windows; a call that would overrun it is denied."""

    key: str
    """Counted per binding and key."""
    limit: int
    """The most that one window may cost."""
    window_seconds: int
    """Length of the window."""
    cost: int = 1
    """What this call costs."""


@dataclass(frozen=True, init=False)
class Label:
    """Leave labels on the session."""

    labels: tuple[str, ...]

    def __init__(self, *labels: str) -> None:
        object.__setattr__(self, "labels", labels)


@dataclass(frozen=True, init=False)
class Redact:
    """Replace what stands at these JSON Pointers in the result with `null`."""

    pointers: tuple[str, ...]

    def __init__(self, *pointers: str) -> None:
        object.__setattr__(self, "pointers", pointers)


@dataclass(frozen=True)
class LimitResult:
    """Withhold a result larger than this many bytes."""

    bytes: int


Obligation = Union[Charge, Label, Redact, LimitResult]
"""What the gate must do if the call goes ahead."""
