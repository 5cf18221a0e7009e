"""Music suggested from a description, and music that sounds like a piece, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_page import MADE_MS, browser, go, sounds, watched  # noqa: F401

pytestmark = pytest.mark.ui


def test_a_described_film_gets_music_and_the_library_names_what_sounds_like_it(
    watched: Callable[..., Page],  # noqa: F811
    pictures: Path,
) -> None:
    page = watched("recommend")
    page.get_by_text("No film yet? Describe it").click()
    form = page.locator("#described")
    suggest = form.get_by_role("button", name="Suggest music")
    suggest.click()
    expect(page.get_by_text("Nothing is said of the film yet.")).to_be_visible()
    form.get_by_label("Title").fill("Randonnée <b>en</b> montagne")
    form.get_by_label("Category").select_option("travel")
    form.get_by_label("Tags").fill("drone, coucher de soleil")
    form.get_by_label("Length (seconds)").fill("4")
    suggest.click()
    told = form.get_by_label("Suggested from the description")
    expect(told.locator(".said").first).to_contain_text("Category travel")
    chips = told.locator(".rc-alt button")
    chips.nth(1).click()
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
    wanted = chips.nth(1).inner_text().split("\n")[0].split()[:2]
    page.screenshot(path=pictures / "described.png", full_page=True)
    make, play = (told.get_by_role("button", name=name) for name in ("Make it, free", "Play the suggested music"))
    make.click()
    expect(play).to_be_visible(timeout=MADE_MS)
    sounds(page)
    first = play.get_attribute("data-id")
    chips.first.click()
    make.click()
    expect(play).not_to_have_attribute("data-id", str(first), timeout=MADE_MS)

    page.evaluate("id => window.st.tell('st:open', { id })", first)
    drawer = page.get_by_role("dialog", name="Details")
    expect(drawer).to_contain_text(wanted[1])
    drawer.get_by_role("button", name="Find music that sounds like it").click()
    card = drawer.locator(".dcard", has_text="More like this")
    # The library is shared: what another test made may sound more like it than this one's second piece.
    other = card.locator("li").first
    expect(other.get_by_role("button", name="Play")).to_be_visible(timeout=MADE_MS)
    expect(other.locator(".why")).not_to_be_empty()
    expect(card.locator(f"[data-id='{first}']")).to_have_count(0)
    card.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "alike.png")
