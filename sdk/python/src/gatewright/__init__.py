"""Write a Gatewright policy in Python: one settings declaration and one function.

    from dataclasses import dataclass
    from gatewright import Opinion, Request, allow, deny, policy

    @dataclass(frozen=True)
    class Settings:
        endings: list[str]

    @policy(Settings, powers=["allow", "deny"], rules={"endings": "Paths end as the operator says"})
    def judge(settings: Settings, request: Request) -> Opinion:
        path = request.argument("/path", str)
        if path.endswith(tuple(settings.endings)):
            return allow().because("endings")
        return deny("read other files", "invalid-arguments").because("endings")

A policy is a pure function of its settings and the request. It has no clock, no
randomness, no files and no network; the time of the call is `request.at`. Import
everything at the top of a module: a component has no files to import from later.
"""

from gatewright import log
from gatewright.argument import ArgumentError
from gatewright.definition import Editor, NoSettings, Policy, Reviewer, editor, policy, reviewer
from gatewright.description import Description, Power
from gatewright.edit import Edit, Revision
from gatewright.fact import Approval, Budget, Claim, Hints, Link, Outcome, PastCall, Proof, Purpose, SessionLabel
from gatewright.node import Kind, Node
from gatewright.note import Note
from gatewright.obligation import (
    Charge,
    Declassify,
    Label,
    LimitResult,
    Obligation,
    OnFailure,
    Redact,
    SetLimit,
    WindowLimit,
)
from gatewright.opinion import (
    Abstain,
    Allow,
    Ask,
    Deny,
    Opinion,
    Refusal,
    Verdict,
    abstain,
    allow,
    ask,
    deny,
)
from gatewright.pattern import Pattern
from gatewright.pointer import Pointer
from gatewright.reader import called, named
from gatewright.report import Block, Finding, Pass, Report, block, pass_on
from gatewright.request import Request
from gatewright.response import Response, ResponseKind
from gatewright.schema import schema_of
from gatewright.settings import SettingsError
from gatewright.value import Value, ValueKind

__all__ = [
    "Abstain",
    "Allow",
    "Approval",
    "ArgumentError",
    "Ask",
    "Block",
    "Budget",
    "Charge",
    "Claim",
    "Declassify",
    "Deny",
    "Description",
    "Edit",
    "Editor",
    "Finding",
    "Hints",
    "Kind",
    "Label",
    "LimitResult",
    "Link",
    "NoSettings",
    "Node",
    "Note",
    "Obligation",
    "OnFailure",
    "Opinion",
    "Outcome",
    "Pass",
    "PastCall",
    "Pattern",
    "Pointer",
    "Policy",
    "Power",
    "Proof",
    "Purpose",
    "Redact",
    "Refusal",
    "Report",
    "Request",
    "Response",
    "ResponseKind",
    "Reviewer",
    "Revision",
    "SessionLabel",
    "SetLimit",
    "SettingsError",
    "Value",
    "ValueKind",
    "Verdict",
    "WindowLimit",
    "abstain",
    "allow",
    "ask",
    "block",
    "called",
    "deny",
    "editor",
    "log",
    "named",
    "pass_on",
    "policy",
    "reviewer",
    "schema_of",
]
