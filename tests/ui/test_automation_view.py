"""Automation in a real browser: a rule is made, changed, run on a clip, switched off, and forbidden by its budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.app import build_studio
from core.kit.settings import load_settings
from tests.flows.clips_apart import apart
from tests.ui.conftest import bare_page_of
from tests.ui.test_page import MADE_MS, browser, fits, place, watched  # noqa: F401
from tests.ui.test_takes_page import api

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def page_url(place: Path) -> Iterator[str]:  # noqa: F811
    """A fresh one: what is said of no rules, and the clips that set them off."""
    with bare_page_of(place) as url:
        yield url


def test_a_rule_from_its_form_to_its_log(watched: Callable[..., Page], place: Path, pictures: Path) -> None:  # noqa: F811
    beside = build_studio(load_settings(home=place / "studio"))
    apart(beside, "Harbour <b>clip</b>")
    page = watched("queue")
    page.get_by_role("tab", name="Automation").click()
    expect(page.locator("#automations .none")).to_be_visible(timeout=MADE_MS)
    form = page.get_by_role("form", name="New automation")
    form.get_by_label("When").select_option(label="A film is put into a folder")
    expect(form.locator(".anote")).to_contain_text("STUDIO_WATCH_DIR")
    form.get_by_label("When").select_option(label="The scenes of a clip were found")
    expect(form.locator(".anote")).to_be_hidden()
    form.get_by_label("Name").fill("Beds for <i>every</i> clip")
    form.get_by_label("Put the finished files").check()
    form.get_by_text("Budget of its own").click()
    form.get_by_label("Most a month may cost").fill("5")
    form.get_by_role("button", name="Switch it on").click()
    card = page.get_by_role("article", name="Beds for <i>every</i> clip")
    expect(card).to_contain_text("$0.00 of $5.00 this month", timeout=MADE_MS)
    expect(card).to_contain_text("music for each scene as recommended, saved as files")
    expect(card.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    card.get_by_role("button", name="on a clip").click()
    card.get_by_label("Clip to run").select_option(label="Harbour <b>clip</b>")
    card.get_by_role("button", name="on that clip").click()
    expect(card.locator(".al .pill")).to_have_text("Done", timeout=2 * MADE_MS)
    card.get_by_role("button", name="Log of").click()
    expect(card.locator(".alog")).to_contain_text("by hand")
    expect(card.locator(".alog code").first).to_contain_text("Beds for", timeout=MADE_MS)
    page.screenshot(path=pictures / "automation.png")
    card.get_by_role("button", name="Edit").click()
    form.get_by_label("Name").fill("Beds")
    form.get_by_label("Engine of music").select_option("stability")
    form.get_by_label("Most a run may cost").fill("0.01")
    form.get_by_role("button", name="Save the changes").click()
    card = page.get_by_role("article", name="Beds", exact=True)
    expect(card).to_contain_text("by stability", timeout=MADE_MS)

    # A second step; the first one stays as it is, and either can be left out again.
    card.get_by_role("button", name="Edit").click()
    form.get_by_role("button", name="Another step").click()
    second = form.get_by_role("group", name="Step 2")
    expect(second.get_by_label("And then")).to_have_value("score_clip")
    second.get_by_label("Put the finished files").check()
    page.screenshot(path=pictures / "automation-steps.png")
    form.get_by_role("button", name="Save the changes").click()
    expect(card).to_contain_text(
        "as recommended by stability, saved as files, then score the clip, saved as files", timeout=MADE_MS
    )
    actions = api(page, f"/automations/{_id(page)}")["actions"]
    assert [(each["type"], each["config"].get("provider")) for each in actions] == [
        ("generate_music_for_scenes", "stability"), ("score_clip", None),
    ]  # fmt: skip
    card.get_by_role("button", name="Edit").click()
    form.get_by_role("group", name="Step 2").get_by_role("button", name="Leave this step out").click()
    form.get_by_role("button", name="Save the changes").click()
    expect(card).not_to_contain_text("then score the clip", timeout=MADE_MS)
    card.get_by_role("switch").click()
    expect(card.get_by_role("switch")).to_have_attribute("aria-checked", "false", timeout=MADE_MS)
    apart(beside, "while it was off")
    card.get_by_role("switch").click()
    expect(card.get_by_role("switch")).to_have_attribute("aria-checked", "true", timeout=MADE_MS)
    apart(beside, "too dear")
    expect(card.locator(".al")).to_contain_text("too dear", timeout=MADE_MS)
    assert [run["name"] for run in api(page, f"/automations/{_id(page)}/runs")["runs"]] == [
        "too dear",
        "Harbour <b>clip</b>",
    ]
    page.evaluate("document.body.classList.add('dark')")
    page.screenshot(path=pictures / "automation-dark.png")
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page, "automation")
    page.screenshot(path=pictures / "automation-390.png", full_page=True)
    page.on("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="Delete Beds").click()
    expect(page.locator("#automations .none")).to_be_visible(timeout=MADE_MS)
    beside.close()


def _id(page: Page) -> str:
    return str(api(page, "/automations")["automations"][0]["id"])
