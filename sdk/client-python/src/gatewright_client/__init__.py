"""Call proofs and delegation for agents behind a Gatewright gate.

`Holder` is one line around the official MCP client: it signs each HTTP request (DPoP,
RFC 9449) and each message in one (`gatewright/proof`), and hands parts of its
credential to other agents.
"""

from ._canonical import CannotProve, canonical
from ._holder import Holder

__all__ = ["CannotProve", "Holder", "canonical"]
