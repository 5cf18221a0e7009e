"""Choosing who makes the music: why an engine is not ready, what a quality takes, and the score of what was made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.ui.test_page import ARGUMENTS, MADE_MS

pytestmark = pytest.mark.ui


@pytest.fixture
def page(chromium: str, page_url: str) -> Iterator[Page]:
    with (
        sync_playwright() as driver,
        driver.chromium.launch(executable_path=chromium, args=ARGUMENTS) as started,
    ):
        opened = started.new_context(viewport={"width": 1280, "height": 900}).new_page()
        opened.goto(f"{page_url}/?view=music")
        opened.wait_for_selector("#nav [data-page]")
        yield opened


def pick(page: Page, control: str, option: str) -> None:
    page.locator(f"{control} input").click()
    page.get_by_role("option", name=option).click()


def test_engines_and_qualities(page: Page) -> None:
    told, generate = page.locator("#music-estimate"), page.locator("#music-generate")
    expect(told).to_contain_text("$0.00", timeout=MADE_MS)
    pick(page, "#music-engine", "Stable Audio 3 (not ready)")
    expect(told).to_contain_text("STUDIO_STABILITY_API_KEY is not set", timeout=MADE_MS)
    expect(generate).to_be_disabled()
    pick(page, "#music-quality", "Standard: the best without cash")
    expect(told).to_contain_text("standard: Workbench composer, no cash", timeout=MADE_MS)
    expect(told).to_contain_text("MusicGen skipped")
    expect(generate).to_be_enabled()
    expect(page.locator("#music-engine")).to_be_hidden()
    pick(page, "#music-quality", "The engine I choose")
    pick(page, "#music-engine", "Workbench composer")
    expect(told).to_contain_text("on this machine", timeout=MADE_MS)
    expect(generate).to_be_enabled()


def test_a_piece_shows_its_score(page: Page) -> None:
    # The library is shared: the page may open with another's piece and score, so this one is known by its name.
    page.get_by_label("Prompt").fill("quiet felt piano over Brackenridge, 60 bpm")
    told = page.get_by_role("status", name="How this is understood")
    expect(told.get_by_role("button", name="Tempo 60 BPM")).to_be_visible()
    expect(page.locator("#music-generate")).to_be_enabled(timeout=MADE_MS)
    page.locator("#music-generate").click()
    expect(page.get_by_role("heading", name="Brackenridge")).to_be_visible(timeout=MADE_MS)
    folded = page.locator(".ql > summary")
    expect(folded).to_contain_text("of 100", timeout=MADE_MS)
    folded.click()
    expect(page.locator(".ql .scl li").first).to_be_visible()
    expect(page.get_by_role("meter", name="Tempo")).to_be_visible()
