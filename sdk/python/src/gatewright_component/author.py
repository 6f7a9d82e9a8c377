"""The author's policy: the module is called `policy`, and makes one policy."""

from typing import Any, TypeVar

from gatewright_component.deterministic import refuse_late_imports  # before any code of the author

import policy

from gatewright.definition import Editor, Policy, Reviewer

D = TypeVar("D")


def find(kind: type[D]) -> D:
    """The policy of a kind in the author's module."""
    found = {id(value): value for value in vars(policy).values() if isinstance(value, (Policy, Editor, Reviewer))}
    name = kind.__name__.lower()
    if len(found) != 1:
        raise TypeError(f"`policy.py` makes {len(found)} policies; hint: write `@{name}(Settings, powers=[..])` once")
    (only,) = found.values()
    if not isinstance(only, kind):
        raise TypeError(f"`policy.py` makes no {name}, as the world in policy.toml says, but another kind")
    refuse_late_imports()
    return only
