"""An agent may read files with certain endings, and no others."""

from dataclasses import dataclass

from gatewright import Opinion, Request, abstain, allow, deny, policy, schema_of

ENDINGS = "endings"
"""The rule that every answer follows; records name it."""


@dataclass(frozen=True)
class Settings:
    endings: list[str]


@policy(
    Settings,
    powers=["allow", "deny"],
    rules={ENDINGS: "Paths end as the operator says"},
    schema=schema_of(Settings),
)
def judge(settings: Settings, request: Request) -> Opinion:
    if request.is_listing:
        return abstain()
    path = request.argument("/path", str)
    if path.endswith(tuple(settings.endings)):
        return allow().because(ENDINGS)
    endings = ", ".join(settings.endings)
    return deny(f"use a path that ends in {endings}", "invalid-arguments").because(ENDINGS)
