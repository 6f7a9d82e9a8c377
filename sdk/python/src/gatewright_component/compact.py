"""Keeps what a call uses close together. Start-up leaves holes all over the memory, and
objects that were to fill them would lie far apart. An instance gets its memory page by
page as it writes to it, and a page costs as much time as some thousand instructions; by
measurement a fifth of a call.

Imported before everything else, so that the SDK and the policy lie behind the holes;
`fill()` at the end, so that what a call makes lies behind them."""

# What the SDK imports of Python, so that its own modules are all that comes after.
import dataclasses
import datetime
import enum
import functools
import json
import random
import re
import typing
import weakref

SMALL_BYTES_MAX = 512
"""Up to here Python's own allocator serves, in steps of `STEP_BYTES`; beyond, the C
library's."""

STEP_BYTES = 8

LARGE_BYTES = 1 << 16
"""Larger holes stay."""

_filling: list[bytes] = []


def fill() -> None:
    """Takes what is free below the highest address in use."""
    header = bytes().__sizeof__()
    top = max(id(bytes(LARGE_BYTES)), id(object()))
    size = LARGE_BYTES
    while size > SMALL_BYTES_MAX:
        _fill(size, top)
        size = size * 7 // 8
    for size in range(header, SMALL_BYTES_MAX, STEP_BYTES):
        _fill(size - header + 1, top)


def _fill(size: int, top: int) -> None:
    while True:
        _filling.append(bytes(size))
        if id(_filling[-1]) > top:
            return


fill()
