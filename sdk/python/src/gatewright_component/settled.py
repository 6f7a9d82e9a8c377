"""What a configured policy is like before it is kept for its calls."""

import gc


def settle() -> None:
    """Each call has a memory of its own, which ends with it: a garbage collector would
    only write to all of what is there."""
    gc.collect()
    gc.disable()
    gc.freeze()
