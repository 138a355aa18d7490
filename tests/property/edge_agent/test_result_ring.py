"""A PLC makes cells and restarts, an agent polls and is killed, in any order: each cell comes once."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit.edge_agent.test_result_ring import SLOTS, Agent, Plc


class Ring(RuleBasedStateMachine):
    """The machine's ring never laps the agent here; laps are counted in the examples."""

    def __init__(self) -> None:
        super().__init__()
        self.plc = Plc()
        self.agent = Agent(self.plc)
        self.unread = 0

    @precondition(lambda self: self.unread < SLOTS - 1)
    @rule()
    def make_a_cell(self) -> None:
        self.plc.make()
        self.unread += 1

    @rule()
    def poll(self) -> None:
        for _ in range(3):  # a restart takes a second look, a whole ring a third
            self.agent.poll()
        self.unread = 0

    @rule()
    def kill_the_agent(self) -> None:
        self.agent.be_killed()

    @precondition(lambda self: self.unread == 0)
    @rule()
    def restart_the_plc(self) -> None:
        self.plc.restart()
        self.agent.first_look = True

    @invariant()
    def nothing_comes_twice(self) -> None:
        assert len(self.agent.taken) == len(set(self.agent.taken))

    @invariant()
    def nothing_is_lost_once_it_was_polled(self) -> None:
        if self.unread == 0:
            assert sorted(self.agent.taken) == self.plc.made
            assert self.agent.missed == 0


TestRing: Any = Ring.TestCase
TestRing.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
