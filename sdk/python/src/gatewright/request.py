"""What a policy is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Optional, TypeVar, Union, overload

from gatewright.argument import read_at
from gatewright.document import MISSING, Document
from gatewright.value import Value

T = TypeVar("T")
D = TypeVar("D")

Proof = Literal["none", "bearer", "sender", "call"]
"""How strongly the caller proved that it holds the credential, weakest first."""

Outcome = Literal["allowed", "denied", "held", "failed"]
"""`failed`: it went ahead, and no usable answer came back, or none yet."""


@dataclass(frozen=True)
class Subject:
    """The agent, and the person or organisation it acts for."""

    id: str
    """Stable id of the agent: a DID, a SPIFFE id, an OAuth client id."""
    issuer: str
    """Who issued the credential."""
    principal: Optional[str]
    """The person or organisation the agent acts for."""
    owner: Optional[str]
    """The accountable owner from the agent registry."""
    delegation: list[str]
    """Every agent between the principal and the subject, nearest the principal first."""
    scopes: list[str]
    """What the credential covers, for example `files:read_*`."""
    proof: Proof
    """How the credential was proved for this call."""
    expires_at: int
    """When the credential ends. Unix time, milliseconds."""


@dataclass(frozen=True)
class Hints:
    """What the operator pinned about the tool; never what the tool server claims about
    itself."""

    read_only: bool = False
    """The tool changes nothing."""
    destructive: bool = False
    """The tool can destroy or overwrite."""
    idempotent: bool = False
    """The same call twice has the effect of one."""
    open_world: bool = False
    """The tool reaches beyond the system it belongs to."""


@dataclass(frozen=True)
class Action:
    """What the agent wants to do."""

    method: str
    """The MCP method, for example `tools/call`."""
    server: str
    """The configured name of the tool server."""
    name: str
    """The tool or prompt name, or the resource URI. Empty for methods that name nothing."""
    hints: Hints
    """What the operator pinned about it."""


@dataclass(frozen=True)
class Context:
    """Everything else that a decision may rest on."""

    at: int
    """When the gate received the call. Unix time, milliseconds."""
    session: str
    """Groups the calls made with one credential."""
    labels: list[str]
    """Labels that earlier calls of this session left behind, sorted."""
    approvers: list[str]
    """People who already approved exactly this call."""


@dataclass(frozen=True)
class PastCall:
    """What the session did before."""

    at: int
    """Unix time, milliseconds."""
    method: str
    server: str
    name: str
    outcome: Outcome


class Request:
    """One call: who asks, what for, under which conditions, with which arguments (the
    `arguments` of `tools/call` and `prompts/get`, the `params` of every other method).

    Pointers are JSON Pointers (RFC 6901), `""` is the whole. One that is not
    well-formed is a fault: the call is denied and the operator told.
    """

    def __init__(
        self,
        subject: Subject,
        action: Action,
        context: Context,
        arguments: Document,
        recent: Callable[[int], list[PastCall]],
    ) -> None:
        self.subject = subject
        """The agent, and whom it acts for."""
        self.action = action
        """What the agent wants to do."""
        self.context = context
        """Everything else that a decision may rest on."""
        self._arguments = arguments
        self._recent = recent

    @property
    def is_listing(self) -> bool:
        """Whether this asks if a tool, prompt or resource may be shown in a list, and not
        if it may be used. There are no arguments then; a denial hides the entry, and no
        allow is needed to show it."""
        return self.action.method.endswith("/list")

    @overload
    def argument(self, pointer: str, kind: type[T]) -> T: ...
    @overload
    def argument(self, pointer: str, kind: type[T], default: D) -> Union[T, D]: ...
    @overload
    def argument(self, pointer: str, kind: Any = Any, default: Any = MISSING) -> Any: ...
    def argument(self, pointer: str, kind: Any = Any, default: Any = MISSING) -> Any:
        """The argument at a pointer. One that is missing or does not fit raises
        `ArgumentError`, which denies the call unless the policy catches it. With a
        default, what is missing or `null` becomes that."""
        return read_at(self._arguments, pointer, kind, default)

    def get(self, pointer: str) -> Optional[Value]:
        """What stands at a pointer, one level deep, or nothing."""
        return self._arguments.get(pointer)

    def keys(self, pointer: str) -> list[str]:
        """Member names of the object at a pointer; empty where there is no object."""
        return self._arguments.keys(pointer)

    def json(self, pointer: str) -> Optional[str]:
        """The JSON text at a pointer, as the agent wrote it."""
        return self._arguments.json(pointer)

    def history(self, limit: int) -> list[PastCall]:
        """The latest calls of the session, newest first, at most `limit`; the gate keeps
        the last 64. Only for policies that judge."""
        return self._recent(limit)
