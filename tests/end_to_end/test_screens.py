"""The screens in a real browser, on a real historian, with machines that move."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from playwright.async_api import ConsoleMessage, Page, Request, Response, expect

from tests.support.chromium import browser_page
from tests.support.ports import free_port
from tests.support.processes import child

SLOW_MS = 20_000
"""Patience with a loaded machine; nothing is asserted about speed."""
LINE = "/line/acc-douvrin/assembly-1"
STATION = "/station/acc-douvrin/assembly-1/filler-1"

pytestmark = pytest.mark.timeout(120)
expect.set_options(timeout=SLOW_MS)


@contextmanager
def lively(folder: Path, port: int) -> Iterator[str]:
    """Serve a moving plant whose tab welders fall silent."""
    command = [sys.executable, "-m", "tests.support.lively", "--port", str(port), "--hours", "0.3"]
    with child([*command, "--folder", str(folder / "data"), "--dead", "welder-1"], folder) as server:
        server.wait_for_output("lively at", within_s=60)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with lively(tmp_path_factory.mktemp("lively"), free_port()) as found:
        yield found


@asynccontextmanager
async def watched(address: str, *, width: int = 1600, height: int = 900) -> AsyncIterator[Page]:
    """Open a page that fails the test if it asks another host, or complains."""
    wrong: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            wrong.append(f"asked {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(f"console: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            wrong.append(f"{response.status} for {response.url}")

    async with browser_page(width=width, height=height) as page:
        page.on("request", on_request)
        page.on("console", on_console)
        page.on("response", on_response)
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        yield page
        assert not wrong


async def test_person_walks_from_the_plants_to_a_station(address: str) -> None:
    async with watched(address) as page:
        await page.goto(address)
        await expect(page.locator("h1")).to_have_text("Plants")
        await page.get_by_role("link", name="Assembly line 1").first.click()
        await expect(page).to_have_url(re.compile(f"{LINE}$"))
        await expect(page.locator(".tile")).to_have_count(5)
        await page.locator(".tile", has_text="Filler 1").click()
        await expect(page).to_have_url(re.compile(f"{STATION}$"))
        await expect(page.locator("h1")).to_have_text("Filler 1")
        await expect(page.locator("canvas")).to_be_visible()
        await page.get_by_role("link", name="Assembly line 1").click()
        await expect(page.locator("h1")).to_have_text("Assembly line 1")


async def test_value_changes_before_ones_eyes(address: str) -> None:
    async with watched(address) as page:
        await page.goto(address + STATION)
        cell = page.locator("tr", has_text="Nitrogen pressure").locator(".value")
        before = await cell.inner_text()
        await expect(cell).not_to_have_text(before)
        await page.goto(address + LINE)
        count = page.locator(".tile", has_text="Notcher 1").locator(".row.two b").first
        first = await count.inner_text()
        await expect(count).not_to_have_text(first)


async def test_dead_machine_looks_dead_everywhere(address: str) -> None:
    async with watched(address) as page:
        await page.goto(address + LINE)
        tile = page.locator(".tile", has_text="Tab welder 1")
        await expect(tile).to_have_class("tile dead")
        await expect(tile).to_contain_text("No contact")
        await expect(tile).to_contain_text(re.compile(r"since \d\d:\d\d:\d\d"))
        await expect(tile).to_have_css("background-image", re.compile("repeating-linear-gradient"))
        await expect(page.locator(".tile", has_text="Filler 1")).not_to_have_class("tile dead")
        await page.goto(f"{address}/station/acc-douvrin/assembly-1/welder-1")
        await expect(page.locator("td .value em", has_text="stale")).to_have_count(5)
        await expect(page.locator("td .value s").first).to_be_visible()
        await expect(page.get_by_text("Unknown: the machine's alarms are not read now.")).to_be_visible()
        await page.goto(address)
        await expect(page.locator(".chip.dead", has_text="Tab welder 1").first).to_be_visible()


async def test_click_and_focus_survive_a_redraw(address: str) -> None:
    async with watched(address) as page:
        await page.goto(address + LINE)
        count = page.locator(".tile", has_text="Notcher 1").locator(".row.two b").first
        await count.wait_for()
        step = page.locator("a.step", has_text="Notcher 1")
        await step.focus()
        await count.hover()
        await page.mouse.down()
        before = await count.inner_text()
        await expect(count).not_to_have_text(before)  # drawn again while the button is down
        await expect(step).to_be_focused()
        await page.mouse.up()
        await expect(page.locator("h1")).to_have_text("Notcher 1")


async def test_trend_follows_the_chosen_signal_and_range(address: str) -> None:
    async with watched(address) as page:
        await page.goto(address + STATION)
        await page.get_by_role("link", name="Electrolyte temperature").click()
        await expect(page.locator(".trend-head h2")).to_contain_text("Electrolyte temperature")
        await expect(page).to_have_url(re.compile(r"signal=electrolyte_temp_c$"))
        await page.get_by_role("button", name="1 h", exact=True).click()
        await expect(page.locator(".ranges [aria-current]")).to_have_text("1 h")
        await page.reload()
        await expect(page.locator(".trend-head h2")).to_contain_text("Electrolyte temperature")


async def test_screens_speak_french_and_stay_french(address: str) -> None:
    async with watched(address) as page:
        await page.goto(f"{address}/?lang=fr")
        await expect(page.locator("h1")).to_have_text("Usines")
        await page.get_by_role("link", name="Assembly line 1").first.click()
        await expect(page.get_by_text("Dernière heure").first).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", "fr")


async def test_theme_is_switched_and_remembered(address: str) -> None:
    async with watched(address) as page:
        await page.goto(address)
        before = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await page.get_by_role("button", name="Light / dark").click()
        after = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert before != after
        await page.reload()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == after


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (390, 844)])
async def test_no_page_needs_sideways_scrolling(address: str, width: int, height: int) -> None:
    async with watched(address, width=width, height=height) as page:
        for path in ("/", "/site/acc-douvrin", LINE, STATION, "/line/acc-douvrin/utilities-1"):
            await page.goto(address + path)
            await expect(page.locator("h1")).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_place_that_does_not_exist_is_said_kindly(address: str) -> None:
    async with browser_page() as page:
        for path in ("/line/acc-douvrin/assembly-9", "/nothing/at/all", "/site/<script>alert(1)</script>"):
            answer = await page.goto(address + path)
            assert answer is not None
            assert answer.status == 404
            await expect(page.locator("h1")).to_have_text("There is nothing here")
        await page.get_by_role("link", name="To the plants").click()
        await expect(page.locator("h1")).to_have_text("Plants")


async def test_lost_connection_is_seen_and_mends_itself(tmp_path: Path) -> None:
    port = free_port()
    async with browser_page() as page:
        with lively(tmp_path / "first", port) as address:
            await page.goto(address + LINE)
            await expect(page.locator(".tile").first).to_be_visible()
            await expect(page.locator("#popup")).to_be_hidden()
        await expect(page.locator("#popup")).to_be_visible()
        await expect(page.locator("#popup")).to_contain_text("Connection to the server lost")
        with lively(tmp_path / "second", port):
            await expect(page.locator("#popup")).to_be_hidden(timeout=2 * SLOW_MS)
            clock = page.locator(".clock time b")
            await expect(clock).not_to_have_text(await clock.inner_text())
