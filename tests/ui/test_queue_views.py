"""The Queue page's other views in a real browser: a piece is found in the history and planned; a plan runs by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, sounds, watched  # noqa: F401
from tests.ui.test_takes_page import api

pytestmark = pytest.mark.ui


def made(page: Page) -> str:
    """A piece made from words of its own."""
    prompt = own("slow marimba over the harbour, 3 seconds")
    page.evaluate(
        "prompt => fetch('/api/music/compose?wait=60', { method: 'POST', headers: { 'Content-Type': 'application/json' },"
        " body: JSON.stringify({ prompt, seconds: 3 }) }).then(a => a.json())", prompt,
    )  # fmt: skip
    return prompt


def test_found_in_the_history_heard_and_made_again(watched: Callable[..., Page], pictures: Path) -> None:  # noqa: F811
    page = watched("queue")
    expect(page.locator("#jobtable .qt, #jobtable .none").first).to_be_attached()
    prompt = made(page)
    page.get_by_role("tab", name="History").click()
    search = page.get_by_label("Search everything ever made")
    search.fill(f"MARIMBA {prompt.split()[-1]}")
    line = page.locator("#history tbody tr", has_text=prompt)
    expect(line).to_have_count(1, timeout=MADE_MS)
    expect(line.locator(".pill")).to_have_text("Kept")
    line.get_by_role("button", name="Play").click()
    sounds(page)
    line.get_by_role("button", name="Make again with a new seed").click()
    expect(page.locator("#history tbody tr", has_text=prompt)).to_have_count(2, timeout=MADE_MS)
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
    prompt = made(page)
    title = own("Monday's marimba")
    page.get_by_role("tab", name="History").click()
    page.get_by_role("button", name=f"Schedule this: {prompt}").click()
    form = page.get_by_role("form", name="New schedule")
    expect(form.locator(".sfrom")).to_have_text(f"Again: {prompt}")
    when = form.get_by_label("Sentence or cron line")
    when.fill("every now and then")
    expect(form.locator(".scoming.bad b")).to_contain_text("is no cron line", timeout=MADE_MS)
    when.fill("every Monday at 09:00")
    expect(form.locator(".scoming b")).to_have_text("At 09:00 on Monday", timeout=MADE_MS)
    expect(form.locator(".scoming small")).to_contain_text("Next: Mon ")
    form.get_by_label("Title").fill(title)
    form.get_by_role("button", name="Schedule", exact=True).click()
    line = page.locator("#schedules tbody tr", has_text=title)
    expect(line).to_contain_text("09:00", timeout=MADE_MS)
    page.screenshot(path=pictures / "schedules.png")
    line.get_by_role("switch").click()
    expect(line).to_contain_text("Paused", timeout=MADE_MS)
    line.get_by_role("switch").click()
    expect(line.get_by_role("switch")).to_have_attribute("aria-checked", "true", timeout=MADE_MS)
    line.get_by_role("button", name=f"Run {title} now").click()
    expect(line.locator(".pill")).to_have_text("Done", timeout=MADE_MS)
    line.get_by_role("button", name="Log of").click()
    expect(page.locator("#schedules tr.child")).to_contain_text("by hand", timeout=MADE_MS)
    assert [row["last"]["came_to"] for row in api(page, "/schedules")["schedules"] if row["title"] == title] == ["done"]
    page.on("dialog", lambda dialog: dialog.accept())
    line.get_by_role("button", name=f"Delete {title}").click()
    expect(line).to_have_count(0, timeout=MADE_MS)
