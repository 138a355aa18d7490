"""Topics: ids in their places, everything else named."""

from __future__ import annotations

import pytest

from telemetry.sparkplug.topics import MessageType, Topic, TopicError, state_topic
from tests.support.small_plant import MACHINE, NODE


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        (Topic(MessageType.NBIRTH, NODE), "spBv1.0/acc-douvrin/NBIRTH/assembly-1"),
        (Topic(MessageType.DDATA, NODE, MACHINE), "spBv1.0/acc-douvrin/DDATA/assembly-1/stacker-1"),
        (Topic(MessageType.NCMD, NODE), "spBv1.0/acc-douvrin/NCMD/assembly-1"),
    ],
)
def test_topic_has_group_type_node_and_device(topic: Topic, text: str) -> None:
    assert str(topic) == text
    assert Topic.parse(text) == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "spAv1.0/g/NBIRTH/e",
        "spBv1.0/g/NBIRTH",
        "spBv1.0/g/NBIRTH/e/d",
        "spBv1.0/g/DDATA/e",
        "spBv1.0/g/DDATA/e/",
        "spBv1.0/g/NRECORD/e",
        "spBv1.0/STATE/host",
        "STATE/host",
    ],
)
def test_topic_of_something_else_is_an_error(text: str) -> None:
    with pytest.raises(TopicError):
        Topic.parse(text)


def test_state_of_a_host_is_in_the_name_space_of_version_3() -> None:
    assert state_topic("gigafloor") == "spBv1.0/STATE/gigafloor"
