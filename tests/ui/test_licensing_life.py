"""The Licensing tab in a real browser, on one page with three catalogues: catalogues configured and synced, what each of them
did beside the others, a licence bought by hand, the radar, and the whole way from a track that is found to one that is blocked."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.kit.clock import today
from tests.clouds.hooksounds import PUBLIC, TOKEN, HooksoundsServer
from tests.clouds.openverse import OpenverseServer
from tests.clouds.service import Fault
from tests.clouds.soundstripe import SoundstripeServer
from tests.library.sounds import wav
from tests.ui.conftest import bare_page_of
from tests.ui.own import own
from tests.ui.test_page import MADE_MS, browser, fits  # noqa: F401

pytestmark = pytest.mark.ui
FAR = "Pacific/Kiritimati"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with OpenverseServer() as openverse, HooksoundsServer() as hook, SoundstripeServer() as stripe:
        keys = {
            "OPENVERSE_URL": openverse.url, "HOOKSOUNDS_URL": hook.url, "HOOKSOUNDS_KEY": PUBLIC,
            "HOOKSOUNDS_TOKEN": TOKEN, "SOUNDSTRIPE_URL": stripe.url, "SOUNDSTRIPE_API_KEY": stripe.KEY,
        }  # fmt: skip
        with bare_page_of(tmp_path_factory.mktemp("licensing"), **keys) as url:
            yield SimpleNamespace(url=url, openverse=openverse, hook=hook, stripe=stripe)


@pytest.fixture
def page(browser: Browser, shop: SimpleNamespace) -> Iterator[Page]:  # noqa: F811
    context = browser.new_context(viewport={"width": 1440, "height": 940}, accept_downloads=True)
    opened, wrong = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(f"{shop.url}/?view=licensing")
    expect(opened.get_by_role("button", name="Switch light or dark")).to_be_in_viewport(ratio=1, timeout=MADE_MS)
    yield opened
    context.close()
    assert wrong == []


def show(page: Page, view: str) -> None:
    page.get_by_role("tab", name=view, exact=True).click()


def search(page: Page, words: str, provider: str = "") -> None:
    page.locator("#catalogue-search select[name=provider]").select_option(provider)
    page.get_by_placeholder("Search every catalogue").fill(words)
    page.keyboard.press("Enter")


def call(shop: SimpleNamespace, method: str, path: str, body: Any = None) -> Any:
    answer = httpx.request(method, f"{shop.url}/api/{path}", json=body, timeout=60)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def downloaded(page: Page, link: Locator) -> bytes:
    with page.expect_download(timeout=MADE_MS) as coming:
        link.click()
    return coming.value.path().read_bytes()


def says(locator: Locator, words: str) -> None:
    expect(locator).to_contain_text(words, timeout=MADE_MS)


def test_catalogues_are_configured_synced_and_forgotten(page: Page, shop: SimpleNamespace) -> None:
    call(shop, "DELETE", "admin/music-licensing/cache?provider=hooksounds")
    show(page, "Catalogues")
    config = page.locator("[data-config=hooksounds]")
    says(config.locator("summary"), "key set")
    says(page.locator("[data-config=jamendo] summary"), "key missing")
    assert TOKEN not in page.content(), "a key is never told"
    config.locator("summary").click()
    form = page.get_by_role("form", name="Configure HookSounds")
    form.get_by_label("a minute").fill("10")
    form.get_by_label("Searches").fill("1800")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("button", name="As shipped")).to_be_visible(timeout=MADE_MS)
    found = {each["provider"]: each for each in call(shop, "GET", "admin/music-licensing/providers")["providers"]}
    assert found["hooksounds"]["rateLimit"]["requestsPerMinute"] == 10
    assert found["hooksounds"]["rateLimit"]["requestsPerHour"] is None
    assert found["hooksounds"]["cacheTtl"] == {"search": 1800, "details": 7200, "validation": 86400}
    show(page, "Search")
    for number in range(11, 19):
        search(page, f"Day {number}", "hooksounds")
        expect(page.locator(".lc-tr .ti b")).to_have_text([f"Day {number}"], timeout=MADE_MS)
        if number == 18:
            show(page, "Catalogues")
            says(page.locator("[data-provider=hooksounds] .near"), "it is asked more slowly")
            form.get_by_role("button", name="As shipped").click()
            expect(form.get_by_role("button", name="As shipped")).to_be_hidden(timeout=MADE_MS)
            show(page, "Search")
    show(page, "Catalogues")
    kept = page.locator("[data-class='hooksounds:search']")
    says(kept, "8 of 8")
    forget = page.get_by_role("form", name="Forget answers")
    forget.get_by_label("Catalogue").select_option("hooksounds")
    forget.get_by_role("button", name="Forget them").click()
    says(page.locator(".toast", has_text="forgotten"), "8 answers were forgotten")
    says(kept, "0 of 0")

    sync = page.get_by_role("form", name="Sync now")
    expect(sync.locator("option[value=openverse]")).to_have_count(0)
    sync.get_by_label("Catalogue").select_option("soundstripe")
    shop.stripe.faults["search"].append(Fault(404, {"errors": [{"detail": "gone away", "status": 404}]}))
    sync.get_by_role("button", name="Sync now").click()
    failed = page.locator("[data-run=soundstripe][data-state=failed]")
    expect(failed.locator(".lx-err li")).to_have_count(1, timeout=MADE_MS)
    sync.get_by_label("Most tracks").fill("3")
    sync.get_by_role("button", name="Sync now").click()
    says(page.locator("[data-run=soundstripe][data-state=done]").first, "at most 3")
    says(page.locator(".lx-runs"), " % of the last thirty days’ syncs ended well")

    night = page.get_by_role("switch", name="Sync every night")
    expect(night).to_have_attribute("aria-checked", "false")
    night.click()
    expect(night).to_have_attribute("aria-checked", "true", timeout=MADE_MS)
    (planned,) = [each for each in call(shop, "GET", "schedules")["schedules"] if each["kind"] == "catalogue_sync"]
    assert (planned["cron"], planned["state"]) == ("0 2 * * *", "active")
    ran = call(shop, "POST", f"schedules/{planned['id']}/run")
    assert ran["job_id"], "as the clock does at 02:00"
    night.click()
    expect(night).to_have_attribute("aria-checked", "false", timeout=MADE_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page, "Catalogues")


def test_bought_by_hand_under_the_caps_with_its_proof(page: Page, shop: SimpleNamespace) -> None:
    search(page, "Day 21", "hooksounds")
    page.get_by_label("License Day 21", exact=True).click()
    offer = page.get_by_role("dialog", name="License a track")
    says(offer, "Buy a licence by hand")
    offer.get_by_label("Price ($)").fill("29.00")
    offer.get_by_role("button", name="Hold the price and buy").click()
    says(offer.get_by_role("alert"), "the cap for one job")
    assert call(shop, "GET", "music-licensing/licenses?track_id=21")["licences"] == [], "nothing was written down"
    offer.get_by_label("Price ($)").fill("0.40")
    offer.get_by_role("button", name="Hold the price and buy").click()
    says(offer, "Ordered: $0.40 is held under your caps")
    with page.expect_file_chooser() as chooser:
        offer.get_by_role("button", name="Add the proof…").click()
    name = own("invoice") + ".txt"
    chooser.value.set_files({"name": name, "mimeType": "text/plain", "buffer": b"Invoice HS-77 for Day 21"})
    says(offer, f"Proof: {name}")
    offer.get_by_label("Paid ($)").fill("0.35")
    offer.get_by_label("Certificate").fill("HS-77")
    offer.get_by_role("button", name="I bought it").click()
    says(offer, "You hold: valid")
    offer.get_by_role("button", name="Close").click()
    (held,) = call(shop, "GET", "music-licensing/licenses?track_id=21")["licences"]
    assert (float(held["price_usd"]), held["certificate"], len(held["proof_sha256"])) == (0.35, "HS-77", 64)
    show(page, "Licences")
    row = page.locator(f"[data-licence={held['id']}]")
    says(row, name)
    assert b"Invoice HS-77" in downloaded(page, row.get_by_role("link", name=name))

    # A photograph of it is proof as well.
    photo, picture = io.BytesIO(), own("photograph")
    Image.new("RGB", (40, 30), "white").save(photo, "PNG")
    with page.expect_file_chooser() as chooser:
        row.get_by_role("button", name="Add the proof of").click()
    chooser.value.set_files({"name": f"{picture}.png", "mimeType": "image/png", "buffer": photo.getvalue()})
    says(row, f"proof: {picture}")

    # Another one is ordered, and not bought: what was held is free again.
    show(page, "Search")
    search(page, "Day 22", "hooksounds")
    page.get_by_label("License Day 22", exact=True).click()
    says(offer, "Buy a licence by hand")
    offer.get_by_label("Price ($)").fill("0.50")
    offer.get_by_role("button", name="Hold the price and buy").click()
    offer.get_by_role("button", name="I did not buy it").click()
    says(offer, "Buy a licence by hand")
    assert call(shop, "GET", "music-licensing/licenses?track_id=22")["licences"] == []


def test_an_end_is_that_of_its_own_time_zone(page: Page, shop: SimpleNamespace) -> None:
    track, day = own("zoned").replace(" ", "-"), today()
    show(page, "Licences")
    page.get_by_role("button", name="Enter a licence").click()
    form = page.get_by_role("form", name="Enter a licence")
    form.get_by_label("Catalogue").select_option("own")
    form.get_by_label("Track’s id").fill(track)
    form.get_by_label("From").fill((day - timedelta(days=9)).isoformat())
    form.get_by_label("Until").fill(day.isoformat())
    form.get_by_label("time zone").fill(FAR)
    form.get_by_role("button", name="Enter it").click()
    expect(form).to_be_hidden(timeout=MADE_MS)
    (held,) = call(shop, "GET", f"music-licensing/licenses?track_id={track}")["licences"]
    over = datetime.now(ZoneInfo(FAR)).date() > day
    row = page.locator(f"[data-licence={held['id']}]")
    says(row, f"in {FAR}")
    assert held["status"] == ("expired" if over else "expiring")
    # A second one overlaps it and runs on: the track stays cleared.
    page.get_by_role("button", name="Enter a licence").click()
    form.get_by_label("Catalogue").select_option("own")
    form.get_by_label("Track’s id").fill(track)
    form.get_by_label("Until").fill((day + timedelta(days=200)).isoformat())
    form.get_by_role("button", name="Enter it").click()
    expect(page.get_by_label(f"Check a use of {track}")).to_have_count(2, timeout=MADE_MS)
    page.get_by_label(f"Check a use of {track}").first.click()
    says(page.locator(".lv-v"), "Yes: it may be published like that.")
    show(page, "Radar")
    says(page.locator(f".lr-list [data-licence={held['id']}]"), "ended 1 day ago" if over else "ends today")


def test_how_each_catalogue_did_stands_beside_the_others(page: Page, shop: SimpleNamespace) -> None:
    free = {"requestsPerMinute": None, "requestsPerHour": None, "requestsPerDay": None}
    ours = {"provider": "openverse", "rateLimit": free, "cacheTtl": {"search": 1}}
    call(shop, "PUT", "admin/music-licensing/providers", ours)
    call(shop, "POST", "admin/music-licensing/sync/soundstripe?wait=60")
    state = page.locator("[data-source=openverse]")
    search(page, "piano study")
    expect(state).to_have_attribute("data-state", "ok", timeout=MADE_MS)
    says(page.locator("[data-source=soundstripe][data-state=copy]"), "synced copy")
    page.get_by_text("catalogues are not set up").click()
    says(page.locator("[data-source=jamendo][data-state=not_ready]"), "JAMENDO_CLIENT_ID is not set")
    try:
        shop.openverse.faults["search"].extend([Fault(503, b"down")] * 200)
        for _ in range(60):  # until what is kept is older than a second
            page.get_by_role("button", name="Search", exact=True).click()
            expect(page.locator(".lc-list[aria-busy]")).to_have_count(0, timeout=MADE_MS)
            if state.get_attribute("data-state") == "stale":
                break
            page.wait_for_timeout(300)
        expect(state).to_have_attribute("data-state", "stale")
        expect(state).to_contain_text(re.compile(r"kept, may be old · \d+ s old"))
        says(page.locator(".lc-tr").first, "Piano Study")
        search(page, own("nobody asked"))
        expect(state).to_have_attribute("data-state", "failed", timeout=MADE_MS)
        says(state, "did not answer")
        expect(page.locator("[data-source=hooksounds]")).to_have_attribute("data-state", re.compile("ok|copy"))
    finally:
        shop.openverse.faults["search"].clear()
        call(shop, "PUT", "admin/music-licensing/providers", {"provider": "openverse", "reset": True})


def owned(shop: SimpleNamespace, folder: Path, title: str) -> dict[str, Any]:
    """One's own file with its paper, confirmed: good on YouTube, for money, for a year."""
    sound = wav(folder / f"{title}.wav", seconds=3.0, hertz=300.0 + int(title[-6:], 16) % 500)
    said = {
        "Certificate No.": "A-1009", "Track title": title, "Artist": "A. Composer", "Composer": "Ada Moor",
        "Start date": "2026-01-01", "Expiry date": (today() + timedelta(days=365)).isoformat(), "Territory": "Worldwide",
        "Platforms": "YouTube", "Commercial use": "Yes",
    }  # fmt: skip
    paper = "\n".join(f"{label}: {value}" for label, value in said.items()).encode()
    files = {"file": (sound.name, sound.read_bytes()), "paper": (f"{title} licence.txt", paper)}
    answer = httpx.post(f"{shop.url}/api/music-licensing/own", files=files, timeout=60)
    assert answer.is_success, answer.text
    (one,) = answer.json()["proposals"]
    call(shop, "POST", f"music-licensing/own/{one['id']}/confirm", {"fields": {"derivatives": True}})
    return dict(one)


