"""Changes to arguments and results."""

import json as _json
from dataclasses import dataclass, field

from gatewright.note import Note


@dataclass(frozen=True)
class Edit:
    """One change to a JSON document."""

    pointer: str
    """JSON Pointer: the value at it is replaced, a missing member added; `-` appends
    to an array."""
    json: "str | None"
    """The JSON to put there; `None` removes."""

    @staticmethod
    def set(pointer: str, value: object) -> "Edit":
        """Puts a value there."""
        return Edit(pointer, _json.dumps(value, ensure_ascii=False, allow_nan=False))

    @staticmethod
    def set_json(pointer: str, json: str) -> "Edit":
        """Puts JSON text there."""
        return Edit(pointer, json)

    @staticmethod
    def remove(pointer: str) -> "Edit":
        """Removes the member or element."""
        return Edit(pointer, None)


@dataclass
class Revision:
    """What a policy that rewrites arguments answers."""

    edits: list[Edit] = field(default_factory=list)
    """Changes to the arguments, applied in order."""
    notes: list[Note] = field(default_factory=list)
    """Why. Recorded; the agent does not see it."""

    def because(self, rule: str, text: str = "") -> "Revision":
        """Adds why: a rule that the policy lists, and words for the operator, which may
        be none; gives the revision back."""
        self.notes.append(Note(rule, text))
        return self
