"""The Licensing tab in a real browser: music is found and heard, kept, and a use is cleared by a licence that is entered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clouds.catalogue import HOSTILE
from tests.clouds.openverse import OpenverseServer, uuid
from tests.ui.conftest import bare_page_of
from tests.ui.test_page import MADE_MS, browser, fits, sounds  # noqa: F401

pytestmark = pytest.mark.ui
NOT_FOR_MONEY = uuid(12)
"""CC BY-NC at the stand-in."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with OpenverseServer() as cloud, bare_page_of(tmp_path_factory.mktemp("licensing"), OPENVERSE_URL=cloud.url) as url:
        yield url


def search(page: Page, words: str) -> None:
    page.get_by_placeholder("Search every catalogue").fill(words)
    page.keyboard.press("Enter")


def enter_licence(page: Page, commercial: bool) -> None:
    page.get_by_role("button", name="Enter a licence").click()
    form = page.get_by_role("form", name="Enter a licence")
    form.get_by_label("Catalogue").select_option("openverse")
    form.get_by_label("Track’s id").fill(NOT_FOR_MONEY)
    form.get_by_label("Title").fill("Piano 2")
    form.get_by_label("Until").fill((date.today() + timedelta(days=20)).isoformat())
    form.get_by_label("Commercial use").set_checked(commercial)
    form.get_by_role("button", name="Enter it").click()
    expect(form).to_be_hidden(timeout=MADE_MS)


def test_found_heard_licensed_and_cleared(browser: Browser, url: str) -> None:  # noqa: F811
    page = browser.new_context(viewport={"width": 1440, "height": 940}).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda asked: (wrong.append(asked.message), asked.dismiss()))
    page.goto(f"{url}/?view=licensing")
    expect(page.get_by_role("button", name="Switch light or dark")).to_be_in_viewport(ratio=1, timeout=MADE_MS)

    search(page, "alert(1)")
    expect(page.locator(".lc-tr .ti b")).to_have_text([HOSTILE], timeout=MADE_MS)
    assert page.locator("#catalogue-search img, .lc-tr script").count() == 0, "a title stays text"

    search(page, "piano")
    expect(page.locator(".lc-tr")).to_have_count(20, timeout=MADE_MS)
    expect(page.locator("[data-source=openverse]")).to_have_attribute("data-state", "ok")
    page.get_by_label("Favourite Calm Piano").click()
    expect(page.get_by_label("Favourite Calm Piano")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Preview Calm Piano").click()
    sounds(page)
    page.get_by_label("Add Calm Piano to a playlist").click()
    page.get_by_label("Its name").fill("Harbour")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".toast", has_text="It is in the playlist")).to_contain_text("Harbour")

    page.get_by_role("tab", name="Licences").click()
    enter_licence(page, commercial=False)
    page.get_by_label("Check a use of Piano 2").click()
    verdict = page.locator(".lv-v")
    expect(verdict).to_contain_text("No: not like that.", timeout=MADE_MS)
    enter_licence(page, commercial=True)
    expect(verdict).to_contain_text("Yes: it may be published like that.", timeout=MADE_MS)
    # Of the two the one for commercial use goes: nothing is cleared any more.
    paid = page.locator("[data-licence]").filter(has_not_text="not commercial")
    paid.get_by_label("Revoke the licence of Piano 2").click()
    paid.get_by_text("Revoke for good?").click()
    expect(verdict).to_contain_text("No: not like that.", timeout=MADE_MS)

    page.set_viewport_size({"width": 390, "height": 844})
    for view in ("Search", "Licences", "Radar"):
        page.get_by_role("tab", name=view).click()
        fits(page, view)
    expect(page.locator(".lr-row")).to_contain_text(["Piano 2"])
    assert wrong == []
