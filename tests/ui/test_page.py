"""The page in a real browser, with a real worker: speak, compose, mix, play, download, cancel, find."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.ui.conftest import page_of

pytestmark = pytest.mark.ui

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--mute-audio",
]  # fmt: skip
MADE_MS = 60_000
"""Longest wait for something that is made: the machine may be busy with other tests."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fresh")


@pytest.fixture(scope="module")
def page_url(place: Path) -> Iterator[str]:
    """A fresh one: these tests count what is in its library, its queue and its projects."""
    with page_of(place) as url:
        yield url


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def watched(browser: Browser, page_url: str) -> Iterator[Callable[..., Page]]:
    """Pages that must not ask anything of the outside, nor complain in their console."""
    outside: list[str] = []
    complaints: list[str] = []
    contexts = []

    def look(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(page_url).netloc:
            outside.append(request.url)

    def open_page(view: str = "voice", **options: object) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1440, "height": 940}} | options))  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("request", look)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{page_url}/?view={view}")
        page.wait_for_selector("#nav [data-page]")
        page.wait_for_function("window.st && st['studio-draft-voice-2'] && st['studio-draft-music-4']")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert complaints == []


def go(page: Page, view: str) -> None:
    page.click(f"#nav [data-page={view}]")
    expect(page.locator(f"#nav [data-page={view}]")).to_have_attribute("aria-current", "page")


def visible(page: Page, selector: str) -> object:
    return page.locator(f"{selector}:visible")


def play_time(page: Page) -> float:
    return float(page.evaluate("document.getElementById('studio-audio').currentTime"))


def sounds(page: Page) -> None:
    page.wait_for_function("document.getElementById('studio-audio').currentTime > 0.25", timeout=MADE_MS)
    # A short piece may have come to its end while a busy machine looked away.
    page.wait_for_function(
        f"(audio => audio.ended || audio.currentTime > {play_time(page)})(document.getElementById('studio-audio'))",
        timeout=MADE_MS,
    )


def remembered(page: Page, words: str) -> None:
    """The browser has them among its drafts."""
    page.wait_for_function("words => JSON.stringify({...localStorage}).includes(words)", arg=words)


def fits(page: Page, view: str) -> None:
    """Nothing is wider than the window, once it has settled."""
    page.wait_for_timeout(400)
    try:
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=10_000)
    except PlaywrightTimeout:
        pytest.fail(f"{view} scrolls sideways")


