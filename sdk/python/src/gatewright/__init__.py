"""Write a Gatewright policy in Python: one settings declaration and one function.

    from dataclasses import dataclass
    from gatewright import Request, Verdict, allow, deny, policy

    @dataclass(frozen=True)
    class Settings:
        endings: list[str]

    @policy(Settings)
    def judge(settings: Settings, request: Request) -> Verdict:
        path = request.argument("/path", str)
        if path.endswith(tuple(settings.endings)):
            return allow()
        return deny("read other files", "invalid-arguments")

A policy is a pure function of its settings and the request. It has no clock, no
randomness, no files and no network; the time of the call is `request.context.at`.
Import everything at the top of a module: a component has no files to import from
later.
"""

from gatewright import log
from gatewright.argument import ArgumentError
from gatewright.definition import Editor, NoSettings, Policy, Reviewer, editor, policy, reviewer
from gatewright.edit import Edit
from gatewright.finding import Block, Finding, Pass
from gatewright.obligation import Charge, Label, LimitResult, Obligation, Redact
from gatewright.pattern import Pattern
from gatewright.pointer import Pointer
from gatewright.reader import called, named
from gatewright.request import Action, Context, Hints, Outcome, PastCall, Proof, Request, Subject
from gatewright.response import Response
from gatewright.settings import SettingsError
from gatewright.value import Value
from gatewright.verdict import Abstain, Allow, Ask, Deny, Refusal, Verdict, abstain, allow, ask, deny

__all__ = [
    "Abstain",
    "Action",
    "Allow",
    "ArgumentError",
    "Ask",
    "Block",
    "Charge",
    "Context",
    "Deny",
    "Edit",
    "Editor",
    "Finding",
    "Hints",
    "Label",
    "LimitResult",
    "NoSettings",
    "Obligation",
    "Outcome",
    "Pass",
    "PastCall",
    "Pattern",
    "Pointer",
    "Policy",
    "Proof",
    "Redact",
    "Refusal",
    "Request",
    "Response",
    "Reviewer",
    "SettingsError",
    "Subject",
    "Value",
    "Verdict",
    "abstain",
    "allow",
    "ask",
    "called",
    "deny",
    "editor",
    "log",
    "named",
    "policy",
    "reviewer",
]
