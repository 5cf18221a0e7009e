"""A scored film on the timeline in a real browser: opened from the Recommend page, cut, faded, measured in what is rendered; and
all that can be brought onto a timeline: dragged from the panel, made, spoken into the microphone, its beats found."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect, sync_playwright

from tests.ui.test_timeline_page import MADE_MS, RATE, clip, clips, document, level, pull, rendered, saved, tone
from tests.video import films

pytestmark = pytest.mark.ui
FILM, HEARD, SPOKEN = "Quayside film", "Quayside clicks", "Quayside voice"


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears."""
    file = tmp_path_factory.mktemp("microphone") / "voice.wav"
    file.write_bytes(tone(700.0, 10.0))
    return file


@pytest.fixture
def page(chromium: str, talking: Path) -> Iterator[Page]:
    microphone = [
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={talking}",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--mute-audio", *microphone]
        )
        opened = browser.new_page(viewport={"width": 1440, "height": 1000})
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
        assert complaints == []


def sent(page_url: str, path: str, **body: Any) -> dict[str, Any]:
    answer = httpx.post(f"{page_url}/api{path}", json=body, timeout=150)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def brought(page_url: str, name: str, data: bytes, kind: str, suffix: str = "wav") -> str:
    """Id of a piece of the library."""
    answer = httpx.post(
        f"{page_url}/upload", files={"file": (f"{name}.{suffix}", data)}, data={"name": name, "kind": kind, "licence": "uploaded-own"},
        timeout=60,
    )  # fmt: skip
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


def test_a_scored_film_is_cut_and_rendered(page: Page, page_url: str, tmp_path: Path, pictures: Path) -> None:
    short = tmp_path / "short.mp4"
    films.ffmpeg("-i", films.MONTAGE, "-t", 9, "-c", "copy", short)
    film = brought(page_url, FILM, short.read_bytes(), "video", "mp4")
    clip_id = sent(page_url, "/video/scenes?wait=120", asset_id=film)["result"]["clip_id"]
    (cue,) = sent(page_url, "/score/plan", clip_id=clip_id, seed=5, one=True)["cues"]
    halves = [cue | {"end_s": 5.0833, "ending": "cut"}, cue | {"start_s": 5.0833}]
    sent(page_url, "/score?wait=120", clip_id=clip_id, cues=halves, seed=5, stems=False)

    # From the page where it was scored, before Mix was ever open.
    page.goto(f"{page_url}/?view=recommend")
    page.evaluate("id => localStorage.setItem('studio-clip', id)", clip_id)
    page.reload()
    opens = page.get_by_role("button", name="Open in Mix")
    expect(opens).to_be_visible(timeout=MADE_MS)
    page.get_by_role("button", name="A recording").click()
    page.locator("#scoring [data-act=record]").click()
    expect(page.locator("#scoring .rec")).to_have_text("0:01", timeout=MADE_MS)
    page.locator("#scoring [data-act=record]").click()
    expect(page.get_by_label("Recording", exact=True)).not_to_have_value("", timeout=MADE_MS)
    expect(page.locator("#scoring [data-act=record]")).to_have_text("Record")
    opens.click()
    expect(page.locator(".mts")).to_contain_text(f"{FILM}, scored · version 1", timeout=MADE_MS)
    expect(page.locator(".mtclip")).to_have_count(3)
    expect(page.locator(".mtmark.scene").first).to_be_visible()
    expect(page.locator(".mtpics img").first).to_be_visible()
    expect(page.get_by_label("Loudness of the piece")).to_have_value("video")

    # Its own sound off, so that the music alone is heard.
    page.get_by_role("button", name="Mute Clip").click()
    saved(page, 2)
    page.locator("#multitrack [data-do=snap]").click()
    second = clip(page, "Cue 2")
    box = second.bounding_box()
    assert box is not None
    pull(page, second, -1.5, where=(box["width"] - 3, box["height"] * 0.7))
    saved(page, 3)
    trimmed = clips(page, page_url)[2]
    assert trimmed["duration_s"] == pytest.approx(2.4, abs=0.15)
    handle = second.locator(".mte.fo").bounding_box()
    assert handle is not None
    pull(page, second.locator(".mte.fo"), -1.0, where=(handle["width"] / 2, handle["height"] / 2))
    saved(page, 4)
    faded = clips(page, page_url)[2]
    assert (faded["start_s"], faded["duration_s"]) == (trimmed["start_s"], trimmed["duration_s"])
    assert faded["fade_out_s"] == pytest.approx(1.0, abs=0.1)

    # The whole piece: another loudness, and half a second more.
    page.get_by_label("Loudness of the piece").select_option("podcast")
    saved(page, 5)
    page.get_by_label("Length of the piece").fill("9.5")
    page.get_by_label("Length of the piece").press("Enter")
    saved(page, 6)
    told = document(page, page_url)
    assert (told["document"]["loudness"], told["document"]["length_s"]) == ("podcast", 9.5)
    page.screenshot(path=pictures / "timeline-scored.png")

    page.locator("#multitrack [data-do=render]").click()
    samples = rendered(page_url, told)
    assert samples.size / RATE == pytest.approx(9.5, abs=0.02)
    end = faded["start_s"] + faded["duration_s"]

    def loudness(start_s: float, end_s: float) -> float:
        part = samples[round(start_s * RATE) : round(end_s * RATE)]
        return float(20 * np.log10(max(1e-9, np.sqrt(np.mean(np.square(part))))))

    assert loudness(end + 0.05, 9.45) < -80, "what was trimmed away sounds"
    assert loudness(end - 0.25, end - 0.05) < loudness(end - 2.0, end - 1.2) - 6, "it does not fade"
    page.get_by_label("Length of the piece").fill("")
    page.get_by_label("Length of the piece").press("Enter")
    saved(page, 7)
    assert document(page, page_url)["document"]["length_s"] is None


