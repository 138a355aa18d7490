"""Sparkplug B topics: `spBv1.0/{group}/{type}/{edge node}[/{device}]`."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from typing_extensions import override

from telemetry.sample import EdgeNode

NAMESPACE = "spBv1.0"


class MessageType(StrEnum):
    """What a message is, third level of its topic."""

    NBIRTH = "NBIRTH"
    DBIRTH = "DBIRTH"
    NDATA = "NDATA"
    DDATA = "DDATA"
    NDEATH = "NDEATH"
    DDEATH = "DDEATH"
    NCMD = "NCMD"
    DCMD = "DCMD"


_DEVICE_TYPES = {MessageType.DBIRTH, MessageType.DDATA, MessageType.DDEATH, MessageType.DCMD}


class TopicError(ValueError):
    """A topic is not one of Sparkplug B."""


class Topic(NamedTuple):
    """A parsed topic; group is the site, edge node the line, device the station."""

    type: MessageType
    node: EdgeNode
    device: str | None = None

    @override
    def __str__(self) -> str:
        """Return the topic as published."""
        text = f"{NAMESPACE}/{self.node.site}/{self.type}/{self.node.line}"
        return text if self.device is None else f"{text}/{self.device}"

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Return the parsed topic.

        Raises:
            TopicError: it is not a node or device topic of Sparkplug B.
        """
        parts = text.split("/")
        if len(parts) not in (4, 5) or parts[0] != NAMESPACE or not all(parts):
            raise TopicError(f"not a Sparkplug B topic: {text!r}")
        try:
            kind = MessageType(parts[2])
        except ValueError:
            raise TopicError(f"unknown message type {parts[2]!r} in topic {text!r}") from None
        device = parts[4] if len(parts) == 5 else None
        if (device is not None) != (kind in _DEVICE_TYPES):
            raise TopicError(f"{kind} {'needs' if device is None else 'takes no'} device id: {text!r}")
        return cls(kind, EdgeNode(parts[1], parts[3]), device)


def state_topic(host_id: str) -> str:
    """Return the topic of a host application's STATE."""
    return f"{NAMESPACE}/STATE/{host_id}"