def charges_are_seen(browser: Browser, dashboards_url: str, pictures: Path, tmp_path: Path) -> None:
    """What was just made is in the dashboards: a charge for each kind, at $0."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.goto(dashboards_url)
    expect(page.get_by_text("By provider and kind")).to_be_visible(timeout=MADE_MS)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="↓ CSV").first.click()
    table = tmp_path / "costs.csv"
    waiting.value.save_as(table)
    lines = table.read_text().lower()
    page.screenshot(path=pictures / "flow-costs.png")
    context.close()
    for provider in ("espeak", "composer", "mixer"):
        assert provider in lines, lines


def test_from_a_script_to_a_finished_piece(
    watched: Callable[..., Page], browser: Browser, dashboards_url: str, pictures: Path, tmp_path: Path
) -> None:
    page = watched()

    # Speak. Generate is off while there is nothing to say.
    script = page.locator("#script textarea")
    script.fill("")
    expect(page.locator("#voice-generate")).to_be_disabled()
    script.fill("# Night\nThe lamp turns. [pause 300ms] Somebody counts the ships.")
    expect(page.locator("#voice-generate")).to_be_enabled()
    page.click("#voice-generate")
    take = page.locator(".tr:visible", has_text="The lamp turns.").first
    expect(take).to_be_visible(timeout=MADE_MS)
    sounds(page)
    expect(page.locator("#player .np b")).to_contain_text("The lamp turns.")
    expect(page.locator(".cap li").first).to_contain_text("The lamp turns.")

    # The chosen words survive a reload.
    remembered(page, "Somebody counts the ships")
    page.reload()
    expect(page.locator("#script textarea")).to_have_value(re.compile("Somebody counts the ships"))

    # Compose from a prompt; what is understood is shown, and so is what is not.
    go(page, "music")
    page.locator("#prompt textarea").fill("dark cinematic strings, 90 bpm, D minor, frobnicating")
    reading = page.locator(".read:visible")
    expect(reading).to_contain_text("90 BPM")
    expect(reading).to_contain_text("D minor")
    expect(reading).to_contain_text("Not understood: frobnicating")
    page.locator("#music-seconds input[type=number]").fill("10")
    page.locator("#music-seconds input[type=number]").press("Enter")
    page.click("#music-generate")
    piece = page.locator(".tr:visible", has_text="dark cinematic strings").first
    expect(piece).to_be_visible(timeout=MADE_MS)
    expect(piece).to_contain_text("D minor · 90 BPM")
    page.wait_for_function("document.querySelector('#player .np b').textContent.includes('dark cinematic')")
    expect(page.locator(".st:visible").first).to_be_visible()
    page.locator("[data-act=stems]:visible").click()
    sounds(page)
    mute = page.locator(".st:visible [data-act=mute]").first
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")

    # Mix what is at hand, hear it, and take it out with its sheets.
    for words in ("dark cinematic", "The lamp turns"):
        row = page.locator(".pc1:visible", has_text=words).first
        row.locator("[data-act=add]").click()
    go(page, "mix")
    expect(page.locator(".slots.bed")).to_contain_text("dark cinematic")
    page.locator("#mix-name textarea, #mix-name input").fill('Lamp & "ships"')
    page.click("#mix-render")
    mixed = page.locator(".tr:visible", has_text='Lamp & "ships"').first
    expect(mixed).to_be_visible(timeout=MADE_MS)
    expect(page.locator(".lane:visible")).to_have_count(2)
    expect(page.locator(".meters:visible")).to_contain_text("LUFS")
    sounds(page)
    page.locator(".tlh [data-act=open]:visible").click()
    drawer = page.locator("dialog.drawer[open]")
    drawer.locator("select").first.select_option("youtube")
    drawer.locator("label.check input").check()
    expect(drawer.locator(".verdict.yes")).to_contain_text("Cleared for this use")
    with page.expect_download() as waiting:
        drawer.get_by_text("Download with sheet").click()
    archive = tmp_path / "export.zip"
    waiting.value.save_as(archive)
    with zipfile.ZipFile(archive) as files:
        sheet = json.loads(files.read(next(name for name in files.namelist() if name.endswith(".json"))))
        assert any(name.endswith(".wav") for name in files.namelist())
    assert sheet["cleared"] is True
    assert {part["kind"] for part in sheet["parts"]} == {"mix", "voiceover", "music"}
    page.keyboard.press("Escape")

    # Cancel a job that would take long.
    go(page, "music")
    page.locator("#music-seconds input[type=number]").fill("500")
    page.locator("#music-seconds input[type=number]").press("Enter")
    page.click("#music-generate")
    go(page, "queue")
    row = page.locator("#jobtable tr[data-s=running], #jobtable tr[data-s=waiting]").first
    row.get_by_role("button", name=re.compile("^Cancel")).click(timeout=MADE_MS)
    expect(page.locator("#jobtable tr[data-s=cancelled]").first).to_be_visible(timeout=MADE_MS)

    # Find it again.
    go(page, "library")
    page.locator("#grid input[type=search]").fill("lamp &")
    expect(page.locator("#grid .ac")).to_have_count(1)
    expect(page.locator("#grid .ac")).to_contain_text('Lamp & "ships"')
    expect(page.locator("#grid .ac")).to_contain_text("$0.00")
    page.locator("#grid .th").click()
    sounds(page)
    page.screenshot(path=pictures / "flow-library.png")
    charges_are_seen(browser, dashboards_url, pictures, tmp_path)


def test_the_example_plays_and_the_page_looks_right(watched: Callable[..., Page], pictures: Path) -> None:
    wide = watched()
    example = wide.locator(".tr:visible", has_text="The harbour wakes").first
    expect(example).to_contain_text("Example", timeout=MADE_MS)
    example.locator(".play").click()
    sounds(wide)
    wide.screenshot(path=pictures / "voice-wide.png")
    for view in ("music", "mix", "library", "queue", "status"):
        go(wide, view)
        fits(wide, view)
        wide.screenshot(path=pictures / f"{view}-wide.png")
    dark = watched("music", color_scheme="dark")
    expect(dark.locator(".sm:visible")).to_be_visible(timeout=MADE_MS)
    dark.locator("[data-act=stems]:visible").click()
    sounds(dark)
    dark.screenshot(path=pictures / "music-dark.png")
    background = dark.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 120, background
    narrow = watched("voice", viewport={"width": 390, "height": 844}, has_touch=True)
    narrow.locator(".tr:visible .play").first.click()
    sounds(narrow)
    for view in ("voice", "music", "mix", "library", "queue", "status"):
        go(narrow, view)
        fits(narrow, view)
        narrow.screenshot(path=pictures / f"{view}-narrow.png")


def test_a_keyboard_is_enough(watched: Callable[..., Page]) -> None:
    page = watched()
    page.wait_for_timeout(500)
    page.keyboard.press("Alt+6")
    expect(page.locator("#nav [data-page=recommend]")).to_have_attribute("aria-current", "page")
    page.keyboard.press("Alt+0")
    expect(page.locator("#nav [data-page=analyse]")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator("#nav [data-page=recommend]")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator("#nav [data-page=voice]")).to_have_attribute("aria-current", "page")
    play = page.locator(".tr:visible .play").first
    expect(play).to_be_visible(timeout=MADE_MS)
    play.focus()
    page.keyboard.press("Enter")
    sounds(page)
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, a[href], input, select, textarea')].filter(e => e.offsetParent && !(e.textContent.trim()"
        " || e.getAttribute('aria-label') || e.title || e.labels?.length || e.placeholder)).map(e => e.outerHTML.slice(0, 120))"
    )
    assert nameless == [], "every control has a name"


def test_the_small_doors_work_too(watched: Callable[..., Page], tmp_path: Path) -> None:
    page = watched()

    # A preview plays and is not kept.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.locator("#script textarea").fill("Only a draft of this sentence. And one more.")
    expect(page.locator("#voice-preview")).to_be_enabled()
    page.click("#voice-preview")
    expect(page.locator("#player .np b")).to_contain_text("Preview: Only a draft", timeout=MADE_MS)
    assert page.locator(".tr:visible", has_text="Only a draft").count() == 0
    assert any(path.startswith("/api/voice/stream/job_") for path in asked), "it was not heard while it was made"

    # The gallery: search, hear, choose.
    page.locator(".vtools:visible input").fill("hindi")
    card = page.locator(".vc:visible").first
    expect(card).to_contain_text("Hindi")
    card.locator(".play").click()
    page.wait_for_function("document.querySelector('#player .np small').textContent === 'Voice sample'")
    sounds(page)
    card.locator(".body").click()
    expect(page.locator(".vc.sel")).to_contain_text("Hindi")

    # A word said the user's way, and one clear message for a line that makes no sense.
    page.get_by_text("Pronunciation", exact=True).click()
    page.locator(".dict textarea:visible").fill("no equals sign")
    page.locator(".dict [data-act=store]:visible").click()
    expect(page.locator(".toast.error")).to_contain_text("Line 1 of the dictionary")

    # Save names, files and tags.
    take = page.locator(".tr:visible", has_text="The harbour wakes").first
    expect(take).to_be_visible(timeout=MADE_MS)
    take.locator("[data-at=save]").click()
    drawer = page.locator("dialog.drawer[open]")
    fields = drawer.locator(".dcard").first.locator("input.inp")
    fields.nth(1).fill("Season 1/Pilot")
    fields.nth(2).fill("example, harbour")
    drawer.get_by_role("button", name="Save").click()
    expect(page.locator(".toast", has_text="Saved")).to_be_visible()
    drawer.get_by_role("button", name="5 of 5").click()
    expect(drawer.get_by_role("button", name="5 of 5")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")

    # Bring a file in without declared rights: the page says what that means before anything leaves.
    import numpy as np
    import soundfile

    tone = tmp_path / "O'Neill & sons.wav"
    soundfile.write(tone, 0.2 * np.sin(np.arange(22_050) / 9), 22_050)
    go(page, "library")
    expect(page.locator("#grid .folder option")).to_have_count(2)
    page.get_by_role("button", name="Upload", exact=True).locator("visible=true").first.click()
    box = page.locator("dialog.box[open]")
    box.locator("input[type=file]").set_input_files(tone)
    box.locator("select[name=licence]").select_option("unknown")
    box.locator("[data-act=send]").click()
    card = page.locator("#grid .ac", has_text="O'Neill & sons")
    expect(card).to_contain_text("not cleared to publish", timeout=MADE_MS)
    card.locator(".am").click()
    drawer.locator("select").first.select_option("podcast")
    expect(drawer.locator(".verdict.no")).to_contain_text("no declared rights")
    expect(drawer.get_by_text("Download with sheet")).not_to_have_attribute("href", re.compile("."))
    drawer.get_by_role("button", name="Move to bin").click()
    expect(card).to_have_count(0)

    # A batch, a held job, and a cap.
    go(page, "queue")
    page.locator(".pause-all").click()
    expect(page.locator(".queue-line")).to_contain_text("Paused")
    page.get_by_text("Many lines at once").click()
    lines = page.locator("#batch-lines textarea")
    lines.fill("नमस्ते।\n\nदो पंक्तियाँ।")
    try:
        expect(page.locator("#batch-start")).to_be_enabled(timeout=20_000)
    except AssertionError:  # the part was opened this moment, and filled before it listened
        lines.fill("")
        lines.fill("नमस्ते।\n\nदो पंक्तियाँ।")
        expect(page.locator("#batch-start")).to_be_enabled(timeout=MADE_MS)
    page.click("#batch-start")
    row = page.locator("#jobtable tr[data-s=waiting]", has_text="2 lines")
    expect(row).to_be_visible()
    row.get_by_role("button", name=re.compile("^Hold")).click()
    expect(row.locator(".chip")).to_have_text("Held")
    row.get_by_role("button", name=re.compile("^Resume")).click()
    page.locator(".pause-all").click()
    expect(page.locator("#jobtable tr[data-s=done]", has_text="2 lines")).to_be_visible(timeout=MADE_MS)
    go(page, "status")
    cap = page.locator(".cap1").first
    cap.locator("input").first.fill("minus three")
    cap.get_by_role("button", name="Set").click()
    expect(page.locator(".toast.error", has_text="minus three")).to_be_visible()
    cap.locator("input").first.fill("3.50")
    cap.get_by_role("button", name="Set").click()
    expect(page.locator(".toast", has_text="Cap changed")).to_be_visible()

    # An earlier version of a mix comes back onto the desk.
    go(page, "mix")
    page.get_by_text("Project versions").click()
    page.locator(".plist button").first.click()
    expect(page.locator(".toast", has_text="is on the desk")).to_be_visible()
    expect(page.locator(".slots.voices .slot")).to_have_count(1)
