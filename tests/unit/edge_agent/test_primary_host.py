"""STATE messages of the primary host (Sparkplug B 3.0, section 5.14)."""

from __future__ import annotations

import json

import pytest

from edge_agent.primary_host import PrimaryHost


def state(*, online: bool, timestamp: int) -> bytes:
    return json.dumps({"online": online, "timestamp": timestamp}).encode()


def test_an_unknown_host_is_offline() -> None:
    assert not PrimaryHost().is_online


def test_a_late_will_of_an_earlier_session_is_ignored() -> None:
    host = PrimaryHost()
    host.heard(state(online=True, timestamp=2000))
    host.heard(state(online=False, timestamp=1000))
    assert host.is_online


def test_a_will_of_the_same_session_counts() -> None:
    host = PrimaryHost()
    host.heard(state(online=True, timestamp=2000))
    host.heard(state(online=False, timestamp=2000))
    assert not host.is_online


def test_an_older_online_message_does_not_bring_a_host_back() -> None:
    host = PrimaryHost()
    host.heard(state(online=False, timestamp=2000))
    host.heard(state(online=True, timestamp=1000))
    assert not host.is_online


@pytest.mark.parametrize(
    "payload",
    [b"", b"ONLINE", b"[]", b"{}", b'{"online":"true","timestamp":1}', b'{"online":true}',
     b'{"online":true,"timestamp":"now"}', b'{"online":true,"timestamp":true}', b"\xff\xfe", b"[" * 100_000],
)  # fmt: skip
def test_anything_else_changes_nothing(payload: bytes) -> None:
    host = PrimaryHost()
    host.heard(state(online=True, timestamp=1))
    with pytest.raises(ValueError, match="not a STATE message"):
        host.heard(payload)
    assert host.is_online
