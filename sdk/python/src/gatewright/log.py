"""Lines for the operator. They never reach the agent; the gate keeps a bounded number
of them for a call. In native tests they go to stderr."""

import sys
from collections.abc import Callable


def _to_stderr(level: str, message: str) -> None:
    print(f"{level}: {message}", file=sys.stderr)


_write: Callable[[str, str], None] = _to_stderr


def write_to(target: Callable[[str, str], None]) -> None:
    """Sends lines somewhere else from now on: level and message."""
    global _write
    _write = target


def debug(message: object) -> None:
    """What helps to debug the policy."""
    _write("debug", str(message))


def info(message: object) -> None:
    """What an operator may want to know."""
    _write("info", str(message))


def warn(message: object) -> None:
    """What an operator should look at."""
    _write("warn", str(message))
