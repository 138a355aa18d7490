"""States over time as strips: each time class has its own height and pattern (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from api.screens.look import Look
from api.screens.pieces.state import state_word
from api.services.timeline import Segment
from plant.packml import time_class

_MARK_MS = 10 * 60_000


def strip(states: Sequence[Segment], start_ms: int, stop_ms: int, look: Look) -> Markup:
    """Return the states between two instants."""
    span_ms = max(1, stop_ms - start_ms)
    parts = Markup("").join(
        Markup('<i class="t-{css}" style="left:{left:.2f}%;width:{width:.2f}%" title="{title}"></i>').format(
            css=time_class(each.state).value,
            left=(each.start_ms - start_ms) / span_ms * 100,
            width=(each.stop_ms - each.start_ms) / span_ms * 100,
            title=f"{look.formats.clock(each.start_ms)} {state_word(each.state, look)}",
        )
        for each in states
    )
    return Markup('<div class="strip">{}</div>').format(parts)


def axis(start_ms: int, stop_ms: int, look: Look) -> Markup:
    """Return the times of day under the strips."""
    first_ms = start_ms - start_ms % _MARK_MS + _MARK_MS
    marks = Markup("").join(
        Markup('<span style="left:{:.2f}%">{}</span>').format(
            (mark_ms - start_ms) / (stop_ms - start_ms) * 100, look.formats.clock(mark_ms, seconds=False)
        )
        for mark_ms in range(first_ms, stop_ms, _MARK_MS)
    )
    return Markup('<div class="axis">{}</div>').format(marks)
