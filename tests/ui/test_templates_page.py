"""The Templates tab in a real browser: two who edit the same; a file out and in; one out of Music.
What is made with one: test_batch_page.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.ui.test_page import ARGUMENTS

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: Browser, url: str, view: str = "templates") -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
    page.goto(f"{url}/?view={view}")
    page.wait_for_selector("#nav [data-page]")
    return page


def made(url: str, **values: Any) -> str:
    body = {"name": "Quay", "fields": {"mood": "calm", "genre": "folk", "seconds": 4, "bpm": 90}} | values
    answer = httpx.post(f"{url}/api/templates", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_two_edits_are_merged_and_one_goes_back(browser: Browser, page_url: str) -> None:
    template = made(page_url, name="Quay of two")
    path = f"{page_url}/api/templates/{template}"
    page = opened(browser, page_url)
    page.locator(f"[data-template={template}]").click()
    page.locator("[data-field=bpm]").fill("120")
    theirs = {"based_on": 1, "fields": {"mood": "sad", "genre": "folk", "seconds": 4, "bpm": 90}}
    assert httpx.patch(path, json=theirs, timeout=60).status_code == 200
    page.get_by_role("button", name="Save as a new version").click()
    dialog = page.locator("dialog.merge")
    expect(dialog).to_contain_text("saved version 2")
    expect(dialog.get_by_label("Mood").locator("option:checked")).to_have_text("Theirs: sad")
    expect(dialog.get_by_label("Tempo (BPM)").locator("option:checked")).to_have_text("Yours: 120")
    dialog.get_by_role("button", name="Save both as version 3").click()
    expect(page.locator(".tpo .ti small")).to_contain_text("version 3")
    assert httpx.get(path, timeout=60).json()["fields"] == {"mood": "sad", "genre": "folk", "seconds": 4, "bpm": 120}

    page.get_by_label("Compare version 1").click()
    expect(page.locator(".tpo table.ab tbody tr")).to_have_count(2)
    page.get_by_label("Go back to version 1").click()
    expect(page.locator("[data-field=bpm]")).to_have_value("90")
    expect(page.locator(".tpo .ti small")).to_contain_text("version 4")

    page.get_by_role("button", name="Everybody in this studio").click()
    page.get_by_label("4 of 5").and_(page.locator(":visible")).click()
    expect(page.locator(".tpo .ti small")).to_contain_text("★ 4.0 (1)")
    page.get_by_label("Comment", exact=True).fill("<b>Lovely</b>")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".tpo").get_by_text("<b>Lovely</b>")).to_be_visible()


def test_a_file_goes_out_and_in_and_music_is_saved(browser: Browser, page_url: str, tmp_path: Path) -> None:
    template = made(page_url, name="Quay to carry")
    page = opened(browser, page_url)
    page.locator(f"[data-template={template}]").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export", exact=True).click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == "quay-to-carry.yaml"
    page.get_by_role("button", name="← All templates").click()
    page.get_by_label("Import templates from a file").set_input_files(file)
    page.get_by_role("button", name="Keep both").click()
    expect(page.locator(".tpc").filter(has_text="Quay to carry (2)")).to_have_count(1)
    bad = tmp_path / "bad.yaml"
    bad.write_text("a: &a [*a]\n")
    page.get_by_label("Import templates from a file").set_input_files(bad)
    expect(page.get_by_text("uses an anchor or an alias")).to_be_visible()

    page.click("#nav [data-page=music]")
    page.locator("#prompt textarea").fill("rain on a tin roof, 84 bpm")
    page.once("dialog", lambda dialog: dialog.accept("Tin roof"))
    page.get_by_role("button", name="Save as template…").click()
    expect(page.get_by_text("Tin roof is saved")).to_be_visible()
    page.click("#nav [data-page=templates]")
    expect(page.locator(".tpc").filter(has_text="Tin roof")).to_have_count(1)


def test_nothing_is_wider_than_a_phone(browser: Browser, page_url: str, pictures: Path) -> None:
    template = made(page_url, name="Quay on a very narrow screen with a long name", use_cases=["intro", "podcast_bed"])
    page = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    page.goto(f"{page_url}/?view=templates")
    card = page.locator(f"[data-template={template}]")
    expect(card).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    card.click()
    expect(page.locator(".tpo [data-field=mood]")).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=pictures / "templates-narrow.png")
