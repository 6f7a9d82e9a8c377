"""Name patterns, with the meaning they have in the gate's configuration."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """A name in which `*` stands for any run of characters, the empty one too.
    Everything else is literal; case counts."""

    text: str

    def matches(self, name: str) -> bool:
        """Whether the whole name fits."""
        first, *rest = self.text.split("*")
        if not rest:
            return name == first
        if not name.startswith(first):
            return False
        *middle, last = rest
        start = len(first)
        for part in middle:
            place = name.find(part, start)
            if place < 0:
                return False
            start = place + len(part)
        return len(name) - start >= len(last) and name.endswith(last)
