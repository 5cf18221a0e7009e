"""A style in a real browser: learned from three pieces of one kind, then a piece made in it that says why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.music.providers.musicgen_checkpoint import INSTALLED
from tests.ui.own import own
from tests.ui.test_page import ARGUMENTS, MADE_MS

pytestmark = pytest.mark.ui
BPM = 96


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def composed(url: str, number: int, name: str) -> None:
    body: dict[str, Any] = {
        "genre": "rock",
        "bpm": BPM,
        "seconds": 10,
        "seed": number,
        "stems": False,
        "name": name,
    }
    answer = httpx.post(f"{url}/api/music/compose?wait=60", json=body, timeout=120)
    assert answer.status_code == 200, answer.text


def styles(url: str, name: str) -> list[Any]:
    """Those whose names begin so."""
    return [
        one for one in httpx.get(f"{url}/api/music/styles", timeout=60).json()["styles"] if one["name"].startswith(name)
    ]


def choose(page: Page, control: str, name: str) -> None:
    page.locator(f"#{control} input").click()
    page.get_by_role("option", name=name).click()


def test_a_style_is_learned_and_a_piece_is_made_in_it(browser: Browser, page_url: str, pictures: Path) -> None:
    tracks, name, prompt = [own(f"Ours {number}") for number in (1, 2, 3)], own("Our rock"), own("a road at noon")
    for number, track in enumerate(tracks, 1):
        composed(page_url, number, track)
    page = browser.new_context(viewport={"width": 1440, "height": 1400}).new_page()
    page.goto(f"{page_url}/?view=music")
    page.wait_for_function("window.st && st['studio-draft-music-4']")
    page.get_by_role("button", name="Learn a style from your own tracks").click()
    page.locator("#style-name textarea, #style-name input").fill(name)
    for track in tracks:
        choose(page, "style-tracks", track)
    page.keyboard.press("Escape")
    page.click("#style-learn")
    expect(page.get_by_text("Nobody has said that these tracks may be learned from.")).to_be_visible()
    page.locator("#style-rights input").check()
    page.locator("#style-learning").scroll_into_view_if_needed()
    page.screenshot(path=pictures / "style.png")
    page.click("#style-learn")

    until = time.monotonic() + MADE_MS / 1000
    while not (found := styles(page_url, name)):
        assert time.monotonic() < until, "the style was not learned"
        time.sleep(0.3)
    assert found[0]["figures"]["bpm"]["median"] == pytest.approx(BPM, rel=0.01)
    assert found[0]["genre"] == "rock"

    choose(page, "music-style", name)
    page.get_by_role("button", name="Teach the chosen style to MusicGen").click()
    if not INSTALLED:
        expect(page.locator("#style-outlook")).to_contain_text("pip install -r requirements-musicgen.txt")
        page.click("#style-train")
        expect(page.get_by_text("requirements-musicgen.txt is not installed").last).to_be_visible()
    page.locator("#style-training").scroll_into_view_if_needed()
    page.screenshot(path=pictures / "style-training.png")
    page.locator("#prompt textarea").fill(prompt)
    page.locator("#music-seconds input[type=number]").fill("8")
    page.locator("#music-seconds input[type=number]").press("Enter")
    page.click("#music-generate")
    take = page.locator(".tr[data-asset]:visible").filter(has_text=prompt)
    expect(take).to_have_count(1, timeout=MADE_MS)
    take.get_by_label(f"Save {prompt}: name, folder, tags").click()
    drawer = page.locator("#details dialog")
    expect(drawer).to_contain_text(f"{name}. Tempo 9")
    expect(drawer).to_contain_text("its tracks are")
    expect(drawer).to_contain_text("Genre rock: most of its tracks are rock in the library.")
    page.screenshot(path=pictures / "style-piece.png")
    piece = httpx.get(f"{page_url}/api/audio-studio/library/{take.get_attribute('data-asset')}", timeout=60).json()
    assert piece["bpm"] == pytest.approx(BPM, rel=0.015)
    page.keyboard.press("Escape")

    page.locator("#style-name textarea, #style-name input").fill(f"{name}, renamed")
    page.click("#style-rename")
    expect(page.get_by_text(f"The style is named {name}, renamed now")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#style-delete")
    expect(page.get_by_text("The style is deleted")).to_be_visible()
    assert styles(page_url, name) == []
