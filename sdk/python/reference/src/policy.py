"""The reference policy (tests/corpus/reference-policy.md): it says what a policy can see,
and answers with every verdict there is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from describe import describe, describe_action, describe_call, describe_context, describe_subject
from misbehave import grow, loop, recurse

from gatewright import (
    Charge,
    Label,
    LimitResult,
    Obligation,
    Redact,
    Request,
    Value,
    Verdict,
    abstain,
    allow,
    ask,
    called,
    deny,
    log,
    policy,
)


def not_empty(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


def in_64_bits(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError("is not an integer")
    return number


@dataclass(frozen=True)
class Settings:
    tag: Annotated[str, not_empty]
    closed: Annotated[list[str], called("a list of names")] = field(default_factory=list)
    max: Annotated[int, in_64_bits] = 100


@policy(Settings)
def judge(settings: Settings, request: Request) -> Verdict:
    name = request.action.name
    if name in settings.closed:
        return deny(f"{settings.tag}: {name} is closed")
    wanted = request.get("/do")
    if wanted is None:
        return abstain()
    if wanted.kind != "text":
        return deny("do is not text", "invalid-arguments")
    answer = ANSWERS.get(str(wanted.value))
    if answer is None:
        return deny(f"unknown: {wanted.value}", "invalid-arguments")
    return answer(settings, request)


def obligations(tag: str) -> dict[str, Obligation]:
    return {
        "charge": Charge(tag, limit=18446744073709551615, window_seconds=60),
        "label": Label(tag, "seen"),
        "redact": Redact("/content/0/text", "/a~1b"),
        "limit": LimitResult(9007199254740993),
    }


def one_obligation(name: str) -> Callable[[Settings, Request], Verdict]:
    return lambda settings, _: allow(obligations(settings.tag)[name])


def pointer_in(request: Request) -> str:
    return request.argument("/pointer", str, default="")


def at_most(settings: Settings, request: Request) -> Verdict:
    n = request.get("/n")
    if n is None or n.kind != "integer" or not isinstance(n.value, int):
        return deny("n is not an integer", "invalid-arguments")
    if n.value > settings.max:
        return deny(f"{n.value} is above {settings.max}", "invalid-arguments")
    return allow()


def starts(_: Settings, request: Request) -> Verdict:
    match request.get("/text"), request.get("/prefix"):
        case Value(kind="text", value=str(text)), Value(kind="text", value=str(prefix)) if text.startswith(prefix):
            return allow()
    return abstain()


def write_log(settings: Settings, _: Request) -> Verdict:
    log.debug(f"{settings.tag} debug")
    log.info(f"{settings.tag} info")
    log.warn(f"{settings.tag} warn")
    return allow()


def throw(_: Settings, __: Request) -> Verdict:
    raise RuntimeError("thrown on purpose")


count = 0
"""Outlives the function, and yet is the same for every call."""


def counted(_: Settings, __: Request) -> Verdict:
    global count
    count += 1
    return deny(str(count))


ANSWERS: dict[str, Callable[[Settings, Request], Verdict]] = {
    "abstain": lambda _, __: abstain(),
    "allow": lambda _, __: allow(),
    "forbidden": lambda settings, _: deny(settings.tag),
    "insufficient-scope": lambda settings, _: deny(
        settings.tag, "insufficient-scope", scopes=["a:b", "c:*"]
    ),
    "invalid-arguments": lambda settings, _: deny(settings.tag, "invalid-arguments"),
    "unsafe-context": lambda settings, _: deny(settings.tag, "unsafe-context"),
    "ask": lambda settings, _: ask(
        settings.tag, "because", roles=["lead", "owner"], quorum=2, ttl_seconds=600
    ),
    "ask-anyone": lambda settings, _: ask(settings.tag, "", quorum=0, ttl_seconds=0),
    "charge": one_obligation("charge"),
    "label": one_obligation("label"),
    "redact": one_obligation("redact"),
    "limit": one_obligation("limit"),
    "all": lambda settings, _: allow(*obligations(settings.tag).values()),
    "value": lambda _, request: deny(describe(request.get(pointer_in(request)))),
    "keys": lambda _, request: deny("|".join(request.keys(pointer_in(request)))),
    "json": lambda _, request: deny(request.json(pointer_in(request)) or "missing"),
    "at-most": at_most,
    "starts": starts,
    "echo": lambda _, request: deny(request.argument("/text", str)),
    "length": lambda _, request: deny(str(len(request.argument("/text", str)))),
    "subject": lambda _, request: deny(describe_subject(request.subject)),
    "action": lambda _, request: deny(describe_action(request.action)),
    "context": lambda _, request: deny(describe_context(request.context)),
    "history": lambda _, request: deny("|".join(map(describe_call, request.history(3)))),
    "log": write_log,
    "throw": throw,
    "loop": lambda _, __: loop(),
    "recurse": lambda _, __: deny(str(recurse(0))),
    "grow": lambda _, __: grow(),
    "huge": lambda _, __: deny("x" * 4_000_000),
    "count": counted,
}
