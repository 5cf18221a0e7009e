"""The AI voices tab in a real browser: voices found, several heard with one's own words, one taken along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_page import MADE_MS, browser, go, sounds, watched  # noqa: F401

pytestmark = pytest.mark.ui


def test_voices_are_heard_side_by_side_with_ones_own_words(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("voices")
    cards = page.locator(".avv")
    expect(cards.first).to_be_visible(timeout=MADE_MS)
    expect(cards.first.locator(".bd")).to_contain_text("free")
    page.get_by_label("Language of the voices").select_option("French")
    expect(page.locator(".avv small").first).to_contain_text("French", timeout=MADE_MS)
    page.get_by_label("Gender").select_option("male")
    expect(page.locator(".count")).to_contain_text("voice", timeout=MADE_MS)
    for number in (0, 1):
        cards.nth(number).locator("[data-pick]").click()
    desk = page.locator(".avd")
    desk.get_by_label("Your words").fill("Bonjour tout le monde.")
    expect(desk.locator(".price")).to_have_text("$0.00 on this machine", timeout=MADE_MS)
    desk.get_by_role("button", name="Hear them").click()
    expect(desk.locator(".rtc .play")).to_have_count(2, timeout=MADE_MS)
    desk.locator(".rtc .play").first.click()
    sounds(page)
    page.screenshot(path=pictures / "voices.png")
    name = desk.locator(".rtc b").first.inner_text()
    desk.locator(".rtc").first.get_by_role("button", name="Use").click()
    expect(page.locator("#nav [data-page=voice]")).to_have_attribute("aria-current", "page")
    expect(page.locator(".vc.sel b")).to_have_text(name, timeout=MADE_MS)
    go(page, "voices")
    desk.get_by_label("Your words").fill("")
    expect(desk.get_by_role("button", name="Hear them")).to_be_disabled()
    desk.get_by_role("button", name=f"Take {name} out").click()
    expect(desk.locator(".rtc")).to_have_count(1)
    page.get_by_label("Search all voices").fill("no such voice anywhere")
    expect(page.locator(".avs")).to_contain_text("No voice matches", timeout=MADE_MS)
