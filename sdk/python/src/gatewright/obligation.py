"""What the gate must do if the call goes ahead. Each needs the power of its name."""

from dataclasses import dataclass
from typing import Literal, Union


@dataclass(frozen=True)
class WindowLimit:
    """A budget in fixed windows."""

    limit: int
    """The most that one window may cost."""
    window_seconds: int
    """Length of the window; 0 counts as 1."""


@dataclass(frozen=True)
class SetLimit:
    """What the operator set for the binding."""

    budget: str
    """Its name in `[binding.budgets]`. A name that is not set is a fault."""


OnFailure = Literal["keep", "refund"]
"""What happens to a charge if no usable answer comes back."""


@dataclass(frozen=True)
class Charge:
    """Charge a budget; a call that would overrun it is denied."""

    key: str
    """Counted per binding and key."""
    limit: Union[WindowLimit, SetLimit]
    """How much the budget holds."""
    cost: int = 1
    """What this call costs."""
    on_failure: OnFailure = "keep"
    """Whether it is given back if no usable answer comes back."""

    @staticmethod
    def fixed(
        key: str, *, limit: int, window_seconds: int, cost: int = 1, on_failure: OnFailure = "keep"
    ) -> "Charge":
        """A cost in windows of a fixed size."""
        return Charge(key, WindowLimit(limit, window_seconds), cost, on_failure)

    @staticmethod
    def set(key: str, budget: str, *, cost: int = 1, on_failure: OnFailure = "keep") -> "Charge":
        """A cost in the budget that the operator set for the binding under a name."""
        return Charge(key, SetLimit(budget), cost, on_failure)


@dataclass(frozen=True, init=False)
class Label:
    """Leave labels on the session."""

    labels: tuple[str, ...]

    def __init__(self, *labels: str) -> None:
        object.__setattr__(self, "labels", labels)


@dataclass(frozen=True, init=False)
class Declassify:
    """Take labels off the session."""

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


Obligation = Union[Charge, Label, Declassify, Redact, LimitResult]
"""What the gate must do if the call goes ahead."""
