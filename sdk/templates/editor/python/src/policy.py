"""A search gives so many results at most, whatever the agent asks."""

from dataclasses import dataclass

from gatewright import Edit, Request, Revision, editor, schema_of

MOST = "most"
"""The rule that every change follows; records name it."""


@dataclass(frozen=True)
class Settings:
    most: int


@editor(
    Settings,
    powers=["edit"],
    rules={MOST: "Searches give so many results at most"},
    schema=schema_of(Settings),
)
def revise(settings: Settings, request: Request) -> Revision:
    limit = request.argument("/limit", int, default=None)
    if limit is not None and limit <= settings.most:
        return Revision()
    return Revision([Edit.set("/limit", settings.most)]).because(MOST)
