"""Yes, no, and ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Union

from gatewright.obligation import Obligation

Refusal = Literal["forbidden", "insufficient-scope", "invalid-arguments", "unsafe-context"]
"""Why a policy refuses: whatever the arguments; for lack of scopes; because of the
arguments; because of what the session did before."""

TTL_SECONDS = 900
"""How long an approval stays usable when the policy does not say."""


@dataclass(frozen=True)
class Abstain:
    """No opinion."""


@dataclass(frozen=True)
class Allow:
    """Yes, if the gate meets the obligations."""

    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True)
class Deny:
    """No. Nothing outweighs it."""

    message: str
    """Shown to the agent: say what to do instead, and nothing secret."""
    refusal: Refusal = "forbidden"
    scopes: tuple[str, ...] = ()
    """Scopes that would have been enough; only with `insufficient-scope`."""


@dataclass(frozen=True)
class Ask:
    """Only if a person agrees."""

    title: str
    """One line for the approver."""
    reason: str
    """Why a person must look at it."""
    roles: tuple[str, ...] = ()
    """Roles that may approve; empty means any approver."""
    quorum: int = 1
    """How many different people must approve; 0 counts as 1."""
    ttl_seconds: int = TTL_SECONDS
    """How long a granted approval stays usable."""


Verdict = Union[Abstain, Allow, Deny, Ask]
"""What a policy that judges answers."""


def abstain() -> Verdict:
    """No opinion."""
    return Abstain()


def allow(*obligations: Obligation) -> Verdict:
    """Yes, if the gate meets these obligations."""
    return Allow(obligations)


def deny(message: str, refusal: Refusal = "forbidden", *, scopes: Iterable[str] = ()) -> Verdict:
    """No. Say what to do instead, the agent reads it."""
    return Deny(message, refusal, tuple(scopes))


def ask(
    title: str,
    reason: str,
    *,
    roles: Iterable[str] = (),
    quorum: int = 1,
    ttl_seconds: int = TTL_SECONDS,
) -> Verdict:
    """Only if a person agrees: a line that says what is to be approved, and why a
    person must look at it."""
    return Ask(title, reason, tuple(roles), quorum, ttl_seconds)
