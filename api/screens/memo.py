"""A piece that is drawn again only when what it shows has changed."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup


class Memo:
    """Remembers the last drawing and what it was made of."""

    def __init__(self) -> None:
        self._of: object = self
        self._drawn = Markup("")

    def draw(self, of: object, make: Callable[[], Markup]) -> Markup:
        """Return the last drawing if it was made of an equal thing, else a new one."""
        if self._of != of:
            self._drawn = make()
            self._of = of
        return self._drawn