def test_found_cleared_mixed_exported_and_blocked_when_its_licence_ends(
    page: Page, shop: SimpleNamespace, tmp_path: Path, pictures: Path
) -> None:
    title, film, piece = own("Lantern"), own("Harbour film"), own("Harbour piece")
    mine = owned(shop, tmp_path, title)
    # Found in one's own catalogue, and heard.
    search(page, title)
    expect(page.locator(".lc-tr .ti b")).to_have_text([title], timeout=MADE_MS)
    # Found at Openverse: nothing to buy, and its file comes into the library.
    search(page, "Public Piano")
    page.get_by_label("License Public Piano").click()
    offer = page.get_by_role("dialog", name="License a track")
    says(offer, "There is nothing to buy")
    offer.get_by_role("button", name="Bring the full file in").click()
    says(page.locator(".toast", has_text="fetched"), "You find it in the library")

    def brought() -> list[dict[str, Any]]:
        return [
            one
            for one in call(shop, "GET", "audio-studio/library?search=Public+Piano&type=music")["assets"]
            if not one.get("draft")
        ]

    for _ in range(200):
        if brought():
            break
        page.wait_for_timeout(300)
    (cc0,) = brought()

    # Put into a project, and cleared for it and its platform before anything is rendered.
    tracks = [
        {"name": "Own", "role": "music", "clips": [{"asset_id": mine["id"]}]},
        {"name": "Bed", "role": "music", "clips": [{"asset_id": cc0["id"]}]},
    ]
    made = call(shop, "POST", "projects", {"name": film, "document": {"tracks": tracks}})
    show(page, "Licences")
    what, verdict = page.get_by_label("Piece, project or track"), page.locator(".lv-v")
    check = page.get_by_role("form", name="Check a planned use")

    def asked(value: str, platform: str) -> None:
        page.wait_for_function(
            "v => [...document.querySelectorAll('.lv select option')].some(o => o.value === v)", arg=value
        )
        what.select_option(value)
        check.get_by_label("Platform").select_option(platform)
        check.get_by_role("button", name="Check").click()

    show(page, "Radar")
    show(page, "Licences")
    asked(f"p:{made['id']}", "tiktok")
    says(verdict, "No: not like that.")
    says(verdict, "youtube")
    asked(f"p:{made['id']}", "youtube")
    says(verdict, "Yes: it may be published like that.")

    # Mixed, and taken out from the drawer with its sheets.
    mix = page.evaluate(
        "([id, name]) => st.rest('POST', '/projects/' + id + '/render?wait=60', { name, stems: false })",
        [made["id"], piece],
    )
    (mixed,) = [
        one for one in call(shop, "GET", "audio-studio/library?search=" + piece)["assets"] if one["kind"] == "mix"
    ]
    assert mix is not None
    page.evaluate("id => st.tell('st:open', { id })", mixed["id"])
    drawer = page.locator("dialog.drawer[open]")
    drawer.locator("select").first.select_option("youtube")
    drawer.locator("label.check input").check()
    says(drawer.locator(".verdict.yes"), "Cleared for this use")
    pack = tmp_path / "pack.zip"
    pack.write_bytes(downloaded(page, drawer.get_by_text("Download with sheet")))
    with zipfile.ZipFile(pack) as archive:
        sheet = next(archive.read(name).decode() for name in archive.namelist() if name.endswith(".md"))
    assert title in sheet
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    # The cue sheet, and the project's report, each in three forms; every link brings its file.
    show(page, "Radar")
    show(page, "Licences")
    asked(f"a:{mixed['id']}", "youtube")
    says(verdict, "Yes: it may be published like that.")
    out = page.locator(".lv-out")
    cues = json.loads(downloaded(page, out.get_by_role("link", name="Cue sheet (JSON)")))
    assert {title, "Public Piano"} <= {cue["title"] for cue in cues["cues"]}
    assert title.encode() in downloaded(page, out.get_by_role("link", name="Cue sheet (CSV)"))
    assert downloaded(page, out.get_by_role("link", name="Cue sheet (PDF)")).startswith(b"%PDF")
    page.screenshot(path=pictures / "licence-verdict.png", full_page=True)
    asked(f"p:{made['id']}", "youtube")
    expect(out.get_by_role("link", name="Report (JSON)")).to_be_visible(timeout=MADE_MS)
    report = downloaded(page, out.get_by_role("link", name="Report (JSON)"))
    assert title in report.decode()
    assert piece in report.decode()
    assert title.encode() in downloaded(page, out.get_by_role("link", name="Report (CSV)"))
    assert downloaded(page, out.get_by_role("link", name="Report (PDF)")).startswith(b"%PDF")

    # The radar: what its end would leave uncovered; nothing is changed by looking.
    (held,) = call(shop, "GET", f"music-licensing/licenses?provider=own&track_id={mine['trackId']}")["licences"]
    assert held["proof_name"], "its paper is its proof"
    says(page.locator(f".lt [data-licence={held['id']}]"), "1 published use rests on it")
    show(page, "Radar")
    what_if = page.get_by_role("form", name="What if it ended")
    page.wait_for_function(
        "v => [...document.querySelectorAll('.lr-if option')].some(o => o.value === v)", arg=f"l:{held['id']}"
    )
    what_if.get_by_label("Subscription or licence").select_option(f"l:{held['id']}")
    what_if.get_by_label("Its last day").fill((today() - timedelta(days=1)).isoformat())
    what_if.get_by_role("button", name="Look").click()
    says(page.locator(".lr-sum"), "1 published use would lose its licence, 0 stay covered.")
    says(page.locator(f".lr-sim [data-licence={held['id']}]"), piece)
    page.screenshot(path=pictures / "licence-radar.png", full_page=True)

    # It ends: the project, the piece and its file are blocked, and the radar says what lost its licence.
    show(page, "Licences")
    row = page.locator(f".lt [data-licence={held['id']}]")
    row.get_by_label(f"Revoke the licence of {title}").click()
    row.get_by_text("Revoke: 1 use loses it").click()
    expect(row).to_have_attribute("data-status", "revoked", timeout=MADE_MS)
    asked(f"p:{made['id']}", "youtube")
    says(verdict, "No: not like that.")
    says(verdict, "revoked")
    refused = httpx.get(f"{shop.url}/export/{mixed['id']}?platform=youtube&commercial=true", timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (451, "not_cleared")
    page.evaluate("id => st.tell('st:open', { id })", mixed["id"])
    says(drawer.locator(".verdict.no"), "revoked")
    expect(drawer.get_by_text("Download with sheet")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    show(page, "Radar")
    says(page.locator(f".lr-list [data-licence={held['id']}]"), "1 published piece loses its licence")
