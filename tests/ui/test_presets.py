"""Presets and favourites on the Voice page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.ui.own import own
from tests.ui.test_page import ARGUMENTS, MADE_MS

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: Browser, url: str) -> Page:
    """A browser that was never here."""
    page = browser.new_context(viewport={"width": 1440, "height": 940}).new_page()
    page.goto(f"{url}/?view=voice")
    page.wait_for_function("window.st && st['studio-draft-voice-2']")
    return page


def test_a_preset_is_saved_chosen_and_started_from(browser: Browser, page_url: str) -> None:
    page = opened(browser, page_url)
    name, words = own("Audiobook"), own("A gull complains.")
    page.locator("#script textarea").fill(words)
    card, preset = page.locator(".vc[data-voice='espeak:en-us+f5']"), page.get_by_label("Preset", exact=True)
    card.locator(".body").click()
    speed = page.get_by_label("number input for Speed")
    speed.fill("0.8")
    speed.press("Enter")
    page.click(".vp [data-act=keep]")
    page.get_by_label("Name of the preset").fill(name)
    page.get_by_label("Name of the preset").press("Enter")
    expect(preset.locator("option:checked")).to_have_text(name)

    page.locator(".vc[data-voice='espeak:en-us+f3'] .body").click()
    expect(preset.locator("option:checked")).to_have_text("None")
    speed.fill("1.5")
    speed.press("Enter")
    preset.select_option(label=name)
    expect(speed).to_have_value("0.8")
    expect(card.locator(".body")).to_have_attribute("aria-pressed", "true")
    page.click("#voice-generate")
    take = page.locator(".tk [data-asset]").filter(has_text=words)
    expect(take).to_contain_text("speed 0.80", timeout=MADE_MS)
    piece = httpx.get(f"{page_url}/api/audio-studio/library/{take.get_attribute('data-asset')}", timeout=60).json()
    assert (piece["generation_config"]["voice_name"], piece["generation_config"]["preset"]) == ("Grace", name)
    page.click(".vp [data-act=first]")
    expect(page.locator(".vp [data-act=first]")).to_have_text("Is default")

    other = opened(browser, page_url)
    expect(other.get_by_label("number input for Speed")).to_have_value("0.8")
    expect(other.locator(".vc.sel")).to_have_attribute("data-voice", "espeak:en-us+f5")
    other.once("dialog", lambda dialog: dialog.accept())
    other.click(".vp [data-act=drop]")
    expect(other.get_by_label("Preset", exact=True).locator("option", has_text=name)).to_have_count(0)


def test_favourites_come_first_and_can_be_seen_alone(browser: Browser, page_url: str) -> None:
    page = opened(browser, page_url)
    last = page.locator(".vc[data-voice='espeak:en-us+f5']")
    last.locator("[data-act=favour]").click()
    expect(page.locator(".vc").first).to_have_attribute("data-voice", "espeak:en-us+f5")
    page.reload()
    expect(page.locator(".vc").first).to_have_attribute("data-voice", "espeak:en-us+f5")
    page.click(".vtools [data-fav]")
    expect(page.locator(".vc:visible")).to_have_count(1)
    page.locator(".vc:visible [data-act=favour]").click()
    expect(page.get_by_text("No favourite here yet")).to_be_visible()
