"""One's own licensed music on the page: in with its paper, read, corrected, confirmed; and papers that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.library.sounds import wav
from tests.licensing.test_reading_papers import pdf
from tests.ui.own import own
from tests.ui.test_licensing_page import browser  # noqa: F401
from tests.ui.test_page import MADE_MS, fits

pytestmark = pytest.mark.ui
HOSTILE = "<img src=x onerror=alert(1)>"


def test_in_with_its_paper_corrected_and_confirmed(browser: Browser, page_url: str, tmp_path: Path) -> None:  # noqa: F811
    name, bare = own("Quay Song"), own("Bare Song")
    said = f"Track title: {name}\nArtist: {HOSTILE}\nLicence number: Q-7\nStart date: 2026-01-01\nPlatforms: YouTube\nCommercial use: yes"
    sounds = [wav(tmp_path / f"{each}.wav", hertz=200.0 + sum(map(ord, each)) % 613) for each in (name, bare)]
    paper = pdf(tmp_path / f"{name} licence.pdf", said)
    fake = tmp_path / "fake.pdf"
    fake.write_text("<html>not found</html>")
    page = browser.new_context(viewport={"width": 1440, "height": 940}).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda asked: (wrong.append(asked.message), asked.dismiss()))
    page.goto(f"{page_url}/?view=licensing")
    page.get_by_role("tab", name="Your music").click()
    page.get_by_label("Sounds and papers").set_input_files([*sounds, paper, fake])
    expect(page.locator(".om-chosen li")).to_have_count(4)
    page.get_by_role("button", name="Bring them in").click()
    told = page.locator(".om-said")
    expect(told).to_contain_text("2 pieces are here.", timeout=MADE_MS)
    expect(told.locator(".bad")).to_have_text(
        ["fake.pdf: 'fake.pdf' is called a PDF and is none. Save it anew as a PDF, or import its text."]
    )

    one = page.locator(".om-t", has_text=name)
    form = one.get_by_role("form")
    expect(form).to_contain_text("Read from: “Licence number: Q-7”")
    expect(form.locator("[data-field=platforms]").get_by_label("Youtube")).to_be_checked()
    assert page.locator("#own-music img").count() == 0, "what a paper says stays text"
    form.get_by_role("button", name="Confirm").click()
    expect(form.get_by_role("alert")).to_have_text("Not answered yet: Until, Territories.")
    form.get_by_label("It never ends").check()
    form.get_by_label("It holds worldwide").check()
    form.get_by_label("Artist").fill("Ada Moor")
    form.get_by_label("Tiktok").check()
    form.get_by_role("button", name="Confirm").click()
    expect(one).to_contain_text("licensed", timeout=MADE_MS)
    held = page.request.get(f"{page_url}/api/music-licensing/licenses?limit=1000").json()["licences"]
    (licence,) = [each for each in held if each["title"] == name]
    assert (licence["artist"], licence["ends_on"], licence["platforms"]) == ("Ada Moor", None, ["youtube", "tiktok"])
    assert licence["certificate"] == "Q-7"

    # The other came without a paper: a scan is added to it, and says nothing that could be read.
    other = page.locator(".om-t", has_text=bare)
    expect(other).to_have_attribute("data-state", "no paper")
    scan = pdf(tmp_path / "Scan.pdf", "", pages=500)
    with page.expect_file_chooser() as chooser:
        other.get_by_label(f"Add a paper of {bare}").click()
    chooser.value.set_files(scan)
    expect(other).to_have_attribute("data-state", "proposed", timeout=MADE_MS)
    expect(other).to_contain_text("There is no text in it, as in a scan")
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page, "your music")
    assert wrong == []