def test_what_is_brought_onto_a_timeline(page: Page, page_url: str, pictures: Path) -> None:
    brought(page_url, HEARD, clicks(8.0, 120), "music")
    spoken = brought(page_url, SPOKEN, tone(500.0, 1.5), "voiceover")
    page.goto(f"{page_url}/?view=mix")
    page.wait_for_function("window.st")
    page.locator("#multitrack [data-do=new]").click()
    saved(page, 1)
    panel = page.locator(".mta")
    panel.locator("input[type=search]").fill("Quayside")
    panel.locator(".mtrow", has_text=HEARD).first.locator("[data-add]").click()
    saved(page, 2)
    page.locator("#multitrack [data-do=fit]").click()

    # A take is dragged to where it is to begin.
    pps = page.evaluate("parseFloat(document.querySelector('.mtclip').style.width)") / 8
    voice = page.locator(".mtlane.voice")
    panel.locator(".mtrow", has_text=SPOKEN).first.drag_to(voice, target_position={"x": 3.3 * pps, "y": 30})
    saved(page, 3)
    (laid,) = [each for each in clips(page, page_url) if each["asset_id"] == spoken]
    assert laid["start_s"] == pytest.approx(3.3, abs=0.1)

    # Its beats are found, and marked.
    clip(page, HEARD).click()
    expect(page.locator(".mtbeat")).to_have_count(0)
    page.get_by_role("button", name="Find beats").click()
    expect(page.get_by_role("button", name="Mark bars")).to_be_visible(timeout=MADE_MS)
    assert page.locator(".mtbeat").count() >= 3
    page.get_by_role("button", name="Mark bars").click()
    saved(page, 4)
    bars = [each["at_s"] for each in document(page, page_url)["document"]["markers"] if each["kind"] == "beat"]
    assert np.diff(bars) == pytest.approx(2.0, abs=0.1)

    # Spoken into the microphone, laid at the playhead.
    page.locator(".mtr").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    panel.get_by_role("button", name="Record").click()
    expect(panel.locator(".mtrec")).to_have_text("0:02", timeout=MADE_MS)
    panel.get_by_role("button", name="Stop").click()
    saved(page, 5)
    own = clips(page, page_url)
    new = next(each for each in own if each["asset_id"] not in (spoken, laid["asset_id"]) and each["start_s"] == 2.0)
    told = httpx.get(f"{page_url}/export/{new['asset_id']}?format=wav24&pack=false", timeout=60).content
    heard = np.asarray(soundfile.read(io.BytesIO(told), always_2d=True)[0][:, 0])
    assert level(heard, 700, 0.5, 1.5) > level(heard, 1900, 0.5, 1.5) + 20, "the microphone was not heard"
    expect(clip(page, "Recording")).to_have_count(1)

    # Made in place.
    panel.get_by_text("Make something new").click()
    panel.get_by_label("What to make").select_option("voice")
    panel.get_by_label("What it should be").fill("The quay is empty.")
    page.screenshot(path=pictures / "timeline-panel.png")
    panel.get_by_role("button", name="Make and add").click()
    saved(page, 6)
    assert len(clips(page, page_url)) == 4
    expect(page.locator(".mtclip", has_text=re.compile("quay is empty", re.I))).to_have_count(1)
    page.screenshot(path=pictures / "timeline-brought.png")


def clicks(seconds: float, bpm: float) -> bytes:
    """A drum on every beat, deeper and louder on the first of four."""
    sound = np.zeros(round(seconds * RATE))
    for beat in range(int(seconds * bpm / 60)):
        first = beat % 4 == 0
        at, time = round(beat * 60 / bpm * RATE), np.arange(round(0.2 * RATE)) / RATE
        hit = (0.8 if first else 0.4) * np.sin(2 * np.pi * (80 if first else 220) * time) * np.exp(-25 * time)
        sound[at : at + hit.size] += hit[: sound.size - at]
    file = io.BytesIO()
    soundfile.write(file, sound.astype(np.float32), RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
