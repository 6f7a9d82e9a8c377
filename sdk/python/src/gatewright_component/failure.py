"""What is logged of an exception: its message, and where it was raised."""

from types import TracebackType
from typing import Optional

PLACES_MAX = 3
"""The operator wants the place, not the whole stack."""

_HIDDEN = ("gatewright.", "gatewright_component.")
"""Lines of the SDK are no places that an author looks for."""


def describe(error: BaseException) -> str:
    """Like `ValueError: no roots at roots_of (policy.py:12), judge (policy.py:30)`."""
    places = _places(error.__traceback__)[-PLACES_MAX:]
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{text} at {', '.join(reversed(places))}" if places else text


def _places(traceback: Optional[TracebackType]) -> list[str]:
    places = []
    while traceback is not None:
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__", "?")
        if not module.startswith(_HIDDEN):
            file = _file(module, frame.f_code.co_filename)
            places.append(f"{frame.f_code.co_name} ({file}:{traceback.tb_lineno})")
        traceback = traceback.tb_next
    return places


def _file(module: str, file: str) -> str:
    """The path from where the module was found; the folders before it are the builder's."""
    parts = file.split("/")
    depth = module.count(".") + (2 if parts[-1] == "__init__.py" else 1)
    return "/".join(parts[-depth:])
