"""Playlists on the tab Licensing: kept, put in order, filled by rules, shared, played through, exported, deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.licensing.playlists.types import LIBRARY, Ref
from core.licensing.types import Track
from core.store import playlists
from tests.clouds.openverse import OpenverseServer
from tests.library.sounds import bring
from tests.ui.conftest import no_examples, page_of
from tests.ui.test_page import MADE_MS, browser, fits  # noqa: F401

pytestmark = pytest.mark.ui
HOSTILE = "<img src=x onerror=alert(1)>"
MANY = 2_345


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("playlists")
    studio = build_studio(load_settings(home=home / "studio"))
    no_examples(studio)
    filled(studio, home)
    studio.close()
    with OpenverseServer() as cloud, page_of(home, OPENVERSE_URL=cloud.url) as url:
        yield url


def filled(studio: Studio, folder: object) -> None:
    """Four short sounds, one of them thrown away after it was put into a playlist; and a long playlist."""
    names = ("Anchor", "Buoy", HOSTILE, "Driftwood")
    pieces = [bring(studio, folder, name, seconds=1.2, licence_id="uploaded-own") for name in names]  # type: ignore[arg-type]
    studio.playlists.favourites.add(LOCAL, LIBRARY, pieces[0].id)
    studio.playlists.create(LOCAL, name="Old harbour", tracks=[Ref(LIBRARY, each.id) for each in pieces])
    studio.library.bin(LOCAL, [pieces[3].id])
    long, _ = studio.playlists.create(LOCAL, name="Everything at sea")
    tracks = [(Track("openverse", f"many-{number}", f"Wave {number}").as_dict(), "") for number in range(1, MANY + 1)]
    with studio.store.db.write() as connection:
        playlists.append(connection, LOCAL, long.id, tracks)


def opened(page: Page, name: str) -> None:
    page.locator(".pv-l", has_text=name).click()
    expect(page.locator(".pv-head h2")).to_have_text(name, timeout=MADE_MS)


def titles(page: Page) -> list[str]:
    return page.locator(".pv-tr .ti b").all_inner_texts()


def test_kept_ordered_played_and_deleted(browser: Browser, url: str) -> None:  # noqa: F811
    page = browser.new_context(viewport={"width": 1440, "height": 940}).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda asked: (wrong.append(asked.message), asked.dismiss()))
    page.goto(f"{url}/?view=licensing")
    page.get_by_role("tab", name="Playlists").click()
    rows = page.locator(".pv-tr")

    expect(rows).to_have_count(1, timeout=MADE_MS)
    page.get_by_label("Notes of Anchor").click()
    note = page.get_by_role("dialog", name="Notes of a track")
    note.get_by_label("Note").fill("For the\nopening")
    note.get_by_label("Tags").fill("calm, intro")
    note.get_by_role("button", name="Keep").click()
    expect(rows).to_contain_text(["#intro"])
    page.get_by_label("With the tag").fill("loud")
    expect(rows).to_have_count(0)
    page.get_by_label("With the tag").fill("calm")
    expect(rows).to_have_count(1)

    opened(page, "Old harbour")
    expect(rows.filter(has_text="Driftwood")).to_contain_text("withdrawn")
    expect(page.get_by_label("Play Driftwood")).to_be_disabled()
    assert titles(page) == ["Anchor", "Buoy", HOSTILE, "Driftwood"]
    assert page.locator("#playlists-view img").count() == 0, "a title stays text"
    page.get_by_label("Move Buoy up").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pv-tr .ti b")).to_have_text(["Buoy", "Anchor", HOSTILE, "Driftwood"])
    rows.nth(3).locator("[draggable]").drag_to(rows.nth(0), target_position={"x": 20, "y": 4})
    expect(page.locator(".pv-tr .ti b")).to_have_text(["Driftwood", "Buoy", "Anchor", HOSTILE])
    page.get_by_label("Notes of Driftwood").click()
    note.get_by_label("Place in the playlist").fill("4")
    note.get_by_role("button", name="Keep").click()
    expect(page.locator(".pv-tr .ti b")).to_have_text(["Buoy", "Anchor", HOSTILE, "Driftwood"])
    page.get_by_role("button", name="Remove Anchor").click()
    expect(rows).to_have_count(3)
    ids = [
        ref.removeprefix("library:")
        for ref in page.locator(".pv-tr").evaluate_all("all => all.map(r => r.dataset.ref)")
    ]

    page.get_by_role("button", name="Play through").click()
    expect(page.locator("#player .np b, .np b").first).to_have_text(HOSTILE, timeout=MADE_MS)
    expect(page.locator(".toast", has_text="Played to the end")).to_be_visible(timeout=MADE_MS)
    page.locator(".pv-head .menu summary").click()
    for form in ("JSON", "CSV", "M3U8"):
        href = page.locator(".pv-head .menu").get_by_role("link", name=form).get_attribute("href")
        answer = page.request.get(f"{url}{href}")
        assert answer.ok, form
        assert "Buoy" in answer.text()

    page.get_by_role("button", name="New playlist", exact=True).click()
    about = page.get_by_role("dialog", name="About the playlist")
    about.get_by_label("Name").fill("Night ferry")
    about.get_by_label("Everybody in this studio").check()
    about.get_by_role("button", name="Keep").click()
    expect(page.locator(".pv-head")).to_contain_text("for everybody", timeout=MADE_MS)
    page.get_by_role("button", name="Add many").click()
    paste = page.get_by_role("dialog", name="Add many tracks")
    paste.get_by_label("Tracks").fill(f"{ids[0]}\nnonsense\n{ids[1]}")
    paste.get_by_role("button", name="Add them").click()
    expect(paste.get_by_role("alert")).to_contain_text("nonsense")
    paste.get_by_label("Tracks").fill(f"{ids[0]}\nlibrary:{ids[1]}\n{ids[0]}\nlibrary:asset_nobody")
    paste.get_by_role("button", name="Add them").click()
    expect(page.locator(".toast", has_text="2 tracks were added")).to_contain_text("1 are not known")
    expect(rows).to_have_count(2)

    page.get_by_role("button", name="New smart playlist").click()
    smart = page.get_by_role("dialog", name="Smart playlist")
    smart.get_by_label("Name", exact=True).fill("Only anchors")
    smart.get_by_label("Field").select_option("title")
    smart.get_by_label("Value").fill("anchor")
    smart.get_by_role("button", name="Add a rule").click()
    smart.get_by_label("Field").nth(1).select_option("duration_s")
    smart.get_by_label("To", exact=True).fill("60")
    smart.get_by_role("button", name="Try it").click()
    expect(smart.get_by_role("status")).to_contain_text("1 track now")
    smart.get_by_role("button", name="Keep").click()
    expect(page.locator(".pv-head h2")).to_have_text("Only anchors")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Rules…").click()
    expect(smart.get_by_label("Field").nth(1)).to_have_value("duration_s")
    smart.get_by_label("Finds tracks that meet").select_option("any")
    smart.get_by_role("button", name="Keep").click()
    expect(smart).to_be_hidden()

    opened(page, "Night ferry")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good?").click()
    expect(page.locator(".pv-l", has_text="Night ferry")).to_have_count(0)

    opened(page, "Everything at sea")
    expect(rows).to_have_count(100)
    expect(page.locator(".pv-pages")).to_contain_text("1–100 of 2,345")
    page.get_by_role("button", name="Later").click()
    expect(rows.first.locator(".ti b")).to_have_text("Wave 101")
    page.get_by_label("Move Wave 101 up").click()
    expect(rows.last.locator(".ti b")).to_have_text("Wave 101")
    assert wrong == []


def test_several_found_are_kept_at_once_and_it_fits_a_phone(browser: Browser, url: str) -> None:  # noqa: F811
    page = browser.new_context(viewport={"width": 1440, "height": 940}).new_page()
    page.goto(f"{url}/?view=licensing")
    page.get_by_placeholder("Search every catalogue").fill("piano")
    page.keyboard.press("Enter")
    expect(page.locator(".lc-tr")).to_have_count(20, timeout=MADE_MS)
    page.get_by_label("Select Calm Piano").check()
    page.get_by_label("Select Piano Study 3").check()
    bar = page.get_by_role("group", name="Selected tracks")
    expect(bar).to_contain_text("2 tracks selected")
    bar.get_by_role("button", name="Add them to a playlist").click()
    box = page.get_by_role("dialog", name="Add to a playlist")
    box.get_by_label("Playlist").select_option("")
    box.get_by_label("Its name").fill("Two pianos")
    box.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".toast", has_text="2 tracks were added")).to_be_visible(timeout=MADE_MS)
    expect(bar).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name="Playlists").click()
    opened(page, "Two pianos")
    expect(page.locator(".pv-tr")).to_have_count(2)
    fits(page, "playlists")
    page.get_by_role("button", name="New smart playlist").click()
    fits(page, "rules")
