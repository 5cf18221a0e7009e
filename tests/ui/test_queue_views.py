"""The Queue page's other views in a real browser: a piece is found in the history and planned; a plan runs by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_page import MADE_MS, browser, sounds, watched  # noqa: F401
from tests.ui.test_takes_page import api

pytestmark = pytest.mark.ui
PROMPT = "slow marimba over the harbour, 5 seconds"


def made(page: Page) -> None:
    page.evaluate(
        "prompt => fetch('/api/music/compose?wait=60', { method: 'POST', headers: { 'Content-Type': 'application/json' },"
        " body: JSON.stringify({ prompt, seconds: 5 }) }).then(a => a.json())", PROMPT,
    )  # fmt: skip


def test_found_in_the_history_heard_and_made_again(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("queue")
    expect(page.locator("#jobtable .qt, #jobtable .none").first).to_be_attached()
    made(page)
    page.get_by_role("tab", name="History").click()
    search = page.get_by_label("Search everything ever made")
    search.fill("MARIMBA harbour")
    line = page.locator("#history tbody tr", has_text=PROMPT)
    expect(line).to_have_count(1, timeout=MADE_MS)
    expect(line.locator(".pill")).to_have_text("Kept")
    line.get_by_role("button", name="Play").click()
    sounds(page)
    line.get_by_role("button", name="Make again with a new seed").click()
    expect(page.locator("#history tbody tr", has_text=PROMPT)).to_have_count(2, timeout=MADE_MS)
    page.screenshot(path=pictures / "history.png")
    search.fill("")
    chip = page.locator("#history .hchips button", has_text="composer")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#history tbody tr", has_text="espeak")).to_have_count(0, timeout=MADE_MS)
    search.fill("no such words at all")
    expect(page.locator("#history .none")).to_be_visible(timeout=MADE_MS)


def test_planned_from_a_hit_paused_run_and_deleted(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("queue")
    made(page)
    page.get_by_role("tab", name="History").click()
    page.get_by_role("button", name=f"Schedule this: {PROMPT}").first.click()
    form = page.get_by_role("form", name="New schedule")
    expect(form.locator(".sfrom")).to_have_text(f"Again: {PROMPT}")
    when = form.get_by_label("Sentence or cron line")
    when.fill("every now and then")
    expect(form.locator(".scoming.bad b")).to_contain_text("is no cron line", timeout=MADE_MS)
    when.fill("every Monday at 09:00")
    expect(form.locator(".scoming b")).to_have_text("At 09:00 on Monday", timeout=MADE_MS)
    expect(form.locator(".scoming small")).to_contain_text("Next: Mon ")
    form.get_by_label("Title").fill("Monday's marimba")
    form.get_by_role("button", name="Schedule", exact=True).click()
    line = page.locator("#schedules tbody tr", has_text="Monday's marimba")
    expect(line).to_contain_text("09:00", timeout=MADE_MS)
    page.screenshot(path=pictures / "schedules.png")
    line.get_by_role("switch").click()
    expect(line).to_contain_text("Paused", timeout=MADE_MS)
    line.get_by_role("switch").click()
    expect(line.get_by_role("switch")).to_have_attribute("aria-checked", "true", timeout=MADE_MS)
    line.get_by_role("button", name="Run Monday's marimba now").click()
    expect(line.locator(".pill")).to_have_text("Done", timeout=MADE_MS)
    line.get_by_role("button", name="Log of").click()
    expect(page.locator("#schedules tr.child")).to_contain_text("by hand", timeout=MADE_MS)
    assert [row["last"]["came_to"] for row in api(page, "/schedules")["schedules"]] == ["done"]
    page.on("dialog", lambda dialog: dialog.accept())
    line.get_by_role("button", name="Delete Monday's marimba").click()
    expect(page.locator("#schedules .none")).to_be_visible(timeout=MADE_MS)
