"""A quality, and the order of one's engines, on the Voice page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.ui.test_page import ARGUMENTS
from tests.ui.test_presets import opened

pytestmark = pytest.mark.ui


@pytest.fixture(autouse=True)
def nothing_chosen(page_url: str) -> Iterator[None]:
    """The order of one's engines counts for everything that is spoken from this page: it begins and ends without."""
    bare = {"order": [], "off": [], "stand_in": "never"}
    assert httpx.put(f"{page_url}/api/voice/routing", json=bare, timeout=60).is_success
    yield
    assert httpx.put(f"{page_url}/api/voice/routing", json=bare, timeout=60).is_success


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def test_a_quality_says_what_it_chose_and_why_not(browser: Browser, page_url: str) -> None:
    page = opened(browser, page_url)
    estimate = page.locator(".est")
    quality = page.get_by_role("listbox", name="Quality").or_(page.get_by_label("Quality"))
    # Nothing stands in for the embedded voices, and they speak one language each: no such control.
    expect(page.locator("#voice-stand-in")).to_be_hidden()
    expect(page.locator("#voice-language")).to_be_hidden()
    quality.first.click()
    page.get_by_role("option", name="Standard").click()
    expect(estimate).to_contain_text(
        "Standard: Embedded voices (eSpeak NG) Emma, free; Kokoro skipped: requirements-kokoro.txt"
    )
    expect(page.locator("#voice-stand-in")).to_be_visible()
    quality.first.click()
    page.get_by_role("option", name="Premium").click()
    expect(estimate.locator(".wrong")).to_contain_text("Nothing speaks at premium quality now")
    expect(page.locator("#voice-generate")).to_be_disabled()
    page.get_by_text("Engines in my order").click()
    rows = page.locator(".rt li")
    expect(rows.filter(has_text="Kokoro")).to_have_count(1)
    page.get_by_label("Ask OpenAI earlier").click()
    expect(rows.first).to_contain_text("OpenAI")
    rows.filter(has_text="Kokoro").locator("input").uncheck()
    expect(estimate.locator(".wrong")).to_contain_text("Kokoro: you switched it off")

    page.reload()
    page.get_by_text("Engines in my order").click()
    expect(rows.first).to_contain_text("OpenAI")
    expect(rows.filter(has_text="Kokoro").locator("input")).not_to_be_checked()
