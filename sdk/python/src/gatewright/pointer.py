"""JSON Pointers (RFC 6901)."""

import re

_BAD_ESCAPE = re.compile("~(?![01])")


class Pointer(str):
    """A well-formed JSON Pointer. Takes the place of a `str` in settings, so that a typo
    is refused when the policy is loaded."""

    __slots__ = ()

    def __new__(cls, text: str = "") -> "Pointer":
        if (text and not text.startswith("/")) or _BAD_ESCAPE.search(text):
            raise ValueError(
                f"`{text}` is not a JSON Pointer; hint: it starts with `/`, and `~` is written `~0`"
            )
        return super().__new__(cls, text)

    def child(self, name: "str | int") -> "Pointer":
        """The member `name` (or the element with that index) of what stands here."""
        return Pointer(f"{self}/{str(name).replace('~', '~0').replace('/', '~1')}")

    def names(self) -> list[str]:
        """The names on the way, unescaped; none for the whole document."""
        return [name.replace("~1", "/").replace("~0", "~") for name in self.split("/")[1:]]
