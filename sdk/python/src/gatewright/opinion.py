"""Yes, no and ask, and what comes beside."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Union

from gatewright.note import Note
from gatewright.obligation import Obligation

Refusal = Literal["forbidden", "insufficient-scope", "invalid-arguments", "unsafe-context"]
"""Why a policy refuses: whatever the arguments; for lack of scopes; because of the
arguments; because of what the session did before."""

DECIDE_WITHIN_SECONDS = 24 * 60 * 60
"""How long people have to decide when the policy does not say: a day."""

USE_WITHIN_SECONDS = 900
"""How long an approval stays usable when the policy does not say."""


@dataclass(frozen=True)
class Abstain:
    """Neither yes nor no."""


@dataclass(frozen=True)
class Allow:
    """Yes."""


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
    """Only if people agree."""

    title: str
    """One line for the approver."""
    reason: str
    """Why a person must look at it."""
    show: tuple[str, ...] = ()
    """What an approver must see first: JSON Pointers into the arguments."""
    roles: tuple[str, ...] = ()
    """Roles that may approve; empty means any approver."""
    quorum: int = 1
    """How many different people must approve: 1 to 16."""
    exclude_requester: bool = False
    """Whom the call is made for must not approve it."""
    exclude: tuple[str, ...] = ()
    """Who else must not approve, by id."""
    decide_within_seconds: int = DECIDE_WITHIN_SECONDS
    """How long people have to decide."""
    use_within_seconds: int = USE_WITHIN_SECONDS
    """How long the approval can be used once it is given, by one call."""


Verdict = Union[Abstain, Allow, Deny, Ask]
"""What a policy that judges makes of a call."""


@dataclass
class Opinion:
    """What a policy that judges answers: made by `abstain`, `allow`, `deny` and `ask`."""

    verdict: Verdict
    obligations: list[Obligation] = field(default_factory=list)
    """What the gate owes if the call goes ahead, whoever allows it."""
    notes: list[Note] = field(default_factory=list)
    """Why. Recorded; the agent does not see it."""

    # Both change the opinion that they are called on. If they gave a new one, who
    # forgets to take it would lose an obligation.

    def owing(self, *obligations: Obligation) -> "Opinion":
        """Adds what the gate owes if the call goes ahead, whoever allows it; gives the
        opinion back."""
        self.obligations.extend(obligations)
        return self

    def because(self, rule: str, text: str = "") -> "Opinion":
        """Adds why: a rule that the policy lists, and words for the operator, which may
        be none; gives the opinion back."""
        self.notes.append(Note(rule, text))
        return self

    @property
    def allows(self) -> bool:
        """Whether it is a yes."""
        return isinstance(self.verdict, Allow)

    @property
    def denies(self) -> bool:
        """Whether it is a no."""
        return isinstance(self.verdict, Deny)


def abstain() -> Opinion:
    """Neither yes nor no."""
    return Opinion(Abstain())


def allow() -> Opinion:
    """Yes."""
    return Opinion(Allow())


def deny(message: str, refusal: Refusal = "forbidden", *, scopes: Iterable[str] = ()) -> Opinion:
    """No. Say what to do instead, the agent reads it."""
    return Opinion(Deny(message, refusal, several(scopes)))


def ask(
    title: str,
    reason: str,
    *,
    show: Iterable[str] = (),
    roles: Iterable[str] = (),
    quorum: int = 1,
    exclude_requester: bool = False,
    exclude: Iterable[str] = (),
    decide_within_seconds: int = DECIDE_WITHIN_SECONDS,
    use_within_seconds: int = USE_WITHIN_SECONDS,
) -> Opinion:
    """Only if people agree: a line that says what is to be approved, and why a person
    must look at it."""
    return Opinion(
        Ask(
            title,
            reason,
            several(show),
            several(roles),
            quorum,
            exclude_requester,
            several(exclude),
            decide_within_seconds,
            use_within_seconds,
        )
    )


def several(texts: Iterable[str]) -> tuple[str, ...]:
    """All of them. One text is not taken for its letters."""
    if isinstance(texts, str):
        raise TypeError(f"{texts!r} is one text, and must be several; hint: write [{texts!r}]")
    return tuple(texts)
