"""Licensed music under a clip in a real browser: the picture follows the sound, several are compared blind, one is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests.clouds.openverse import OpenverseServer
from tests.ui.conftest import no_examples, page_of
from tests.ui.test_page import MADE_MS, browser, fits, sounds  # noqa: F401
from tests.video import films

pytestmark = pytest.mark.ui
FILM = "Rabbit at dawn"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page whose library has one clip."""
    home = tmp_path_factory.mktemp("audition")
    with OpenverseServer() as cloud:
        used = build_studio(load_settings(home=home / "studio"))
        no_examples(used)
        used.ensure_worker()
        film, _ = used.importing.bring_in(LOCAL, films.BUNNY, kind="video", name=FILM, licence_id="uploaded-own")
        assert used.wait(LOCAL, used.video.take_apart(LOCAL, film.id).id, 120).status == "done"
        used.close()
        with page_of(home, OPENVERSE_URL=cloud.url) as url:
            yield url


def search(page: Page, words: str) -> None:
    page.get_by_placeholder("Search every catalogue").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".lc-tr").first).to_be_visible(timeout=MADE_MS)


def kept(page: Page, folder: Path, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=folder / f"audition-{name}.png")


def test_heard_under_a_clip_and_compared_blind(browser: Browser, url: str, pictures: Path) -> None:  # noqa: F811
    page = browser.new_context(viewport={"width": 1440, "height": 940}).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{url}/?view=licensing")
    expect(page.get_by_role("button", name="Switch light or dark")).to_be_in_viewport(ratio=1, timeout=MADE_MS)
    search(page, "piano")

    page.get_by_role("button", name="Hear Calm Piano under a clip").click()
    box = page.get_by_role("dialog", name="Under a clip")
    expect(box.locator("[name=clip]")).to_contain_text(FILM)
    box.get_by_label("From second", exact=True).fill("12")
    box.get_by_label("Seconds", exact=True).fill("6")
    box.get_by_role("button", name="Hear it").click()
    expect(box.get_by_role("button", name="Pause")).to_be_visible(timeout=MADE_MS)
    sounds(page)
    # The picture runs where the sound is.
    page.wait_for_function(
        "() => { const v = document.querySelector('.cu video'), s = st.state();"
        " return s.time > 0.5 && !v.paused && Math.abs(v.currentTime - 12 - s.time) < 0.4 }",
        timeout=MADE_MS,
    )
    expect(box.locator(".cu-stage > .said")).to_contain_text("cannot be published")
    kept(page, pictures, "one-light")
    box.get_by_role("button", name="Close").click()
    assert page.evaluate("!st.state().playing")

    for name in ("Calm Piano", "Public Piano", "Piano Study 3"):
        page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()
    expect(page.locator(".lc-sel b")).to_have_text("3 tracks selected")
    kept(page, pictures, "selected-light")
    page.get_by_role("button", name="Compare under a clip").click()
    box.get_by_label("Seconds", exact=True).fill("4")
    box.get_by_role("button", name="Make the comparison").click()
    letters = box.locator("[data-letter]")
    expect(letters).to_have_text(["A", "B", "C"], timeout=MADE_MS)
    assert "Piano" not in box.locator(".cu-stage").inner_text()
    letters.nth(1).click()
    expect(letters.nth(1)).to_have_attribute("aria-pressed", "true")
    sounds(page)
    kept(page, pictures, "blind-light")
    page.evaluate("document.body.classList.add('dark')")
    kept(page, pictures, "blind-dark")
    box.get_by_label("Note").fill("breathes with the cut")
    box.get_by_role("button", name="Choose B").click()
    told = box.locator(".cu-told li")
    expect(told).to_have_count(4)
    expect(told.last).to_contain_text("breathes with the cut")
    expect(told.first).to_contain_text("1 vote")
    kept(page, pictures, "told-dark")
    page.evaluate("document.body.classList.remove('dark')")
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page, "told")
    kept(page, pictures, "told-390")
    box.locator(".cu-told .ink").click()
    expect(box.locator(".cu-stage > .said")).to_have_text("One is kept among your favourites.")
    box.get_by_role("button", name="Close").click()
    fits(page, "search")
    kept(page, pictures, "search-390")
    assert wrong == []
