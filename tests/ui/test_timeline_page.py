"""The timeline in a real browser: add, move, snap, trim, split, mute, undo, render; and two people at once."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, expect, sync_playwright

pytestmark = pytest.mark.ui

RATE = 44_100
MADE_MS = 90_000
"""Longest wait for what is made: the machine may be busy with other tests."""


def tone(hertz: float, seconds: float) -> bytes:
    sound = 0.2 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    file = io.BytesIO()
    soundfile.write(file, sound.astype(np.float32), RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


@pytest.fixture(scope="module")
def sounds(page_url: str) -> dict[str, str]:
    found = {}
    for name, hertz in (("Low tone", 300.0), ("High tone", 2000.0)):
        answer = httpx.post(
            f"{page_url}/api/audio-studio/library", files={"file": (f"{name}.wav", tone(hertz, 4.0), "audio/wav")},
            data={"name": name, "kind": "music", "licence": "uploaded-own"}, timeout=60,
        )  # fmt: skip
        assert answer.is_success, answer.text
        found[name] = answer.json()["id"]
    return found


@pytest.fixture
def page(page_url: str, chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--mute-audio"])
        opened = browser.new_page(viewport={"width": 1440, "height": 1000})
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{page_url}/?view=mix")
        opened.wait_for_function("window.st")
        yield opened
        browser.close()
        assert complaints == []


def clip(page: Page, name: str, number: int = 0) -> Locator:
    return page.locator(f".mtclip[aria-label^='{name}']").nth(number)


def saved(page: Page, version: int) -> None:
    expect(page.locator(".mts")).to_contain_text(f"version {version} · saved", timeout=MADE_MS)


def document(page: Page, page_url: str) -> dict[str, Any]:
    key = page.evaluate("localStorage.getItem('studio-timeline')")
    answer = httpx.get(f"{page_url}/api/projects/{key}", timeout=30)
    assert answer.is_success
    return dict(answer.json())


def clips(page: Page, page_url: str) -> list[dict[str, Any]]:
    return [each for track in document(page, page_url)["document"]["tracks"] for each in track["clips"]]


def pull(page: Page, at: Locator, seconds: float, *, where: tuple[float, float] | None = None) -> None:
    """Drag by so many seconds on the time line."""
    box = at.bounding_box()
    assert box is not None
    x, y = box["x"] + (where[0] if where else box["width"] / 2), box["y"] + (where[1] if where else box["height"] * 0.7)
    pps = page.evaluate("parseFloat(document.querySelector('.mtclip').style.width)") / length(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for part in (0.3, 0.7, 1.0):
        page.mouse.move(x + seconds * pps * part, y)
    page.mouse.up()


def length(page: Page) -> float:
    """Seconds of the first clip, from its name."""
    said = str(page.locator(".mtclip").first.get_attribute("aria-label"))
    start, end = (part.strip().split(" ")[0] for part in said.split(", ")[1].split(" to "))

    def seconds(text: str) -> float:
        minutes, rest = text.split(":")
        return int(minutes) * 60 + float(rest)

    return seconds(end) - seconds(start)


def level(samples: np.ndarray, hertz: float, start_s: float, end_s: float) -> float:
    part = samples[round(start_s * RATE) : round(end_s * RATE)]
    wave = np.exp(-2j * np.pi * hertz * np.arange(part.size) / RATE)
    return float(20 * np.log10(max(1e-9, 2 * abs(np.mean(part * wave)))))


def begin(page: Page, sounds: dict[str, str], *names: str) -> None:
    """A new timeline with these sounds on its music track, all from the beginning."""
    page.locator("#multitrack [data-do=new]").click()
    saved(page, 1)
    for number, name in enumerate(names, 2):
        page.locator(".mta input[type=search]").fill(name)
        page.locator(f".mta .mtrow [data-add={sounds[name]}]").click()
        saved(page, number)
    page.locator("#multitrack [data-do=fit]").click()


def test_cut_and_rendered_as_it_is_seen(page: Page, page_url: str, sounds: dict[str, str], pictures: Path) -> None:
    begin(page, sounds, "Low tone", "High tone")
    assert [each["start_s"] for each in clips(page, page_url)] == [0, 0]

    # Dragged near the end of the other, it snaps to it.
    pull(page, clip(page, "High tone"), 3.97)
    saved(page, 4)
    high = next(each for each in clips(page, page_url) if each["asset_id"] == sounds["High tone"])
    assert high["start_s"] == pytest.approx(4.0, abs=1e-4)

    # Its end is pulled in; the snap is switched off, so it stays where it is let go.
    page.locator("#multitrack [data-do=snap]").click()
    page.locator("#multitrack [data-do=fit]").click()
    edge = clip(page, "High tone").bounding_box()
    assert edge is not None
    pull(page, clip(page, "High tone"), -1.5, where=(edge["width"] - 3, edge["height"] * 0.7))
    saved(page, 5)
    high = next(each for each in clips(page, page_url) if each["asset_id"] == sounds["High tone"])
    assert high["duration_s"] == pytest.approx(2.5, abs=0.1)

    # The playhead by keyboard, a cut there, and one half mute.
    page.locator(".mtr").focus()
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".mtp")).to_have_text("0:02.0")
    clip(page, "Low tone").focus()
    page.keyboard.press("s")
    saved(page, 6)
    expect(page.locator(".mtclip")).to_have_count(3)
    page.keyboard.press("m")
    saved(page, 7)
    halves = [each for each in clips(page, page_url) if each["asset_id"] == sounds["Low tone"]]
    assert [(each["start_s"], each["duration_s"], each["mute"]) for each in halves] == [(0, 2, False), (2, 2, True)]

    # Back and forth.
    page.keyboard.press("Control+z")
    saved(page, 8)
    page.keyboard.press("Control+z")
    saved(page, 9)
    expect(page.locator(".mtclip")).to_have_count(2)
    page.keyboard.press("Control+Shift+z")
    saved(page, 10)
    page.keyboard.press("Control+Shift+z")
    saved(page, 11)
    assert [each["mute"] for each in clips(page, page_url) if each["asset_id"] == sounds["Low tone"]] == [False, True]

    # It plays from the playhead, and stops.
    page.locator("#multitrack [data-do=play]").click()
    page.wait_for_function("document.querySelector('.mtp').textContent > '0:02.2'", timeout=MADE_MS)
    page.locator("#multitrack [data-do=play]").click()
    page.screenshot(path=pictures / "timeline-wide.png")

    # The file is as the timeline is.
    page.locator("#multitrack [data-do=render]").click()
    samples = rendered(page_url, document(page, page_url))
    loud = level(samples, 300, 0.1, 1.9)
    assert level(samples, 300, 2.1, 3.9) < loud - 50, "the mute half sounds"
    assert level(samples, 2000, 0.1, 3.9) < loud - 50, "the high one sounds too early"
    assert level(samples, 2000, 4.1, 6.2) == pytest.approx(loud, abs=1.0)
    assert samples.size / RATE == pytest.approx(4.0 + high["duration_s"], abs=0.02)


def rendered(page_url: str, project: dict[str, Any]) -> np.ndarray:
    """The left side of the mix of this version, once it is in the library."""
    until = time.monotonic() + MADE_MS / 1000
    while time.monotonic() < until:
        found = httpx.get(f"{page_url}/api/audio-studio/library?type=mix", timeout=30).json()["assets"]
        wanted = (project["id"], project["version"])
        mix = next((each for each in found if _of(each["generation_config"]) == wanted), None)
        if mix is not None:
            file = httpx.get(f"{page_url}/media/{mix['id']}", timeout=60)
            return np.asarray(soundfile.read(io.BytesIO(file.content), always_2d=True)[0][:, 0])
        time.sleep(0.3)
    raise AssertionError("the mix did not come")


def _of(config: dict[str, Any]) -> tuple[Any, Any]:
    return config.get("project"), config.get("version")


def test_a_conflicting_save_is_said_and_nothing_is_lost(page: Page, page_url: str, sounds: dict[str, str]) -> None:
    begin(page, sounds, "Low tone")
    project = document(page, page_url)
    track = next(each for each in project["document"]["tracks"] if each["clips"])
    theirs = [{"edit": "gain", "track": track["id"], "gain_db": -9}]
    answer = httpx.patch(f"{page_url}/api/projects/{project['id']}", json={"based_on": 2, "edits": theirs}, timeout=30)
    assert answer.status_code == 200, answer.text

    clip(page, "Low tone").focus()
    page.keyboard.press("m")
    said = page.locator(".mtc")
    expect(said).to_contain_text("Somebody else changed this project")
    expect(said).to_contain_text("not lost")
    assert document(page, page_url)["version"] == 3, "theirs stands"
    said.get_by_role("button", name="Make it on the newest").click()
    saved(page, 4)
    expect(said).to_be_hidden()
    now = document(page, page_url)["document"]["tracks"]
    changed = next(each for each in now if each["id"] == track["id"])
    assert (changed["gain_db"], changed["clips"][0]["mute"]) == (-9, True)

    # Again, and kept as a project of its own.
    httpx.patch(f"{page_url}/api/projects/{project['id']}", json={"based_on": 4, "edits": theirs}, timeout=30)
    clip(page, "Low tone").focus()
    page.keyboard.press("m")
    said.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.locator(".mts")).to_contain_text("copy · version 1 · saved", timeout=MADE_MS)
    copied = document(page, page_url)
    assert copied["id"] != project["id"]
    assert [clip["mute"] for track in copied["document"]["tracks"] for clip in track["clips"]] == [False]


def test_a_project_is_opened_by_event_and_by_link(
    page: Page, page_url: str, sounds: dict[str, str], pictures: Path
) -> None:
    piece = {"name": "Music", "role": "music", "clips": [{"asset_id": sounds["Low tone"], "start": 1.0}]}
    body = {
        "name": "<b>Scored</b>",
        "document": {"tracks": [piece], "markers": [{"at_s": 1.0, "kind": "scene", "label": "Scene 1"}]},
    }
    project = httpx.post(f"{page_url}/api/projects", json=body, timeout=30).json()
    page.click("#nav [data-page=voice]")
    page.evaluate("id => st.tell('st:timeline', { id })", project["id"])
    expect(page.locator("#nav [data-page=mix]")).to_have_attribute("aria-current", "page")
    expect(page.locator(".mts")).to_contain_text("<b>Scored</b> · version 1")
    expect(page.locator(".mtmark.scene")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{page_url}/?view=mix&project={project['id']}")
    expect(page.locator(".mtclip")).to_have_count(1, timeout=MADE_MS)
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=pictures / "timeline-narrow.png")


def test_what_it_is_made_for_is_asked_before_it_is_rendered(
    page: Page, page_url: str, sounds: dict[str, str], pictures: Path
) -> None:
    answer = httpx.post(
        f"{page_url}/api/audio-studio/library", files={"file": ("Found.wav", tone(700.0, 2.0), "audio/wav")},
        data={"name": "Found on a disc", "kind": "music", "licence": "unknown"}, timeout=60,
    )  # fmt: skip
    assert answer.is_success, answer.text
    begin(page, sounds | {"Found on a disc": answer.json()["id"]}, "Found on a disc")
    expect(page.locator(".mtright")).to_be_hidden()
    page.locator("#multitrack [data-piece=for]").select_option("youtube")
    saved(page, 3)
    expect(page.locator(".mtright")).to_contain_text("Not cleared for YouTube.")
    expect(page.locator(".mtright")).to_contain_text("may not be published")
    page.screenshot(path=pictures / "timeline-not-cleared.png")
    page.locator("#multitrack [data-do=render]").click()
    expect(page.locator("body")).to_contain_text("is not cleared for commercial use, published on youtube")
    page.locator(".mtright [data-do=draft]").click()
    expect(page.locator(".mtright")).to_be_visible()
    page.locator("#multitrack [data-piece=commercial]").uncheck()
    saved(page, 4)
    page.locator("#multitrack [data-piece=for]").select_option("private")
    saved(page, 5)
    expect(page.locator(".mtright")).to_have_text("Cleared for private use.")
    page.locator("#multitrack [data-piece=for]").select_option("")
    saved(page, 6)
    expect(page.locator(".mtright")).to_be_hidden()
    assert document(page, page_url)["document"]["planned_use"] is None
