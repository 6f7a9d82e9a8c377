"""The reference policy (tests/corpus/reference-policy.md): it says what a policy can see,
and answers with every opinion there is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from argument import integer_at, text_at
from misbehave import grow, loop, recurse
from seen import SEEN
from show import show_budget

from gatewright import (
    Charge,
    Declassify,
    Label,
    LimitResult,
    Obligation,
    Opinion,
    Redact,
    Request,
    Value,
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


@policy(
    Settings,
    powers=["allow", "deny", "ask", "charge", "label", "declassify", "redact", "limit-result"],
    rules={"wish": "What /do says", "closed": "Tools that are closed"},
)
def judge(settings: Settings, request: Request) -> Opinion:
    name = request.name
    if name in settings.closed:
        return deny(f"{settings.tag}: {name} is closed").because("closed")
    if request.is_listing:
        return abstain()
    wanted = request.get("/do")
    if wanted is None:
        return abstain()
    if wanted.kind != "text":
        return deny("do is not text", "invalid-arguments")
    wish = str(wanted.value)
    if wish in ANSWERS:
        return ANSWERS[wish](settings, request)
    if wish in SEEN:
        return deny(SEEN[wish](request))
    return deny(f"unknown: {wish}", "invalid-arguments")


def obligations(tag: str) -> dict[str, Obligation]:
    return {
        "charge": Charge.fixed(tag, limit=18446744073709551615, window_seconds=60),
        "charge-set": Charge.set(tag, "calls", cost=2, on_failure="refund"),
        "label": Label(tag, "seen"),
        "declassify": Declassify(tag, "seen"),
        "redact": Redact("/content/0/text", "/a~1b"),
        "limit": LimitResult(9007199254740993),
    }


def owing(name: str) -> Callable[[Settings, Request], Opinion]:
    return lambda settings, _: abstain().owing(obligations(settings.tag)[name])


def ask_all(settings: Settings, _: Request) -> Opinion:
    return ask(
        settings.tag,
        "because",
        show=["/do", "/a~1b"],
        roles=["lead", "owner"],
        quorum=2,
        exclude_requester=True,
        exclude=["mallory"],
        decide_within_seconds=3600,
        use_within_seconds=600,
    )


def at_most(settings: Settings, request: Request) -> Opinion:
    n = integer_at(request, "/n")
    if n is None:
        return deny("n is not an integer", "invalid-arguments")
    if n > settings.max:
        return deny(f"{n} is above {settings.max}", "invalid-arguments")
    return allow()


def starts(_: Settings, request: Request) -> Opinion:
    match request.get("/text"), request.get("/prefix"):
        case Value(kind="text", value=str(text)), Value(kind="text", value=str(prefix)) if text.startswith(prefix):
            return allow()
    return abstain()


def write_log(settings: Settings, _: Request) -> Opinion:
    log.debug(f"{settings.tag} debug")
    log.info(f"{settings.tag} info")
    log.warn(f"{settings.tag} warn")
    return allow()


def throw(_: Settings, __: Request) -> Opinion:
    raise RuntimeError("thrown on purpose")


count = 0
"""Outlives the function, and yet is the same for every call."""


def counted(_: Settings, __: Request) -> Opinion:
    global count
    count += 1
    return deny(str(count))


ANSWERS: dict[str, Callable[[Settings, Request], Opinion]] = {
    "abstain": lambda _, __: abstain(),
    "allow": lambda _, __: allow(),
    "forbidden": lambda settings, _: deny(settings.tag),
    "insufficient-scope": lambda settings, _: deny(
        settings.tag, "insufficient-scope", scopes=["a:b", "c:*"]
    ),
    "invalid-arguments": lambda settings, _: deny(settings.tag, "invalid-arguments"),
    "unsafe-context": lambda settings, _: deny(settings.tag, "unsafe-context"),
    "ask": ask_all,
    "ask-anyone": lambda settings, _: ask(settings.tag, ""),
    "ask-nobody": lambda settings, _: ask(settings.tag, "", quorum=0),
    "charge": owing("charge"),
    "charge-set": owing("charge-set"),
    "label": owing("label"),
    "declassify": owing("declassify"),
    "redact": owing("redact"),
    "limit": owing("limit"),
    "all": lambda settings, _: allow().owing(*obligations(settings.tag).values()),
    "deny-owing": lambda settings, _: deny(settings.tag).owing(obligations(settings.tag)["label"]),
    "ask-owing": lambda settings, _: ask(settings.tag, "").owing(obligations(settings.tag)["label"]),
    "note": lambda settings, _: allow().because("wish", settings.tag).because("unlisted"),
    "budget": lambda settings, request: deny(
        show_budget(request.budget(text_at(request, "/text"), settings.tag))
    ),
    "at-most": at_most,
    "starts": starts,
    "log": write_log,
    "throw": throw,
    "loop": lambda _, __: loop(),
    "recurse": lambda _, __: deny(str(recurse(0))),
    "grow": lambda _, __: grow(),
    "huge": lambda _, __: deny("x" * 4_000_000),
    "count": counted,
}
