"""What becomes of a result."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Union

from gatewright.edit import Edit


@dataclass(frozen=True)
class Pass:
    """The result goes on, changed by the edits in order."""

    edits: Iterable[Edit] = ()
    labels: Iterable[str] = ()
    """The session carries these from now on."""


@dataclass(frozen=True)
class Block:
    """The agent gets this text instead of the result."""

    message: str


Finding = Union[Pass, Block]
"""What a policy that reviews answers."""
