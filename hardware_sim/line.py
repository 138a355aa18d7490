"""Material flow: buffers between machines, and stores between lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from hardware_sim.material import Kind, Lot


class Inlet(Protocol):
    """Where a machine takes its material."""

    def ready(self, lots: int = 1) -> bool:
        """Return whether as many lots are there (or as many as fit)."""

    def take(self) -> Lot:
        """Remove and return the oldest lot."""


class Outlet(Protocol):
    """Where a machine puts what it made."""

    def has_room(self, lots: int = 1) -> bool:
        """Return whether as many more lots fit (or the buffer is empty)."""

    def put(self, lot: Lot) -> None:
        """Add a lot."""


class Buffer:
    """First in, first out, up to a capacity in the products of the machine behind it."""

    def __init__(self, capacity: float, *, per_lot: float = 1.0) -> None:
        self._capacity = capacity
        self._lots: deque[Lot] = deque()
        self._per_lot = per_lot
        """What a lot counts in the unit of the capacity; metres for a roll."""

    @property
    def lots(self) -> tuple[Lot, ...]:
        """What is in the buffer, oldest first."""
        return tuple(self._lots)

    @property
    def fill(self) -> float:
        """How full it is, from 0 to 1."""
        return len(self._lots) * self._per_lot / self._capacity

    def lots_for(self, share: float) -> int:
        """Return how many lots fill that share of the capacity, at least one."""
        return max(1, int(share * self._capacity / self._per_lot))

    def ready(self, lots: int = 1) -> bool:
        """Return whether as many lots are there, or the buffer holds all it can."""
        return len(self._lots) >= lots or (bool(self._lots) and not self.has_room())

    def take(self) -> Lot:
        """Remove and return the oldest lot."""
        return self._lots.popleft()

    def has_room(self, lots: int = 1) -> bool:
        """Return whether as many more lots fit; an empty buffer takes at least one."""
        return not self._lots or (len(self._lots) + lots) * self._per_lot <= self._capacity

    def put(self, lot: Lot) -> None:
        """Add a lot."""
        self._lots.append(lot)


class Store:
    """A site's stock of one kind of material, between its lines.

    The simulated line is a slice of the plant: when the stock is empty the
    other lines supply, when it is full they take.
    """

    def __init__(self, kind: Kind, most: int = 200) -> None:
        self.kind = kind
        self._lots: deque[Lot] = deque(maxlen=most)

    def put(self, lot: Lot) -> None:
        """Add a lot; the oldest goes to other lines when the stock is full."""
        self._lots.append(lot)

    def has_room(self, lots: int = 1) -> bool:  # noqa: ARG002 (the other lines take what does not fit)
        """Return True: a stock never blocks."""
        return True

    def take(self) -> Lot | None:
        """Remove and return the oldest lot of our own lines, if there is one."""
        return self._lots.popleft() if self._lots else None


class Supply:
    """An inlet from a store, with the plant's other lines behind it."""

    def __init__(self, store: Store, other_lines: Callable[[], Lot]) -> None:
        self._store = store
        self._other_lines = other_lines

    def ready(self, lots: int = 1) -> bool:  # noqa: ARG002 (the other lines supply any number)
        """Return True: a supply never runs dry."""
        return True

    def take(self) -> Lot:
        """Return a lot of our own lines, or else of the others."""
        return self._store.take() or self._other_lines()
