"""A policy has no clock and no randomness, and a component no files to import from. The
engine would trap without a word or give the same "random" number for ever; this says
what is wrong. Imported first."""

import builtins
import datetime
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

_CLOCK = "the time of the call is `request.at`"
_CHANCE = "the same request gets the same verdict"

_import = builtins.__import__


def _refuse(name: str, hint: str) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"a policy has no `{name}`; hint: {hint}")

    return refused


class _Date(datetime.date):
    today = _refuse("date.today", _CLOCK)


class _DateTime(datetime.datetime):
    now = utcnow = today = _refuse("datetime.now", _CLOCK)


for _name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep"):
    setattr(time, _name, _refuse(f"time.{_name}", _CLOCK))
for _name in ("random", "randint", "randrange", "choice", "choices", "sample", "shuffle", "uniform", "getrandbits", "randbytes"):
    setattr(random, _name, _refuse(f"random.{_name}", _CHANCE))
setattr(os, "urandom", _refuse("os.urandom", _CHANCE))
setattr(datetime, "date", _Date)
setattr(datetime, "datetime", _DateTime)


def refuse_late_imports() -> None:
    """From now on, only what is loaded can be imported."""

    def late(name: str, given: Any = None, *rest: Any) -> Any:
        is_relative = bool(rest and len(rest) > 2 and rest[2])
        if is_relative or name in sys.modules:
            return _import(name, given, *rest)
        raise ImportError(f"`{name}` is imported too late; hint: import it at the top of the module")

    builtins.__import__ = late
