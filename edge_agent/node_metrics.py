"""The edge node's own metrics: what a host may acknowledge, and the agent's vitals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge_agent.spool.spool import MetricKey
from edge_agent.vitals import EdgeVitals
from telemetry.delivery import ACKNOWLEDGED
from telemetry.sample import Sample
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import MetricDef

NODE = ""
VITALS_PREFIX = "Vitals/"


def node_metric_keys(vitals: EdgeVitals) -> list[MetricKey]:
    """Return the node's metrics that have aliases."""
    keys = [MetricKey(NODE, ACKNOWLEDGED, DataType.STRING)]
    return keys + [MetricKey(NODE, VITALS_PREFIX + name, DataType.DOUBLE) for name in vitals.values()]


class NodeMetrics:
    """Declares them for births and gives their values."""

    def __init__(self, vitals: EdgeVitals, aliases: Mapping[MetricKey, int]) -> None:
        self.vitals = vitals
        self._definitions = {
            key.name: MetricDef(key.name, key.datatype, aliases[key]) for key in node_metric_keys(vitals)
        }
        self.names = {each.alias: each.name for each in self._definitions.values() if each.alias is not None}

    def definition(self, name: str) -> MetricDef:
        """Return how a metric is declared."""
        return self._definitions[name]

    def samples(self, at_ms: int) -> Iterator[Sample]:
        """Yield every metric's value; the acknowledgement has none, it is there to be written."""
        yield Sample(ACKNOWLEDGED, at_ms, None)
        yield from self.vital_samples(at_ms)

    def vital_samples(self, at_ms: int) -> Iterator[Sample]:
        """Yield the agent's vitals."""
        for name, value in self.vitals.values().items():
            if VITALS_PREFIX + name in self._definitions:
                yield Sample(VITALS_PREFIX + name, at_ms, value)
