"""The Clone tab in a real browser: recordings, consent, a voice that speaks, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.audio.files import decode
from core.kit.paths import ROOT
from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, go, sounds, watched  # noqa: F401

pytestmark = pytest.mark.ui


def test_a_voice_from_its_recordings_to_its_end(watched: Callable[..., Page], pictures: Path, tmp_path: Path) -> None:  # noqa: F811
    page = watched("clone")
    name, text = own("Narrator"), own("Narrated by a voice of one's own.")
    make = page.locator(".nv [data-act=make]")
    expect(make).to_be_disabled()
    clean = decode(ROOT / "tests" / "media" / "clean_control.flac")
    recording = tmp_path / "ada.wav"
    soundfile.write(recording, clean.samples[:, : 5 * clean.sample_rate].T, clean.sample_rate)
    page.locator(".nv input[name=files]").set_input_files(recording)
    card = page.locator(".nv .refr")
    expect(card).to_contain_text("of 100", timeout=MADE_MS)
    expect(page.locator(".nv .advice")).to_contain_text("1 sample usable")
    page.fill(".nv [name=name]", name)
    page.fill(".nv [name=speaker]", "Ada Byron")
    expect(page.locator(".nv [name=statement]")).to_have_value(re.compile(f"I, Ada Byron, agree .* named {name}"))
    expect(make).to_be_disabled()
    page.check(".nv [name=agreed]")
    make.click()
    voice = page.locator(".mvc", has_text=name)
    expect(voice).to_have_attribute("data-status", "trained", timeout=4 * MADE_MS)
    voice.get_by_role("button", name=f"More about {name}").click()
    expect(voice.locator(".near")).to_contain_text("not a clone")
    expect(voice.locator(".more")).to_contain_text("Consent of Ada Byron, typed")
    page.screenshot(path=pictures / "clone.png", full_page=True)

    voice.get_by_role("button", name=f"Play the sample of {name}").click()
    sounds(page)
    voice.get_by_role("button", name=f"Use {name}").click()
    expect(page.locator("#nav [data-page=voice]")).to_have_attribute("aria-current", "page")
    expect(page.locator(".vc.sel")).to_contain_text(name)
    page.locator("#script textarea").fill(text)
    page.click("#voice-generate")
    expect(page.locator(".tr:visible", has_text=text)).to_be_visible(timeout=MADE_MS)

    go(page, "clone")
    expect(voice).to_contain_text("used 1 time")
    voice.get_by_role("button", name=f"Delete {name}").click()
    page.locator("dialog[open] button", has_text="Delete").click()
    expect(page.locator(".toast", has_text="1 finished piece stays")).to_be_visible()  # it goes after five seconds
    expect(voice).to_have_count(0)
