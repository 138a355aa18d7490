"""Ports: a taken one is passed over, never fought for."""

import resource
import socket

import pytest

from gigafloor.errors import StartError
from gigafloor.ports import LOOPBACK, free_ports, is_free, preferred_or_free


def test_free_ports_are_all_different_and_can_be_listened_on() -> None:
    ports = free_ports(40)
    assert len(set(ports)) == 40
    assert all(is_free(port) for port in ports)


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        assert not is_free(port)
        chosen = preferred_or_free(port)
        assert chosen != port
        assert is_free(chosen)


def test_a_free_port_is_taken_as_asked() -> None:
    port = free_ports(1)[0]
    assert preferred_or_free(port) == port


def test_zero_means_any_port() -> None:
    assert is_free(preferred_or_free(0))


def test_a_full_port_range_falls_back_to_any_port() -> None:
    first = free_ports(1)[0]
    assert preferred_or_free(first, tries=0) != 0


def test_no_port_left_is_a_sentence_with_a_remedy() -> None:
    limit, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with pytest.raises(StartError, match="try again"):
            free_ports(300)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
