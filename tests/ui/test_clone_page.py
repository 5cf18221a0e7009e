"""The Clone tab in a real browser: recordings, consent, a voice that speaks, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.kit.paths import ROOT
from tests.ui.test_page import MADE_MS, browser, go, sounds, watched  # noqa: F401

pytestmark = pytest.mark.ui


def test_a_voice_from_its_recordings_to_its_end(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("clone")
    make = page.locator(".nv [data-act=make]")
    expect(make).to_be_disabled()
    page.locator(".nv input[name=files]").set_input_files(ROOT / "tests" / "media" / "clean_control.flac")
    card = page.locator(".nv .refr")
    expect(card).to_contain_text("of 100", timeout=MADE_MS)
    expect(page.locator(".nv .advice")).to_contain_text("1 sample usable")
    page.fill(".nv [name=name]", "Narrator")
    page.fill(".nv [name=speaker]", "Ada Byron")
    expect(page.locator(".nv [name=statement]")).to_have_value(re.compile("I, Ada Byron, agree .* named Narrator"))
    expect(make).to_be_disabled()
    page.check(".nv [name=agreed]")
    make.click()
    voice = page.locator(".mvc", has_text="Narrator")
    expect(voice).to_have_attribute("data-status", "trained", timeout=2 * MADE_MS)
    voice.get_by_role("button", name="More about Narrator").click()
    expect(voice.locator(".near")).to_contain_text("not a clone")
    expect(voice.locator(".more")).to_contain_text("Consent of Ada Byron, typed")
    page.screenshot(path=pictures / "clone.png", full_page=True)

    voice.get_by_role("button", name="Play the sample of Narrator").click()
    sounds(page)
    voice.get_by_role("button", name="Use Narrator").click()
    expect(page.locator("#nav [data-page=voice]")).to_have_attribute("aria-current", "page")
    expect(page.locator(".vc.sel")).to_contain_text("Narrator")
    page.locator("#script textarea").fill("Narrated by a voice of one's own.")
    page.click("#voice-generate")
    expect(page.locator(".tr:visible", has_text="Narrated by a voice").first).to_be_visible(timeout=MADE_MS)

    go(page, "clone")
    expect(voice).to_contain_text("used 1 time")
    voice.get_by_role("button", name="Delete Narrator").click()
    page.locator("dialog[open] button", has_text="Delete").click()
    expect(page.locator(".toast", has_text="1 finished piece stays")).to_be_visible()  # it goes after five seconds
    expect(page.locator(".mlist")).to_contain_text("No voice yet")
