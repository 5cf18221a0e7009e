"""Long form in a real browser: a script becomes a book with chapters, and files of scripts a ZIP."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.ui.own import own

pytestmark = pytest.mark.ui

MADE_MS = 60_000
SCRIPT = "# The Harbour\n\nThe harbour wakes.\n\n# The Town\n\n[voice Emma]Where were you?[/voice] It is late."


@pytest.fixture(scope="module")
def page(page_url: str, chromium: str) -> Iterator[Page]:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--mute-audio"])
        opened = browser.new_page(viewport={"width": 1360, "height": 1000})
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{page_url}/?view=voice")
        opened.wait_for_function("window.st && st['studio-draft-voice-2']")
        yield opened
        browser.close()
    assert complaints == []


def opened_part(page: Page) -> Locator:
    """The part for long form, unfolded: by this test, or by the one before it."""
    part = page.locator("#long-form")
    if not part.get_by_role("button", name="List the chapters").is_visible():
        part.locator("button").first.click()
    return part


def test_a_script_becomes_a_book(page: Page, tmp_path: Path, pictures: Path) -> None:
    title = own("Harbour Stories")
    page.locator("#script textarea").fill(SCRIPT)
    part = opened_part(page)
    part.get_by_role("button", name="List the chapters").click()
    expect(part.locator(".chapters li b")).to_have_text(["The Harbour", "The Town"], timeout=MADE_MS)
    expect(part.locator(".chapters .est")).to_contain_text("2 chapters")
    part.get_by_label("Title").fill(title)
    part.get_by_label("Author").fill("Jo Writer")
    Image.new("RGB", (60, 60), "teal").save(tmp_path / "cover.png")
    part.locator("#book-cover input[type=file]").set_input_files(tmp_path / "cover.png")
    expect(part.locator("#book-cover")).to_contain_text("cover.png")
    page.screenshot(path=pictures / "long-form.png")
    part.get_by_role("button", name="Make the book").click()
    expect(page.locator(".toast", has_text=title)).to_contain_text(
        "Book is ready", timeout=MADE_MS
    )  # it goes after five seconds
    expect(page.locator(".tk .tr b", has_text=title).first).to_be_visible(timeout=MADE_MS)


def test_what_is_wrong_with_the_script_is_said_before(page: Page) -> None:
    page.locator("#script textarea").fill("# A\n\n[voice Emma]One.\n\n# B\n\nTwo.[/voice]")
    opened_part(page).get_by_role("button", name="List the chapters").click()
    expect(page.locator(".chapters .wrong")).to_contain_text("on line 3 is still open", timeout=MADE_MS)


def test_files_of_scripts_become_a_zip(page: Page, tmp_path: Path) -> None:
    file = tmp_path / f"{own('scripts')}.csv"
    file.write_text("name,text,speed\nhello,Hello there.,1.2\nbad,Too fast.,9")
    page.locator('#nav [data-page="queue"]').click()
    page.get_by_role("button", name="Many lines at once").click()
    page.locator("#script-files input[type=file]").set_input_files(file)
    start = page.get_by_role("button", name="Speak the scripts")
    expect(start).to_be_enabled(timeout=MADE_MS)
    start.click()
    expect(page.locator(".toasts")).to_contain_text("Row 2: speed = '9'", timeout=MADE_MS)
    with page.expect_download(timeout=MADE_MS) as fetched:
        page.get_by_role("link", name=f"2 scripts: {file.name}").click(timeout=MADE_MS)
    with zipfile.ZipFile(fetched.value.path()) as archive:
        assert {"hello.wav", "hello.srt", "manifest.json"} <= set(archive.namelist())
