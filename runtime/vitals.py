"""What a process says of itself: counters and gauges, for `/metrics` and as series."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server

LOOPBACK = "127.0.0.1"


class Vitals:
    """A process's own measurements; names end in their unit, as everywhere."""

    def __init__(self, process: str) -> None:
        self.registry = CollectorRegistry()
        self._prefix = f"gigafloor_{process}"

    def counter(self, name: str, description: str, labels: tuple[str, ...] = ()) -> Counter:
        """Return a new counter; it only ever rises."""
        return Counter(f"{self._prefix}_{name}", description, labels, registry=self.registry)

    def gauge(self, name: str, description: str, labels: tuple[str, ...] = ()) -> Gauge:
        """Return a new gauge."""
        return Gauge(f"{self._prefix}_{name}", description, labels, registry=self.registry)

    def histogram(self, name: str, description: str, buckets: tuple[float, ...]) -> Histogram:
        """Return a new histogram with the given upper bounds."""
        return Histogram(f"{self._prefix}_{name}", description, registry=self.registry, buckets=buckets)

    def values(self) -> dict[str, float]:
        """Return every unlabelled value, by its name without the process's prefix."""
        return {
            sample.name.removeprefix(f"{self._prefix}_"): sample.value
            for family in self.registry.collect()
            for sample in family.samples
            if not sample.labels and not sample.name.endswith("_created")
        }

    def exposition(self) -> bytes:
        """Return the text format Prometheus reads."""
        return generate_latest(self.registry)

    @contextlib.asynccontextmanager
    async def served(self, port: int | None) -> AsyncIterator[None]:
        """Answer `/metrics` on a loopback port for the length of a block; None serves nothing.

        Raises:
            OSError: the port is taken.
        """
        if port is None:
            yield
            return
        server, thread = start_http_server(port, addr=LOOPBACK, registry=self.registry)
        try:
            yield
        finally:
            await asyncio.to_thread(server.shutdown)
            await asyncio.to_thread(thread.join)
            server.server_close()
