"""An agent may read files with certain endings, and no others."""

from dataclasses import dataclass

from gatewright import Request, Verdict, abstain, allow, deny, policy


@dataclass(frozen=True)
class Settings:
    endings: list[str]


@policy(Settings)
def judge(settings: Settings, request: Request) -> Verdict:
    if request.is_listing:
        return abstain()
    path = request.argument("/path", str)
    if path.endswith(tuple(settings.endings)):
        return allow()
    return deny(f"use a path that ends in {', '.join(settings.endings)}", "invalid-arguments")
