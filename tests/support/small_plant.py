"""One line with a polled machine and a sensor: the smallest plant in which everything can happen."""

from __future__ import annotations

from plant.model import Plant
from telemetry.sample import EdgeNode

NODE = EdgeNode("acc-douvrin", "assembly-1")
MACHINE = "stacker-1"
SENSOR = "gauge-1"
POLL_S = 1.0
SLOW_S = 10.0
MAX_AGE_S = 30.0

_STACKER = {
    "profile": "stacker",
    "measurement": "stacker",
    "title": "Stacker",
    "stage": "STACK",
    "poll_classes": {"process": {"period_s": POLL_S}, "slow": {"period_s": SLOW_S}},
    "signals": [
        {"name": "overhang_mm", "title": "Overhang", "modbus": {"address": 0, "encoding": "float32"}},
        {"name": "energy_kwh", "title": "Energy", "poll": "slow", "modbus": {"address": 10}},
    ],
}
_GAUGE = {
    "profile": "gauge",
    "measurement": "gauge",
    "title": "Gauge",
    "stage": "CAL",
    "sensor": {"max_age_s": MAX_AGE_S},
    "poll_classes": {"process": {"period_s": POLL_S}},
    "signals": [{"name": "vibration_mm_s", "title": "Vibration", "mqtt": {"field": "rms"}}],
}
_STATIONS = [
    {"station": MACHINE, "title": "Stacker 1", "profile": "stacker", "modbus": {}},
    {"station": SENSOR, "title": "Gauge 1", "profile": "gauge", "mqtt": {"topic": "gauge/1"}},
]


def small_plant() -> Plant:
    """Return the plant."""
    line = {"line": NODE.line, "title": "Assembly 1", "stations": _STATIONS}
    area = {"area": "assembly", "title": "Assembly", "lines": [line]}
    site = {"site": NODE.site, "enterprise": "ACC", "title": "ACC Douvrin", "areas": [area]}
    return Plant.model_validate({"sites": [site], "profiles": {"stacker": _STACKER, "gauge": _GAUGE}})
