"""A policy: one settings declaration, what it says about itself, and one function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, Optional, TypeVar, Union

from gatewright.argument import ArgumentError
from gatewright.description import Description, Power, described
from gatewright.edit import Edit, Revision
from gatewright.opinion import Opinion, deny
from gatewright.reader import reader_of
from gatewright.report import Report, block
from gatewright.request import Request
from gatewright.response import Response
from gatewright.settings import read_settings

S = TypeVar("S")

NO_RULES: Mapping[str, str] = MappingProxyType({})

Judge = Callable[[S, Request], Opinion]
"""Judges a call."""

Revise = Callable[[S, Request], Union[Revision, Iterable[Edit]]]
"""Rewrites arguments: edits alone are a revision without notes."""

Review = Callable[[S, Request, Response], Report]
"""Looks at a result."""


@dataclass(frozen=True)
class NoSettings:
    """For a policy without settings: only `{}` is accepted."""


class _Definition(Generic[S]):
    def __init__(self, settings: type[S], description: Description) -> None:
        declared: Any = settings
        self._reader = reader_of(declared)
        self.description = description
        """What the policy says about itself."""

    def read_settings(self, text: str) -> S:
        """Reads settings from JSON text, as the gate does once when it loads the policy.
        Raises `SettingsError` with what the operator reads."""
        found: S = read_settings(self._reader, text)
        return found


class Policy(_Definition[S]):
    """A policy that judges calls. Call it like the function that it was made of."""

    def __init__(self, settings: type[S], description: Description, judge: Judge[S]) -> None:
        super().__init__(settings, description)
        self._judge = judge

    def __call__(self, settings: S, request: Request) -> Opinion:
        """The opinion. What the policy cannot read it denies."""
        try:
            return self._judge(settings, request)
        except ArgumentError as error:
            return deny(str(error), "invalid-arguments")


class Editor(_Definition[S]):
    """A policy that rewrites arguments before anyone judges them."""

    def __init__(self, settings: type[S], description: Description, revise: Revise[S]) -> None:
        super().__init__(settings, description)
        self._revise = revise

    def __call__(self, settings: S, request: Request) -> Revision:
        """The revision. An `ArgumentError` is a fault."""
        answer = self._revise(settings, request)
        return answer if isinstance(answer, Revision) else Revision(list(answer))


class Reviewer(_Definition[S]):
    """A policy that looks at results on their way back."""

    def __init__(self, settings: type[S], description: Description, review: Review[S]) -> None:
        super().__init__(settings, description)
        self._review = review

    def __call__(self, settings: S, request: Request, response: Response) -> Report:
        """The report. What the policy cannot read it blocks."""
        try:
            return self._review(settings, request, response)
        except ArgumentError as error:
            return block(str(error))


def policy(
    settings: type[S],
    *,
    powers: Iterable[Power],
    rules: Mapping[str, str] = NO_RULES,
    schema: Optional[str] = None,
) -> Callable[[Judge[S]], Policy[S]]:
    """Makes a policy that judges calls: `@policy(Settings, powers=["allow", "deny"])`.

    `powers` are all that its answers may need; `rules` are those that its notes refer to,
    by id, each with a line for a person; `schema` is a JSON Schema of the settings, which
    `schema_of` makes."""
    description = described(powers, rules, schema)
    return lambda judge: Policy(settings, description, judge)


def editor(
    settings: type[S],
    *,
    powers: Iterable[Power],
    rules: Mapping[str, str] = NO_RULES,
    schema: Optional[str] = None,
) -> Callable[[Revise[S]], Editor[S]]:
    """Makes a policy that rewrites arguments: `@editor(Settings, powers=["edit"])`. The
    rest is said as in `policy`."""
    description = described(powers, rules, schema)
    return lambda revise: Editor(settings, description, revise)


def reviewer(
    settings: type[S],
    *,
    powers: Iterable[Power],
    rules: Mapping[str, str] = NO_RULES,
    schema: Optional[str] = None,
) -> Callable[[Review[S]], Reviewer[S]]:
    """Makes a policy that looks at results: `@reviewer(Settings, powers=["block"])`. The
    rest is said as in `policy`."""
    description = described(powers, rules, schema)
    return lambda review: Reviewer(settings, description, review)
