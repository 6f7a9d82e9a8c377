"""What a policy must not do. Each of these ends in a fault."""

from typing import NoReturn


def loop() -> NoReturn:
    while True:
        pass


def recurse(depth: int) -> int:
    return recurse(depth + 1) + 1


def grow() -> NoReturn:
    kept = []
    while True:
        kept.append(bytearray(65_536))
