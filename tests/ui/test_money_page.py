"""The Costs page in a real browser: what is spent, a plan, an alert, a fixed cost, the calculator, a call to resolve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = pytest.mark.ui


@pytest.fixture
def page(page_url: str, chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1360, "height": 1200})
        opened.goto(f"{page_url}/?view=costs")
        opened.wait_for_selector(".sums", timeout=30_000)
        yield opened
        browser.close()


def test_everything_about_money_can_be_done_on_the_page(page: Page, pictures: Path) -> None:
    page.get_by_label("Plan", exact=True).select_option("elevenlabs/creator")
    page.get_by_role("button", name="I hold this plan").click()
    expect(page.get_by_text("100,000 of 100,000 credits left")).to_be_visible()
    page.get_by_label("Amount or percentage of the cap").fill("80 %")
    page.get_by_role("button", name="Tell me").click()
    expect(page.get_by_text("Everything: at 80 % of the cap in a day")).to_be_visible()
    page.get_by_label("Amount or percentage of the cap").fill("a lot")
    page.get_by_role("button", name="Tell me").click()
    expect(page.get_by_role("alert")).to_contain_text("'a lot' is not an amount.")
    page.get_by_label("Name of the cost").fill("Graphics card")
    page.get_by_label("Dollars a month").fill("90")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(re.compile(r"\$90\.00 this month over \d+ assets?"))).to_be_visible()
    page.get_by_role("button", name="Calculate").click()
    expect(page.locator(".calc .big")).to_have_text("$11.75")
    expect(page.locator(".calc .plot path.mix")).to_be_attached()
    page.screenshot(path=pictures / "costs.png", full_page=True)
    page.get_by_role("button", name="End", exact=True).first.click()
    expect(page.get_by_text("No plan: everything is paid as you go.")).to_be_visible()


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Calculate").click()
    page.wait_for_selector(".calc .bill")
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
