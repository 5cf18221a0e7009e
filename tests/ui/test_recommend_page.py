"""A film through the Recommend page in a real browser: in, taken apart, its suggestion changed, scored, played; and what is
said about films that cannot be."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.ui.conftest import bare_page_of
from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, fits, go, sounds, watched  # noqa: F401
from tests.video import films

pytestmark = pytest.mark.ui
SCORED_MS = 4 * MADE_MS


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A minute is too long here."""
    with bare_page_of(tmp_path_factory.mktemp("films"), MAX_VIDEO_MINUTES="1") as url:
        yield url


def api(page: Page, path: str) -> Any:
    with urllib.request.urlopen(f"{page.evaluate('location.origin')}/api{path}") as answer:
        return json.load(answer)


def bring(page: Page, film: Path) -> None:
    page.set_input_files("#film input[type=file]", film)


def taken_apart(page: Page, name: str, scenes: int) -> Locator:
    expect(page.locator(".rc-t h2")).to_have_text(name, timeout=SCORED_MS)
    expect(page.locator(".rc-thumbs button")).to_have_count(scenes)
    expect(page.locator(".rc-cue").first).to_be_visible(timeout=MADE_MS)
    return page.locator(".rc-cue").first


def plays(page: Page, label: str) -> None:
    film = f"document.querySelector('.rc-stage video[aria-label^=\"{label}\"]')"
    page.wait_for_function(f"{film} && {film}.readyState > 1", timeout=MADE_MS)
    page.evaluate(f"{film}.play()")
    page.wait_for_function(f"{film}.currentTime > 0.3 && {film}.videoWidth > 0", timeout=MADE_MS)
    page.evaluate(f"{film}.pause()")


