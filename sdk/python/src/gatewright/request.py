"""What a policy is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional, TypeVar, Union, overload

from gatewright.argument import read_at
from gatewright.document import MISSING, Document
from gatewright.fact import Approval, Budget, Claim, Hints, Link, PastCall, Proof, Purpose, SessionLabel
from gatewright.node import U32_MAX, Node
from gatewright.value import Value

T = TypeVar("T")
D = TypeVar("D")


@dataclass(eq=False, kw_only=True)
class Request:
    """One call. Each fact is read from the gate when it is looked at, and costs nothing
    before.

    Arguments are the `arguments` of `tools/call` and `prompts/get`, the `params` of every
    other method. Pointers are JSON Pointers (RFC 6901), `""` is the whole. One that is
    not well-formed is a fault: the call is denied and the operator told.
    """

    agent: str
    """Stable id of the agent: a DID, a SPIFFE id, an OAuth client id."""
    issuer: str
    """Who issued the credential."""
    principal: Optional[str]
    """The person or organisation the agent acts for."""
    owner: Optional[str]
    """The accountable owner, as the agent registry of the gate has it."""
    chain: list[Link]
    """Every agent between the principal and this one, nearest the principal first."""
    scopes: list[str]
    """What the credential covers, for example `files:read_*`."""
    proof: Proof
    """How strongly the caller proved that it holds the credential."""
    expires_at: int
    """When the credential ends. Unix time, milliseconds."""
    claims: list[Claim]
    """The claims of the credential that the operator lets policies see: groups, roles, a
    tenant. Sorted by name."""
    purpose: Purpose
    """Why the policy is asked."""
    method: str
    """The MCP method, for example `tools/call`."""
    server: str
    """The configured name of the tool server."""
    name: str
    """The tool or prompt name, or the resource URI. Empty for methods that name nothing."""
    hints: Hints
    """What the operator pinned about the tool."""
    targets: list[str]
    """Arguments that the operator pinned as what the tool works on, or where it sends:
    JSON Pointers."""
    contents: list[str]
    """Arguments that the operator pinned as handed on as they are: JSON Pointers."""
    definition: Optional[str]
    """Digest of the definition that is pinned, if any."""
    schema: Optional[Node]
    """The JSON Schema of the arguments that is pinned, if any."""
    claimed: Optional[Node]
    """What the tool server claims about the tool, if any."""
    at: int
    """When the gate received the call. Unix time, milliseconds."""
    decision: str
    """Id of the decision to come. Unique; do not decide by it."""
    session: str
    """Groups the calls of one agent, for one principal, at one task."""
    labels: list[SessionLabel]
    """Labels that earlier calls of this session left behind, sorted by name."""
    approvals: list[Approval]
    """Who approved this call already."""
    root: Node
    """All arguments, to walk through."""
    _arguments: Document
    _recent: Callable[[int], list[PastCall]]
    _budget: Callable[[str, str], Budget]

    @property
    def is_listing(self) -> bool:
        """Whether this asks if a tool, prompt or resource may be shown in a list, and not
        if it may be used. There are no arguments then; a denial hides the entry, and no
        allow is needed to show it."""
        return self.purpose == "listing"

    def claim(self, name: str) -> list[str]:
        """The values of the claim of this name; empty where there is none."""
        return next((claim.values for claim in self.claims if claim.name == name), [])

    def has_label(self, name: str) -> bool:
        """Whether the session carries a label."""
        return any(label.name == name for label in self.labels)

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
        node = self.root.get(pointer)
        return [] if node is None else node.keys()

    def json(self, pointer: str) -> Optional[str]:
        """The JSON text at a pointer, as the agent wrote it, or nothing."""
        return self._arguments.json(pointer)

    def history(self, limit: int) -> list[PastCall]:
        """The latest calls of the session, newest first, at most `limit`; the gate keeps
        the last 64."""
        if not 0 <= limit <= U32_MAX:
            raise ValueError(f"`limit` is {limit!r}, and must be an integer from 0 to {U32_MAX}")
        return self._recent(limit)

    def budget(self, name: str, key: str) -> Budget:
        """A budget that the operator set for the binding under this name, as it is charged
        under a key. A name that is not set is a fault. What others spend meanwhile is not in
        it: a charge keeps a call within its budget."""
        return self._budget(name, key)
