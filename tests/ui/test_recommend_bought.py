"""The Recommend page where music costs: its price comes first and a second press buys it, for one scene and for all cues; what a
service refuses is said, and trying again pays only for what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.clouds.stability import REFUSALS, StabilityServer
from tests.ui.conftest import page_of
from tests.ui.test_page import ARGUMENTS, MADE_MS
from tests.video import films

pytestmark = pytest.mark.ui
SCORED_MS = 4 * MADE_MS


@pytest.fixture(scope="module")
def cloud() -> Iterator[StabilityServer]:
    with StabilityServer() as service:
        yield service


@pytest.fixture(scope="module")
def page_url(cloud: StabilityServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("buying")
    with page_of(home, STABILITY_URL=cloud.url, STABILITY_API_KEY=cloud.KEY) as url:
        yield url


@pytest.fixture
def page(chromium: str, page_url: str, tmp_path: Path) -> Iterator[Page]:
    """With a clip of nine seconds open, its cues suggested."""
    short = tmp_path / "short.mp4"
    films.ffmpeg("-i", films.MONTAGE, "-t", 9, "-c", "copy", short)
    with httpx.Client(base_url=page_url, timeout=150) as door:
        film = door.post(
            "/upload", files={"file": ("Pier.mp4", short.read_bytes())}, data={"kind": "video", "licence": "uploaded-own"}
        )  # fmt: skip
        job = door.post("/api/video/scenes?wait=120", json={"asset_id": film.json()["id"]}).json()
    with (
        sync_playwright() as driver,
        driver.chromium.launch(executable_path=chromium, args=ARGUMENTS) as started,
    ):
        opened = started.new_page(viewport={"width": 1440, "height": 940})
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{page_url}/?view=recommend")
        opened.evaluate("id => localStorage.setItem('studio-clip', id)", job["result"]["clip_id"])
        opened.reload()
        expect(opened.locator(".rc-cue").first).to_be_visible(timeout=SCORED_MS)
        yield opened
        assert complaints == []


def spent(page_url: str) -> Decimal:
    """By everything that was asked for here."""
    with httpx.Client(base_url=page_url, timeout=60) as door:
        roots = {row["id"].partition("/")[0] for row in door.get("/api/jobs?limit=50").json()["jobs"]}
        return sum((Decimal(door.get(f"/api/jobs/{root}").json()["cost_usd"]) for root in roots), Decimal(0))


def test_all_cues_for_nothing_then_one_scene_bought_then_a_refusal_mended(
    page: Page, page_url: str, cloud: StabilityServer, pictures: Path
) -> None:
    # Two cues, both made on this machine by one press.
    page.get_by_label("Split cue 1 at a cut").select_option(index=1)
    expect(page.locator(".rc-cue")).to_have_count(2, timeout=MADE_MS)
    page.get_by_role("button", name="Generate all").click()
    for number in (1, 2):
        expect(page.get_by_role("button", name=f"Play the music of cue {number}")).to_be_visible(timeout=SCORED_MS)
    assert (len(cloud.creates()), spent(page_url)) == (0, 0)

    # A service's piece for one scene: the price, then the purchase.
    page.get_by_label("Engine of the music").select_option("stability")
    page.locator(".rc-thumbs button").first.click()
    make = page.get_by_role("button", name="Make this scene’s music")
    make.click()
    buy = page.locator(".rc-scene").get_by_role("button", name=re.compile(r"For at most \$0\.\d+"))
    expect(buy).to_be_visible(timeout=MADE_MS)
    expect(page.locator(".rc-scene [role=status]")).to_have_text("Press again to buy it.")
    assert len(cloud.creates()) == 0, "it was bought unasked"
    page.screenshot(path=pictures / "recommend-price.png")
    buy.click()
    expect(page.get_by_role("button", name="Play the music of scene 1")).to_be_visible(timeout=SCORED_MS)
    expect(make).to_be_enabled()
    each = spent(page_url)
    assert (len(cloud.creates()), each > 0) == (1, True)

    # A cue is refused; the film is not made, and what was bought is not bought again.
    cloud.faults["create"].extend([REFUSALS["bad input"]])
    score = page.get_by_role("button", name="Score the clip")
    expect(page.locator("#scoring .mp")).to_contain_text("$0.", timeout=MADE_MS)
    expect(score).to_be_enabled(timeout=MADE_MS)
    score.click()
    again = page.locator("#scored .rc-bad").get_by_role("button", name="Try again")
    expect(again).to_be_visible(timeout=SCORED_MS)
    expect(page.locator("#scored .rc-bad b")).to_contain_text("could not be made")
    page.screenshot(path=pictures / "recommend-refused.png")
    again.click()
    expect(page.locator("#scored .rc-bad")).to_be_hidden()
    expect(page.locator(".rc-sheet tbody tr")).to_have_count(2, timeout=SCORED_MS)
    assert cloud.made == 3, "one for the scene, one for each cue"
    assert spent(page_url) == 3 * each

    # All at once has its price too.
    page.get_by_role("button", name="Suggest anew").click()
    expect(page.get_by_role("button", name="Play the music of cue 1")).to_be_hidden(timeout=MADE_MS)
    everything = page.locator("#cues [data-act=all]")
    everything.click()
    expect(everything).to_have_text(re.compile(r"For at most \$0\.\d+"), timeout=MADE_MS)
    assert cloud.made == 3
    everything.click()
    expect(page.get_by_role("button", name="Play the music of cue 1")).to_be_visible(timeout=SCORED_MS)
    expect(everything).to_have_text("Generate all")
    assert cloud.made > 3
