"""Whoever got a result of these tools has a label from then on."""

from dataclasses import dataclass

from gatewright import Report, Request, Response, pass_on, reviewer, schema_of

LABEL = "label"
"""The rule that every label follows; records name it."""


@dataclass(frozen=True)
class Settings:
    label: str


@reviewer(
    Settings,
    powers=["label"],
    rules={LABEL: "Results label the session"},
    schema=schema_of(Settings),
)
def review(settings: Settings, _: Request, response: Response) -> Report:
    if response.is_error:
        return pass_on()
    return pass_on().labelling(settings.label).because(LABEL)
