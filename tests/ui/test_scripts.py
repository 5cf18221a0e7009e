"""The script editor in a real browser: load a file, cast its speakers, hear them, find it all again after a reload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.ui.test_page import remembered

pytestmark = pytest.mark.ui

MADE_MS = 60_000
VTT = """WEBVTT

00:01.000 --> 00:02.000
<v Anna>Is anybody there? [door slams]

00:02.000 --> 00:03.000
<v Ben Carter>Only me.

00:06.000 --> 00:07.000
The ropes creak.
"""


@pytest.fixture(scope="module")
def page(page_url: str, chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--mute-audio"])
        opened = browser.new_page(viewport={"width": 1360, "height": 940})
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{page_url}/?view=voice")
        opened.wait_for_function("window.st && st.cast && st['studio-draft-voice-2']")
        yield opened
        browser.close()
        assert complaints == []


def test_a_dialogue_is_loaded_cast_and_spoken(page: Page, tmp_path: Path, pictures: Path) -> None:
    file = tmp_path / "talk.vtt"
    file.write_text(VTT)
    page.set_input_files(".sfile input", file)
    script = page.locator("#script textarea")
    expect(script).to_have_value("Anna: Is anybody there?\nBen Carter: Only me.\n\nThe ropes creak.")
    expect(page.locator(".told")).to_contain_text("1 description of a sound was left out.")
    anna, ben = page.get_by_label("Voice of Anna"), page.get_by_label("Voice of Ben Carter")
    expect(anna).to_have_value(re.compile("^espeak:"))
    expect(ben).to_have_value(re.compile("^espeak:"))
    assert anna.input_value() != ben.input_value()
    anna.select_option("espeak:en+f2")
    expect(page.locator("#voice-generate")).to_be_enabled()
    page.screenshot(path=pictures / "cast.png")
    remembered(page, "espeak:en+f2")
    page.reload()
    expect(page.get_by_label("Voice of Anna")).to_have_value("espeak:en+f2")
    expect(page.locator("#voice-generate")).to_be_enabled()
    page.click("#voice-generate")
    expect(page.locator(".tr:visible", has_text="Is anybody there?").first).to_be_visible(timeout=MADE_MS)
    expect(page.locator(".cap li").first).to_contain_text("Is anybody there?", timeout=MADE_MS)
    expect(page.locator(".cap")).not_to_contain_text("Anna")
    made = page.evaluate(
        """async () => {
          const found = await (await fetch('/api/audio-studio/library?search=anybody')).json();
          const id = JSON.stringify(found).match(/asset_[a-z0-9]+/)[0];
          return JSON.stringify(await (await fetch('/api/audio-studio/library/' + id)).json()); }"""
    )
    assert '"Anna":"espeak:en+f2"' in made


def test_a_name_that_is_none_can_be_said_so(page: Page) -> None:
    page.locator("#script textarea").fill("REMARK TWO: buy milk.\nBEN: I will.")
    page.get_by_label("Voice of REMARK TWO").select_option("-")
    page.get_by_label("Voice of BEN").select_option("")
    expect(page.locator(".est")).to_contain_text("characters")
    page.locator("#script textarea").fill("Only words.")
    expect(page.locator(".cast")).to_be_hidden()


def test_a_file_that_cannot_be_read_is_one_message_and_the_words_stay(page: Page, tmp_path: Path) -> None:
    page.locator("#script textarea").fill("Precious words.")
    file = tmp_path / "broken.docx"
    file.write_bytes(b"broken")
    page.set_input_files(".sfile input", file)
    expect(page.get_by_role("alert")).to_contain_text("The Word file is damaged")
    expect(page.locator("#script textarea")).to_have_value("Precious words.")


def test_pasted_ssml_becomes_markup(page: Page) -> None:
    script = page.locator("#script textarea")
    script.fill("")
    script.focus()
    page.evaluate("document.execCommand('insertText', false, '<speak>Hi <break time=\"1s\"/> you.</speak>')")
    page.evaluate(
        """document.querySelector('#script textarea').dispatchEvent(
             new InputEvent('input', { inputType: 'insertFromPaste', bubbles: true }))"""
    )
    expect(script).to_have_value("Hi [pause 1000ms] you.")
    page.get_by_role("button", name="Put back what was there").click()
    expect(script).to_have_value(re.compile("^<speak>"))
