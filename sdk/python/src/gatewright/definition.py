"""A policy: one settings declaration and one function."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gatewright.argument import ArgumentError
from gatewright.edit import Edit
from gatewright.finding import Block, Finding
from gatewright.reader import reader_of
from gatewright.request import Request
from gatewright.response import Response
from gatewright.settings import read_settings
from gatewright.verdict import Verdict, deny

S = TypeVar("S")


@dataclass(frozen=True)
class NoSettings:
    """For a policy without settings: only `{}` is accepted."""


class _Definition(Generic[S]):
    def __init__(self, settings: type[S]) -> None:
        declared: Any = settings
        self._reader = reader_of(declared)

    def read_settings(self, text: str) -> S:
        """Reads settings from JSON text, as the gate does once when it loads the policy.
        Raises `SettingsError` with what the operator reads."""
        found: S = read_settings(self._reader, text)
        return found


class Policy(_Definition[S]):
    """A policy that judges calls. Call it like the function that it was made of."""

    def __init__(self, settings: type[S], judge: Callable[[S, Request], Verdict]) -> None:
        super().__init__(settings)
        self._judge = judge

    def __call__(self, settings: S, request: Request) -> Verdict:
        """The verdict. What the policy cannot read it denies."""
        try:
            return self._judge(settings, request)
        except ArgumentError as error:
            return deny(str(error), "invalid-arguments")


class Editor(_Definition[S]):
    """A policy that rewrites arguments before anyone judges them."""

    def __init__(self, settings: type[S], revise: Callable[[S, Request], Iterable[Edit]]) -> None:
        super().__init__(settings)
        self._revise = revise

    def __call__(self, settings: S, request: Request) -> list[Edit]:
        """The edits. An `ArgumentError` is a fault."""
        return list(self._revise(settings, request))


class Reviewer(_Definition[S]):
    """A policy that looks at results on their way back."""

    def __init__(self, settings: type[S], review: Callable[[S, Request, Response], Finding]) -> None:
        super().__init__(settings)
        self._review = review

    def __call__(self, settings: S, request: Request, response: Response) -> Finding:
        """The finding. What the policy cannot read it blocks."""
        try:
            return self._review(settings, request, response)
        except ArgumentError as error:
            return Block(str(error))


def policy(settings: type[S]) -> Callable[[Callable[[S, Request], Verdict]], Policy[S]]:
    """Makes a policy that judges calls: `@policy(Settings)`."""
    return lambda judge: Policy(settings, judge)


def editor(settings: type[S]) -> Callable[[Callable[[S, Request], Iterable[Edit]]], Editor[S]]:
    """Makes a policy that rewrites arguments: `@editor(Settings)`."""
    return lambda revise: Editor(settings, revise)


def reviewer(
    settings: type[S],
) -> Callable[[Callable[[S, Request, Response], Finding]], Reviewer[S]]:
    """Makes a policy that looks at results: `@reviewer(Settings)`."""
    return lambda review: Reviewer(settings, review)
