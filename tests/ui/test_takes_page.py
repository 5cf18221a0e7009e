"""Takes in a real browser: a script of three speakers as a book, a passage and a section taken anew, the book bound again."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, go, sounds, watched  # noqa: F401

pytestmark = pytest.mark.ui

SCRIPT = """# The Harbour

NARRATOR: The harbour wakes before the town does.

ANNA: Who is there? I heard a boat.

# The Town

BEN: It is only me. I brought bread and news."""


def api(page: Page, path: str) -> Any:
    origin = page.evaluate("location.origin")
    with urllib.request.urlopen(f"{origin}/api{path}") as answer:
        return json.load(answer)


def passage(page: Page, text: str) -> Locator:
    return page.locator(".rtp:not(.whole)", has_text=text)


def made(place: Locator, takes: int) -> None:
    place.locator("[name=make]").click()
    expect(place.locator(".rtc")).to_have_count(1 + takes, timeout=MADE_MS)


def bound(page: Page, title: str) -> list[dict[str, Any]]:
    """The books of this title, without their chapters."""
    return [
        each for each in api(page, "/audio-studio/library?limit=50")["assets"] if each["name"].startswith(title)
        and each["kind"] == "voiceover" and "chapters" in api(page, f"/audio-studio/library/{each['id']}")["generation_config"]
    ]  # fmt: skip


def test_three_speakers_a_chaptered_file_and_retakes(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("voice")
    title = own("Two Places")
    page.locator("#script textarea").fill(SCRIPT)
    expect(page.locator(".cast .role")).to_have_count(3, timeout=MADE_MS)
    for name, number in (("ANNA", 2), ("BEN", 3)):
        page.get_by_label(f"Voice of {name}").select_option(index=number)
    part = page.locator("#long-form")
    part.locator("button").first.click()
    part.get_by_label("Title").fill(title)
    part.get_by_role("button", name="Make the book").click()
    opens = page.get_by_role("button", name=f"Takes of {title}", exact=True)  # its chapters are in the list before it
    expect(opens).to_be_visible(timeout=2 * MADE_MS)
    opens.click()

    chapter = page.get_by_label("Chapter")
    expect(chapter.locator("option")).to_have_count(2, timeout=MADE_MS)
    expect(page.locator(".rtp:not(.whole) .tx p")).to_have_text(
        ["The harbour wakes before the town does.", "Who is there?", "I heard a boat."], timeout=MADE_MS
    )
    place = passage(page, "I heard a boat.")
    place.get_by_role("button", name="New take of").click()
    expect(place.locator(".price")).to_have_text("$0.00 on this machine")
    made(place, 2)
    expect(place.locator(".rtc small").nth(0)).to_contain_text("in the piece")
    place.get_by_role("button", name="Play take 2").click()
    sounds(page)
    place.get_by_role("button", name="Use take 2").click()
    expect(place.get_by_role("button", name="Chosen: take 2")).to_be_visible()
    place.get_by_role("button", name="Use take 3").click()
    expect(place.locator(".rtc.sel")).to_have_count(1)
    expect(place.get_by_role("button", name="Chosen: take 3")).to_be_visible()
    page.screenshot(path=pictures / "takes.png", full_page=True)

    chapter.select_option(index=1)
    whole = page.locator(".rtp.whole", has_text="The Town")
    whole.get_by_role("button", name="New take of The Town").click()
    whole.get_by_label("Takes", exact=True).select_option("1")
    whole.locator("input[name=speed]").evaluate("e => { e.value = 0.8; e.dispatchEvent(new Event('input')); }")
    made(whole, 1)
    whole.get_by_role("button", name="Use take 2").click()
    expect(page.locator(".rtgo")).to_contain_text("2 passages are replaced")
    page.get_by_role("button", name="Make the file").click()
    expect(page.locator(".toast", has_text="Book is ready").filter(has_text=title)).to_be_visible(timeout=2 * MADE_MS)

    until = time.monotonic() + 2 * MADE_MS / 1000
    while len(books := bound(page, title)) < 2:  # the message may still be the first one's
        assert time.monotonic() < until, "the book was not bound again"
        time.sleep(0.2)
    newest, first = sorted(books, key=lambda each: each["created_at"], reverse=True)
    assert newest["duration_s"] > first["duration_s"], "slower than it was"
    marks = api(page, f"/audio-studio/library/{newest['id']}")["generation_config"]["chapters"]
    assert [mark["title"] for mark in marks] == ["The Harbour", "The Town"]
    go(page, "takes")
    expect(page.get_by_label("Piece").locator("option", has_text=title)).to_have_count(6, timeout=MADE_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


def test_what_cannot_work_is_said_where_it_is_typed(watched: Callable[..., Page]) -> None:  # noqa: F811
    page = watched("takes")
    words = own("Nobody asked the ferryman.")
    answer = page.request.post(f"{page.evaluate('location.origin')}/api/voice/speak?wait=60", data={"text": words})
    assert answer.ok, answer.text()
    piece = page.get_by_label("Piece").locator("option", has_text=words)
    expect(piece).to_be_attached(timeout=MADE_MS)
    page.get_by_label("Piece").select_option(piece.get_attribute("value"))
    place = passage(page, "Nobody asked the ferryman.")
    expect(place).to_be_visible(timeout=MADE_MS)
    place.get_by_role("button", name="New take of").click()
    expect(place.locator(".price")).to_contain_text("$0.00")
    place.get_by_label("Words").fill("[speed 9]Too fast.[/speed]")
    expect(place.locator(".price")).to_have_text("not possible like this")
    expect(place.locator("[name=make]")).to_be_disabled()
    expect(page.locator(".toast.error")).to_contain_text("speed 9")
    place.get_by_label("Words").fill("Slow enough.")
    expect(place.locator("[name=make]")).to_be_enabled()
