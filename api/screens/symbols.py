"""States as shapes: colour is never the only sign (pure)."""

from __future__ import annotations

from markupsafe import Markup

from plant.packml import TimeClass

_SHAPES = {
    TimeClass.PRODUCTION: Markup('<path d="M5 3.5v13l11-6.5z"/>'),
    TimeClass.SETUP: Markup('<path d="M10 2.5 17.5 10 10 17.5 2.5 10z"/>'),
    TimeClass.DELAY: Markup('<path d="M4.5 3.5h4v13h-4zM11.5 3.5h4v13h-4z"/>'),
    TimeClass.DOWN: Markup('<path d="M3.5 3.5h13v13h-13z"/>'),
    TimeClass.PLANNED: Markup(
        '<circle cx="10" cy="10" r="6" fill="none" stroke="currentColor" stroke-width="2"/>'
    ),
    TimeClass.UNKNOWN: Markup(
        '<path d="M5 5l10 10M15 5 5 15" fill="none" stroke="currentColor" stroke-width="2.2"/>'
    ),
}
_MEASURING = Markup('<circle cx="10" cy="10" r="4.5"/>')


def symbol(time: TimeClass, *, measuring: bool = False) -> Markup:
    """Return the shape of a state; what has no state but answers is a dot."""
    shape = _MEASURING if measuring else _SHAPES[time]
    return Markup(
        '<svg class="sym" viewBox="0 0 20 20" fill="currentColor" aria-hidden="true">{}</svg>'
    ).format(shape)
