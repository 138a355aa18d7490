"""Whole processes: asked to stop, they are gone in time, whatever hangs."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from runtime.service import LEAVE_S, SHUTDOWN_S
from tests.support.processes import child

GONE_S = SHUTDOWN_S + LEAVE_S + 5.0
"""The bound, and what starting to wait may cost on a busy machine."""

_PROGRAM = """
import asyncio, sys, threading, time
from runtime.service import run_process

async def obedient():
    print("running", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.05)
        print("put away", flush=True)

async def stubborn():
    print("running", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def hanging_thread():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    await obedient()

async def broken():
    raise ValueError("broken")

run_process(globals()[sys.argv[1]])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_lets_main_put_things_away(tmp_path: Path, number: signal.Signals) -> None:
    with child([sys.executable, "-c", _PROGRAM, "obedient"], tmp_path) as process:
        process.wait_for_output("running")
        process.send(number)
        assert process.wait(within_s=GONE_S) == 0
        assert "put away" in process.output()
        assert "Traceback" not in process.output()


def test_main_that_will_not_stop_does_not_keep_the_process(tmp_path: Path) -> None:
    with child([sys.executable, "-c", _PROGRAM, "stubborn"], tmp_path) as process:
        process.wait_for_output("running")
        process.send(signal.SIGTERM)
        assert process.wait(within_s=GONE_S) == 1
        assert "gave up waiting for a clean stop" in process.output()


def test_thread_that_hangs_does_not_keep_the_process(tmp_path: Path) -> None:
    with child([sys.executable, "-c", _PROGRAM, "hanging_thread"], tmp_path) as process:
        process.wait_for_output("running")
        process.send(signal.SIGTERM)
        assert process.wait(within_s=GONE_S) == 0
        assert "put away" in process.output()


def test_error_of_main_ends_the_process_with_its_traceback(tmp_path: Path) -> None:
    with child([sys.executable, "-c", _PROGRAM, "broken"], tmp_path) as process:
        assert process.wait(within_s=GONE_S) == 1
        assert "ValueError: broken" in process.output()
