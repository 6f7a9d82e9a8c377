"""Why a policy answered as it did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A reason for the records; the agent does not see it."""

    rule: str
    """Id of a rule that the policy lists. One that it does not list is recorded as a digest only."""
    text: str = ""
    """In words, for the operator. Recorded as a digest, unless the operator records messages."""
