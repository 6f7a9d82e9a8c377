"""What becomes of a result, and what comes beside."""

from dataclasses import dataclass, field
from typing import Union

from gatewright.edit import Edit
from gatewright.note import Note
from gatewright.obligation import Charge


@dataclass(frozen=True)
class Pass:
    """The result goes on to the agent."""

    edits: tuple[Edit, ...] = ()
    """Changed like this, in order."""


@dataclass(frozen=True)
class Block:
    """The agent gets this text instead of the result."""

    message: str


Finding = Union[Pass, Block]
"""What becomes of a result."""


@dataclass
class Report:
    """What a policy that reviews answers: made by `pass_on` and `block`."""

    finding: Finding
    labels: list[str] = field(default_factory=list)
    """The session carries these from now on, whatever the finding."""
    charges: list[Charge] = field(default_factory=list)
    """What the call cost beyond what was charged before it. Charged also where it
    overruns the budget; `on_failure` says nothing here."""
    notes: list[Note] = field(default_factory=list)
    """Why. Recorded; the agent does not see it."""

    # As in `Opinion`, these change the report that they are called on.

    def labelling(self, *labels: str) -> "Report":
        """Adds labels that the session carries from now on, whatever the finding; gives
        the report back."""
        self.labels.extend(labels)
        return self

    def charging(self, *charges: Charge) -> "Report":
        """Adds what the call cost beyond what was charged before it; gives the report
        back."""
        self.charges.extend(charges)
        return self

    def because(self, rule: str, text: str = "") -> "Report":
        """Adds why: a rule that the policy lists, and words for the operator, which may
        be none; gives the report back."""
        self.notes.append(Note(rule, text))
        return self

    @property
    def passes(self) -> bool:
        """Whether the result goes on."""
        return isinstance(self.finding, Pass)

    @property
    def blocks(self) -> bool:
        """Whether the agent gets a text instead."""
        return isinstance(self.finding, Block)


def pass_on(*edits: Edit) -> Report:
    """The result goes on to the agent, changed like this, in order."""
    return Report(Pass(edits))


def block(message: str) -> Report:
    """The agent gets this text instead of the result."""
    return Report(Block(message))
