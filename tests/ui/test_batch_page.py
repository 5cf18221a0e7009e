"""In a real browser: a template, a piece made with it, a trial of it heard blind, chosen, revealed, kept; and a table that
becomes a batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, watched  # noqa: F401

pytestmark = pytest.mark.ui


def used(url: str) -> tuple[int, float]:
    """How often the template was used, and how much of that was kept."""
    template = httpx.get(f"{url}/api/templates/video-intro", timeout=60).json()
    return template["usage_count"], template["usage_count"] * (template["kept_rate"] or 0)


def test_template_generate_compare_keep(watched: Callable[..., Page], page_url: str, pictures: Path) -> None:  # noqa: F811
    page = watched("templates")
    before = used(page_url)
    page.get_by_label("Search templates").fill("video intro")
    page.locator("[data-template=video-intro]").click()
    expect(page.locator("[data-field=mood]")).to_have_value("inspiring")
    expect(page.locator("[data-field=temperature]")).to_have_count(0)
    expect(page.locator(".tpo .save")).to_have_count(0)
    page.locator("[data-field=seconds]").fill("4")
    page.locator("[data-field=bpm]").fill("104")
    expect(page.locator(".differs")).to_contain_text("Tempo (BPM)")
    page.get_by_role("button", name="Generate", exact=True).and_(page.locator(":visible")).click()
    take = page.locator("[data-asset]:visible").filter(has_text="Video Intro")
    expect(take).to_have_count(1, timeout=MADE_MS)
    expect(page.locator(".tpo .ti small")).to_contain_text(
        "used once" if before[0] == 0 else f"used {before[0] + 1} times", timeout=MADE_MS
    )
    page.screenshot(path=pictures / "templates.png")
    take.get_by_label("Save Video Intro: name, folder, tags").click()
    drawer = page.locator("#details dialog")
    expect(drawer).to_contain_text("Video Intro, version 1")
    expect(drawer).to_contain_text("104 BPM")
    out = own("Out of a piece")
    page.once("dialog", lambda dialog: dialog.accept(out))
    drawer.get_by_role("button", name="Save as template").click()
    expect(page.get_by_text(f"{out} is saved")).to_be_visible()
    found = httpx.get(f"{page_url}/api/templates", params={"search": out.lower()}, timeout=60).json()["templates"]
    assert [(one["fields"]["bpm"], "seed" in one["fields"]) for one in found] == [(104, True)]
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Try variants").click()
    form = page.locator("#trial-form")
    expect(form.get_by_label("What the trial starts from")).to_have_value("video-intro", timeout=MADE_MS)
    expect(form.locator("[data-of]")).to_contain_text("Version 1")
    expect(form.get_by_label("Mood of the trial").locator("option:checked")).to_have_text("inspiring (template)")
    form.get_by_label("Seconds of each variant").fill("4")
    form.get_by_label("Values of the first").fill("80, fast")
    expect(form.locator(".price")).to_contain_text("is not a number", timeout=MADE_MS)
    form.get_by_label("Values of the first").fill("80, 120")
    form.get_by_label("Name of the trial").fill(own("How fast"))
    expect(form.locator(".price")).to_contain_text("2 variants · 0:08 · $0.00", timeout=MADE_MS)
    page.screenshot(path=pictures / "trial-from-template.png", full_page=True)
    form.get_by_role("button", name="Start the trial").click()
    listen = page.locator("#trial-listen")
    expect(listen.locator(".rtc")).to_have_count(2, timeout=MADE_MS)
    choose = listen.get_by_role("button", name="Choose A")
    expect(choose).to_be_enabled(timeout=2 * MADE_MS)
    assert "Tempo" not in listen.inner_text(), "told before the choice"
    listen.get_by_role("button", name="Play variant A").click()
    expect(listen.get_by_role("button", name="Play variant A")).to_have_attribute("aria-pressed", "true")
    page.screenshot(path=pictures / "trial-blind.png", full_page=True)
    listen.get_by_label("Rating").select_option("4")
    choose.click()
    expect(listen.locator(".rtc").first).to_contain_text("Tempo (BPM)", timeout=MADE_MS)
    expect(listen.locator(".rtc[data-letter=A]")).to_contain_text("1 vote")
    expect(listen.locator(".iv").first).to_contain_text("too few to say")
    page.screenshot(path=pictures / "trial-revealed.png", full_page=True)
    listen.get_by_role("button", name="Keep A").click()
    expect(listen.locator(".said").first).to_have_text("One is kept.", timeout=MADE_MS)
    expect(listen.locator(".rtc.sel")).to_have_attribute("data-letter", "A")
    after = used(page_url)
    assert (after[0] - before[0], after[1] - before[1]) == (3, pytest.approx(2)), "the loser is in the bin"
    form.get_by_role("button", name="What to try").click()
    expect(form.locator(".trp")).to_contain_text("Too few to say: 2 choices", timeout=MADE_MS)
    page.screenshot(path=pictures / "trial-proposal.png", full_page=True)


def test_a_table_becomes_a_batch(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("batch")
    table = page.locator("#music-table")
    text = "ambiance;durée\r\ncalm;3\r\nblue;3\r\n"
    table.locator("input[type=file]").set_input_files(
        {"name": "rows.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    )
    expect(table.locator("tbody tr")).to_have_count(2, timeout=MADE_MS)
    expect(table.locator("tr.bad")).to_have_count(1, timeout=MADE_MS)
    make = table.get_by_role("button", name="Make the batch")
    expect(make).to_be_disabled()
    table.get_by_label("Leave out wrong rows").check()
    expect(make).to_be_enabled(timeout=MADE_MS)
    make.click()
    tracks = page.locator("#music-tracks")
    expect(tracks.locator(".btr[data-state=completed]")).to_have_count(1, timeout=2 * MADE_MS)
    expect(tracks.locator(".btr[data-state=failed]")).to_contain_text("no mood 'blue'")
    expect(tracks.locator("[data-zip]")).to_be_visible()
    page.screenshot(path=pictures / "batch.png", full_page=True)