def test_a_real_clip_comes_back_scored(watched: Callable[..., Page], pictures: Path, tmp_path: Path) -> None:  # noqa: F811
    page = watched("recommend")
    expect(page.locator(".rc-empty")).to_be_visible()
    expect(page.locator("#scoring")).to_be_hidden()
    name = own("bunny")
    bring(page, films.bunny(tmp_path / f"{name}.mp4"))
    cue = taken_apart(page, name, 3)
    expect(cue.locator(".rc-why")).to_contain_text("Motion")
    expect(cue).to_contain_text(re.compile(r"within 2 frames of a beat"))
    page.wait_for_function(
        "[...document.querySelectorAll('.rc-thumbs button')].every(b => b.style.backgroundImage.startsWith('url(\"data:image/jpeg'))"
    )
    plays(page, "Film:")

    # Every scene can be reached by keyboard; its own suggestion, and its music alone.
    page.locator(".rc-thumbs button").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rc-thumbs [aria-selected=true]")).to_have_attribute("aria-label", re.compile("^Scene 2, "))
    expect(page.locator(".rc-scene h3")).to_contain_text("Scene 2")
    page.get_by_role("button", name="Make this scene’s music").click()
    expect(page.get_by_role("button", name="Play the music of scene 2")).to_be_visible(timeout=SCORED_MS)
    sounds(page)

    # Another genre and tempo than the suggested ones; what is edited survives a reload.
    cue.get_by_label("Genre of cue 1").select_option("jazz")
    expect(cue.locator(".ti b")).to_contain_text("jazz")
    cue.get_by_label("BPM of cue 1").fill("120")
    cue.get_by_label("BPM of cue 1").press("Enter")
    expect(cue).to_contain_text("4.5 bars")
    page.reload()
    cue = taken_apart(page, name, 3)
    expect(cue.get_by_label("Genre of cue 1")).to_have_value("jazz")
    expect(cue.get_by_label("BPM of cue 1")).to_have_value("120")

    expect(page.locator("#scoring .mp")).to_have_text("$0.00 on this machine", timeout=MADE_MS)
    page.get_by_role("button", name="Score the clip").click()
    expect(page.locator(".rc-sheet")).to_be_visible(timeout=SCORED_MS)
    expect(page.locator("#scored .verdict.yes")).to_contain_text("Cleared")
    expect(page.locator("#scored .meters")).to_contain_text("-14.")
    expect(page.locator(".rc-sheet tbody tr")).to_have_count(1)
    plays(page, "Scored film:")
    job = next(each for each in api(page, "/jobs?limit=20")["jobs"] if each["kind"] == "score")
    made = api(page, f"/jobs/{job['id']}")["result"]["cues"]
    assert [(each["bpm"], "jazz" in each["title"]) for each in made] == [(120, True)]
    page.locator(".rc-stems .play").first.click()
    sounds(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the film").click()
    waiting.value.save_as(tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"
    page.screenshot(path=pictures / "recommend.png")

    nameless = page.evaluate(
        "[...document.querySelectorAll('.film-page button, .film-page a[href], .film-page input, .film-page select, .film-page textarea')]"
        ".filter(e => e.offsetParent && !(e.textContent.trim() || e.getAttribute('aria-label') || e.title || e.labels?.length)).map(e => e.outerHTML.slice(0, 120))"
    )
    assert nameless == [], "every control has a name"
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page, "recommend")
    page.screenshot(path=pictures / "recommend-narrow.png")

    # The clip goes; the film and what was made of it stay.
    page.set_viewport_size({"width": 1440, "height": 940})
    remove = page.get_by_role("button", name=f"Delete the clip {name}")
    remove.click()
    remove.click()
    expect(page.locator(".rc-empty")).to_be_visible()
    go(page, "library")
    expect(page.locator("#grid .ac", has_text=f"{name}, scored").first).to_be_visible(timeout=MADE_MS)


def test_what_cannot_be_scored_is_said_and_loses_nothing(browser: Browser, page_url: str, tmp_path: Path) -> None:  # noqa: F811
    # Not watched: Chromium writes every refused upload to its console.
    page = browser.new_page(viewport={"width": 1440, "height": 940})
    page.goto(f"{page_url}/?view=recommend")
    said = page.locator("#film .rc-bad")
    bring(page, films.mute(tmp_path / "mute & dumb.mp4"))
    taken_apart(page, "mute & dumb", 8)
    expect(page.locator(".rc-warn")).to_contain_text("no sound of its own")
    expect(page.locator("#scoring .own")).to_be_hidden()

    long = tmp_path / "long.mp4"
    films.ffmpeg("-stream_loop", 4, "-i", films.MONTAGE, "-c", "copy", long)
    for film, told in (
        (films.MEDIA / "text_renamed.wav", "no video file"),
        (films.MEDIA / "clean_control.flac", "holds sound and no picture"),
        (films.MEDIA / "zero_bytes.wav", "is empty"),
        (long, "longer than 1 minutes"),
    ):
        bring(page, film)
        expect(said.locator("b")).to_contain_text(told, timeout=SCORED_MS)
        expect(said.locator("p")).not_to_be_empty()
        expect(page.locator("#film .rc-up")).to_be_hidden()
        expect(page.locator(".rc-t h2")).to_have_text("mute & dumb")

    # A voice without words, and cues over each other: said beside the button, which waits.
    score = page.get_by_role("button", name="Score the clip")
    expect(score).to_be_enabled(timeout=MADE_MS)
    page.get_by_role("button", name="From a text").click()
    expect(page.locator("#scoring .wrong")).to_contain_text("has no text", timeout=MADE_MS)
    expect(score).to_be_disabled()
    page.get_by_label("Text of the voice-over").fill("A rabbit wakes up.")
    expect(score).to_be_enabled(timeout=MADE_MS)
    page.close()


def test_cues_are_joined_split_and_heard_alone(watched: Callable[..., Page]) -> None:  # noqa: F811
    page = watched("recommend")
    evil = '<img src=x onerror="window.hurt=1">'
    film = {"name": films.MONTAGE.name, "mimeType": "video/mp4", "buffer": films.MONTAGE.read_bytes()}
    origin = page.evaluate("location.origin")
    sent = page.request.post(
        f"{origin}/upload", multipart={"kind": "video", "licence": "uploaded-own", "name": evil, "file": film}
    )
    assert sent.status == 201, sent.text()
    page.reload()
    page.get_by_label("A film from the library").select_option(sent.json()["id"])
    cue = taken_apart(page, evil, 8)
    assert page.evaluate("window.hurt") is None, "a name is text, whatever it holds"
    page.get_by_label("One piece under the whole clip").check()
    expect(page.locator(".rc-cue")).to_have_count(1, timeout=MADE_MS)
    cue.get_by_label("Split cue 1 at a cut").select_option(index=4)
    expect(page.locator(".rc-cue")).to_have_count(2, timeout=MADE_MS)
    expect(page.locator(".rc-cues span")).to_have_count(2)

    # What ends earlier or later takes its neighbour along.
    page.get_by_label("End (s) of cue 1").fill("8,5")
    page.get_by_label("End (s) of cue 1").press("Enter")
    expect(page.get_by_label("Start (s) of cue 2")).to_have_value("8.5", timeout=MADE_MS)
    page.get_by_label("BPM of cue 2").fill("fast")
    page.get_by_label("BPM of cue 2").press("Enter")
    expect(page.locator(".toast.error")).to_contain_text("BPM of cue 2 is not a number")
    choice = page.locator(".rc-cue").nth(1).locator(".rc-alt button").nth(1)
    choice.click()
    expect(page.locator(".rc-cue").nth(1).locator(".rc-alt button").nth(1)).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="Generate the music of cue 2").click()
    expect(page.get_by_role("button", name="Play the music of cue 2")).to_be_visible(timeout=SCORED_MS)
    sounds(page)
    page.get_by_role("button", name="Join cue 1 with the next").click()
    expect(page.locator(".rc-cue")).to_have_count(1, timeout=MADE_MS)

    # Scoring goes on where a reload left it; what is cancelled can be tried again.
    score = page.get_by_role("button", name="Score the clip")
    expect(score).to_be_enabled(timeout=MADE_MS)
    assert page.request.post(f"{origin}/api/queue/pause").ok
    score.click()
    expect(page.locator("#scored .rc-job")).to_be_visible(timeout=MADE_MS)
    page.reload()
    page.locator("#scored .rc-job [data-act=cancel]").click(timeout=MADE_MS)
    expect(page.locator("#scored .rc-bad b")).to_contain_text("cancelled", timeout=MADE_MS)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert page.request.post(f"{origin}/api/queue/resume").ok

    # A recording for the voice-over: kept in the library, and refused where it is longer than the film.
    page.get_by_role("button", name="A recording").click()
    page.set_input_files("#scoring .up input", films.MEDIA / "clean_control.flac")
    expect(page.get_by_label("Recording", exact=True)).not_to_have_value("", timeout=MADE_MS)
    page.get_by_label("Voice begins at second").fill("15")
    expect(page.locator("#scoring .wrong")).to_contain_text("over the end of the clip", timeout=MADE_MS)
