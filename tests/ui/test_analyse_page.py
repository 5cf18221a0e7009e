"""The Analyse page in a real browser: bring a file in, read both reports, listen at a problem, on any width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.ui.own import own

pytestmark = pytest.mark.ui

MEDIA = Path(__file__).resolve().parents[1] / "media"
WIDE: ViewportSize = {"width": 1360, "height": 900}
MADE_MS = 60_000
"""Longest wait for a report: the machine may be busy with other tests."""


@pytest.fixture(scope="module")
def page(page_url: str, chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--mute-audio"])
        opened = browser.new_page(viewport=WIDE)
        opened.goto(f"{page_url}/?view=analyse")
        opened.wait_for_function("window.st")
        expect(opened.locator("#analyse-choose select option").first).to_be_attached(timeout=MADE_MS)
        yield opened
        browser.close()


@pytest.fixture(autouse=True)
def complaints(page: Page) -> Iterator[None]:
    """Scripts must not fail."""
    heard: list[str] = []

    def hear(error: Exception) -> None:
        heard.append(str(error))

    page.on("pageerror", hear)
    yield
    page.remove_listener("pageerror", hear)
    assert heard == []


def bring_in(page: Page, file: str, name: str) -> None:
    """This file, under a name of its own: the same one may have come in before."""
    page.locator("#analyse-choose").get_by_role("button", name="Upload a file").click()
    box = page.locator("dialog.box[open]")
    box.locator("input[type=file]").set_input_files(
        {
            "name": name + Path(file).suffix,
            "mimeType": "application/octet-stream",
            "buffer": (MEDIA / file).read_bytes(),
        }
    )
    box.get_by_role("button", name="Upload", exact=True).click()


def chosen(page: Page, name: str) -> None:
    expect(page.locator("#analyse-choose select option:checked")).to_have_text(f"{name} · 0:10", timeout=MADE_MS)


def plots(page: Page) -> list[str]:
    return page.locator(".plots .card:visible h2").all_inner_texts()


def test_a_fault_is_found_told_and_heard(page: Page, pictures: Path) -> None:
    name = own("hum")
    bring_in(page, "hum_50hz.flac", name)
    choose, report = page.locator("#analyse-choose"), page.locator("#report")
    chosen(page, name)
    expect(report).to_contain_text("Choose a piece and press Analyse")

    choose.get_by_role("button", name="Quick").click()
    choose.get_by_role("button", name="Analyse").click()
    expect(report.locator(".anhead")).to_contain_text("quick report", timeout=MADE_MS)
    expect(report.locator(".tiles > div")).to_have_count(7)
    expect(page.locator(".plots .card:visible")).to_have_count(1, timeout=MADE_MS)
    assert plots(page) == ["Spectrum"]

    choose.get_by_role("button", name="Full").click()
    choose.get_by_role("button", name="Analyse").click()
    expect(report.locator(".anhead")).to_contain_text("full report", timeout=MADE_MS)
    expect(page.locator(".plots .card:visible", has_text="Loudness over time")).to_be_visible(timeout=MADE_MS)
    expect(page.locator(".plots .js-plotly-plot .scatterlayer:visible").first).to_be_visible(timeout=MADE_MS)
    assert "Stereo image" not in plots(page), "the file is mono"
    cut = page.evaluate(
        "[...document.querySelectorAll('.plots .card .main-svg')].filter(p => p.getBoundingClientRect().right >"
        " p.closest('.card').getBoundingClientRect().right).length"
    )
    assert cut == 0, "a plot is wider than its card"
    report.locator(".mel img").evaluate("image => image.decode()")  # refused where it is no picture
    expect(report.locator(".pill")).to_have_text("1 problem")
    problem = report.locator(".prl > li").first
    expect(problem).to_contain_text("Mains hum")
    expect(problem).to_contain_text(re.compile(r"\b50, 100, 150"))
    expect(problem.locator("p")).to_contain_text("Notch")

    listen = problem.get_by_role("button", name=re.compile(r"Listen at \d+:\d\d\.\d"))
    listen.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.getElementById('studio-audio').currentTime > 0.2", timeout=MADE_MS)
    expect(page.locator("#player .np b")).to_have_text(name)
    timeline = report.get_by_role("slider", name="Timeline")
    timeline.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.getElementById('studio-audio').currentTime > 2", timeout=MADE_MS)
    expect(timeline).to_have_attribute("aria-valuetext", re.compile(r"0:(0[2-9]|10)"))
    page.keyboard.press(" ")
    page.wait_for_function("document.getElementById('studio-audio').paused")
    page.screenshot(path=pictures / "analyse.png", full_page=True)


def test_a_clean_file_has_no_problems(page: Page) -> None:
    name = own("clean")
    bring_in(page, "clean_control.flac", name)
    chosen(page, name)
    page.locator("#analyse-choose").get_by_role("button", name="Analyse").click()
    report = page.locator("#report")
    expect(report.locator("h2", has_text=name)).to_be_visible(timeout=MADE_MS)
    expect(report.locator(".pill.warn")).to_have_count(0)
    expect(report.locator(".prb i")).to_have_count(0)
    expect(report).to_contain_text("Nothing found that a meter can be sure of.")


@pytest.mark.parametrize("file", ["zero_bytes.wav", "text_renamed.wav"])
def test_a_bad_file_is_one_clear_message_within_reach(page: Page, file: str) -> None:
    name = own("bad")
    bring_in(page, file, name)
    told = page.get_by_role("alert").filter(has_text=name)
    expect(told).to_have_count(1, timeout=MADE_MS)
    expect(told.locator("b")).to_contain_text(f"{name}.wav")
    expect(told.locator("p")).to_have_text(re.compile(r"\S"))
    assert "Traceback" not in told.inner_text()
    told.get_by_role("button", name="Dismiss").click(timeout=30_000)  # refused while the dialog covers it
    expect(told).to_have_count(0)
    page.locator("dialog.box[open]").get_by_role("button", name="Cancel").click()
    expect(page.locator("dialog.box[open]")).to_have_count(0)


def test_every_control_has_a_name_and_a_phone_shows_it_all(page: Page) -> None:
    name = own("hum")
    bring_in(page, "hum_50hz.flac", name)
    chosen(page, name)
    page.locator("#analyse-choose").get_by_role("button", name="Quick").click()
    page.locator("#analyse-choose").get_by_role("button", name="Analyse").click()
    expect(page.locator("#report h2", has_text=name)).to_be_visible(timeout=MADE_MS)
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, a[href], input, select, textarea, [role=slider]')].filter(e => e.offsetParent &&"
        " !(e.textContent.trim() || e.getAttribute('aria-label') || e.title || e.labels?.length || e.placeholder))"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    assert nameless == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
    cut = page.evaluate(
        "[...document.querySelectorAll('#nav button')].filter(b => b.getBoundingClientRect().right > innerWidth).length"
    )
    page.set_viewport_size(WIDE)  # the page is shared by this file's tests
    assert cut == 0
