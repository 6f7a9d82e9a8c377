"""What facts about a call are made of."""

from dataclasses import dataclass
from typing import Literal, Optional

Proof = Literal["none", "bearer", "sender", "call"]
"""How strongly the caller proved that it holds the credential, weakest first."""

Purpose = Literal["call", "listing"]
"""Why a policy is asked: somebody makes the call, or asks what there is."""

Outcome = Literal["allowed", "denied", "held", "failed", "pending"]
"""`failed`: it went ahead, and no usable answer came back; `pending`: nothing did yet."""


@dataclass(frozen=True)
class Link:
    """An agent on the way from the principal to the one that asks."""

    id: str
    issuer: Optional[str] = None
    """Who says that it may delegate."""


@dataclass(frozen=True)
class Claim:
    """A claim of the credential that the operator lets policies see."""

    name: str
    """The name that the operator gave it."""
    values: list[str]
    """One, or those of a list."""


@dataclass(frozen=True)
class Hints:
    """What the operator pinned about the tool; never what the tool server claims about
    itself. None means that nobody pinned it."""

    read_only: bool = False
    """The tool changes nothing."""
    destructive: bool = False
    """The tool can destroy or overwrite."""
    idempotent: bool = False
    """The same call twice has the effect of one."""
    open_world: bool = False
    """The tool reaches beyond the system it belongs to."""
    untrusted: bool = False
    """What it answers may be written by anybody."""
    sensitive: bool = False
    """What it answers must not leave with another call."""


@dataclass(frozen=True)
class SessionLabel:
    """A label of the session."""

    name: str
    source: Optional[str] = None
    """The binding that left it last; none where that is not recorded."""
    at: Optional[int] = None
    """When it was left last. Unix time, milliseconds; none where that is not recorded."""


@dataclass(frozen=True)
class Approval:
    """Somebody who approved exactly this call."""

    by: str
    """Id of the person."""
    roles: list[str]
    at: int
    """Unix time, milliseconds."""
    method: str
    """How it was shown who approves."""


@dataclass(frozen=True)
class Budget:
    """A budget, in the window that the call falls in."""

    limit: int
    """The most that one window may cost."""
    window_seconds: int
    spent: int
    """What was charged when the call was judged; more than the limit where charges came
    after their calls."""

    @property
    def left(self) -> int:
        """What is left of it."""
        return max(self.limit - self.spent, 0)


@dataclass(frozen=True)
class PastCall:
    """What the session did before."""

    id: str
    """Id of the decision. Several calls have the same where one message named several
    things."""
    at: int
    """Unix time, milliseconds."""
    method: str
    server: str
    name: str
    outcome: Outcome
    reason: Optional[str] = None
    """Why not, if not: a reason of the gate, for example `forbidden`."""
