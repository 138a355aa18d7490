"""What every piece of a screen is drawn with."""

from __future__ import annotations

from typing import NamedTuple

from api.screens.formats import Formats
from api.screens.links import Links
from api.screens.texts import Texts


class Look(NamedTuple):
    """Reader, addresses and the instant the screen speaks of."""

    formats: Formats
    links: Links
    now_ms: int

    @property
    def texts(self) -> Texts:
        """The reader's table of words."""
        return self.formats.texts
