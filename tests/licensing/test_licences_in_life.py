"""A licence from its order to its end: money held and booked once, news heard once, the radar, cue sheet and report."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from core.api.service import api
from core.app import Studio
from core.hooks.signing import headers, new_secret
from core.kit.actor import LOCAL, Actor
from core.kit.clock import today
from core.kit.errors import AccessError, MoneyError, NotFound, UserError
from core.licensing.paperwork import written
from core.rights.gate import Use
from core.store import charges, track_licences
from tests.library.sounds import bring
from tests.licensing.catalogues import Stockroom, StockroomFiles, brought, mixed, opened

YOUTUBE = Use("youtube", commercial=True)
DAY = today()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Stockroom, StockroomFiles]]:
    with opened(tmp_path_factory.mktemp("licensing")) as made:
        yield made


@pytest.fixture
def studio(shop: tuple[Studio, Stockroom, StockroomFiles]) -> Studio:
    return shop[0]


def order(studio: Studio, track: str, usd: str = "1.20", **values: Any) -> str:
    given = {"provider": "hooksounds", "track_id": track, "title": f"Song {track}", "price_usd": usd}
    return studio.purchases.begin(LOCAL, given | values).id


def charge_of(studio: Studio, licence_id: str) -> charges.Charge:
    with studio.store.db.read() as connection:
        row = track_licences.find(connection, licence_id)
        assert row is not None
        found = charges.by_attempt(connection, row.job_id or "")
        assert found is not None
        return found


def test_bought_by_hand_under_the_caps(studio: Studio) -> None:
    licence = order(studio, "a")
    assert studio.licences.get(LOCAL, licence).standing == "unknown"
    assert not studio.licences.validate(LOCAL, "hooksounds", "a", YOUTUBE).allowed, "ordered is not bought"
    assert charge_of(studio, licence).reserved_usd == Decimal("1.2")
    assert order(studio, "a") == licence, "a second press orders nothing"
    with pytest.raises(MoneyError):
        order(studio, "dear", "2.90")
    with pytest.raises(NotFound):
        studio.purchases.bought(Actor("somebody"), licence)
    done = studio.purchases.bought(LOCAL, licence, price_usd=Decimal("1.15"), certificate="HS-1")
    assert (done.standing, done.row.price_usd, done.row.certificate) == ("valid", Decimal("1.15"), "HS-1")
    studio.purchases.bought(LOCAL, licence, price_usd=Decimal(2))
    charge = charge_of(studio, licence)
    assert (charge.status, charge.settled_usd) == ("settled", Decimal("1.15"))
    assert studio.licences.validate(LOCAL, "hooksounds", "a", YOUTUBE).allowed
    other = order(studio, "b", "0.50")
    held = charge_of(studio, other).attempt_id
    studio.purchases.not_bought(LOCAL, other)
    with studio.store.db.read() as connection:
        released = charges.by_attempt(connection, held)
    assert released is not None
    assert released.status == "released"
    with pytest.raises(NotFound):
        studio.licences.get(LOCAL, other)
    assert order(studio, "b", "0.50") != other, "it may be ordered again"


def test_two_presses_at_once_hold_the_money_once(studio: Studio) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(order(studio, "c", "0.10"))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 4
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"ends_on": "2020-01-01"}, "before it begins"),
        ({"platforms": ["myspace"]}, "myspace"),
        ({"zone": "Mars/Base"}, "time zone"),
        ({"licensee_kind": "channel"}, "name the channel"),
        ({"price_usd": "-1"}, "price_usd"),
        ({"starts_on": "31.12.2026"}, "starts_on"),
        ({"title": "x" * 300}, "title"),
    ],
)
def test_what_no_licence_can_say(studio: Studio, values: dict[str, Any], why: str) -> None:
    with pytest.raises(UserError, match=why):
        studio.licences.add(LOCAL, {"provider": "own", "track_id": "x"} | values)


def test_a_team_holds_it_for_its_members_alone(studio: Studio) -> None:
    given = {"provider": "own", "track_id": "t", "licensee_kind": "team", "licensee": "team_nowhere"}
    with pytest.raises(AccessError):
        studio.licences.add(Actor("stranger"), given)


def test_the_radar_tells_once_of_each_stage(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 12)
    mix = mixed(studio, bring(studio, tmp_path, "Radar voice", licence_id="uploaded-own"), full, name="On air")
    licence = studio.licences.add(
        LOCAL,
        {"provider": "stockroom", "track_id": "12", "title": "Piece 12", "ends_on": (DAY + timedelta(5)).isoformat()},
    ).id
    studio.exporting.export(LOCAL, mix.id, tmp_path / "out", use=YOUTUBE)
    (ending,) = [each for each in studio.radar.look(LOCAL, days=30) if each.licence.id == licence]
    assert (ending.days_left, ending.standing) == (5, "expiring")
    assert {use.output_name for use in ending.touched} == {"On air"}
    assert not [each for each in studio.radar.look(LOCAL, days=3) if each.licence.id == licence]
    assert studio.radar.check().told >= 1
    assert studio.radar.check().told == 0, "told once"
    (as_if,) = studio.radar.simulate(LOCAL, [licence], DAY - timedelta(1))
    assert (as_if.days_left, len(as_if.touched)) == (-1, 1)
    studio.licences.change(LOCAL, licence, {"keeps_published": True})
    (kept,) = studio.radar.simulate(LOCAL, [licence], DAY)
    assert (len(kept.touched), len(kept.kept)) == (0, 1)


def test_what_another_licence_covers_too_is_not_left_uncovered(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 16)
    mix = mixed(studio, bring(studio, tmp_path, "Overlap voice", licence_id="uploaded-own"), full, name="Twice covered")
    track = {"provider": "stockroom", "track_id": "16", "title": "Piece 16"}
    ends = DAY + timedelta(4)
    first = studio.licences.add(LOCAL, track | {"ends_on": ends.isoformat()}).id
    studio.exporting.export(LOCAL, mix.id, tmp_path / "out", use=YOUTUBE)

    def look() -> tuple[int, int]:
        (ending,) = [each for each in studio.radar.look(LOCAL, days=9) if each.licence.id == first]
        return len(ending.touched), len(ending.kept)

    assert look() == (1, 0)
    assert studio.licences.list(LOCAL, track_id="16")[0].uses == 1
    studio.licences.add(LOCAL, track | {"platforms": ["podcast"]})
    assert look() == (1, 0), "for another platform"
    second = studio.licences.add(LOCAL, track | {"ends_on": (ends + timedelta(1)).isoformat()}).id
    assert look() == (0, 1), "good on the day after"
    (as_if, _) = studio.radar.simulate(LOCAL, [first, second], DAY)
    assert (len(as_if.touched), len(as_if.kept)) == (1, 0), "both are given up"


def news(client: TestClient, secret: str, event: str, body: dict[str, Any], provider: str = "stockroom") -> Any:
    sent = json.dumps(body).encode()
    return client.post(f"/api/licence-news?provider={provider}", content=sent, headers=headers(secret, event, sent))


def test_news_is_signed_heard_once_and_in_order(studio: Studio) -> None:
    client = TestClient(api(studio), raise_server_exceptions=False)
    studio.licences.add(LOCAL, {"provider": "stockroom", "track_id": "13", "certificate": "C-13"})
    moment = datetime.now(UTC)
    revoked = {
        "type": "licence.revoked",
        "timestamp": moment.isoformat(),
        "data": {"certificate": "C-13", "reason": "unpaid"},
    }
    assert news(client, new_secret(), "e1", revoked).status_code == 401, "no secret was made"
    secret = studio.licence_news.new_secret(LOCAL, "stockroom", new_secret)
    assert news(client, new_secret(), "e1", revoked).status_code == 401
    assert news(client, secret, "e1", revoked).json()["outcome"] == "changed"
    assert news(client, secret, "e1", revoked).json()["outcome"] == "known"
    assert "unpaid" in studio.licences.validate(LOCAL, "stockroom", "13", YOUTUBE).reasons[0]
    later = (DAY + timedelta(100)).isoformat()
    older = {"type": "licence.renewed", "timestamp": (moment - timedelta(hours=1)).isoformat(),
             "data": {"certificate": "C-13", "ends_on": later}}  # fmt: skip
    assert news(client, secret, "e0", older).json()["outcome"] == "older", "what happened before changes nothing"
    assert not studio.licences.validate(LOCAL, "stockroom", "13", YOUTUBE).allowed
    newer = older | {"timestamp": (moment + timedelta(seconds=1)).isoformat()}
    assert news(client, secret, "e2", newer).json() == {"outcome": "changed", "licences": 1, "pieces": 0}
    assert studio.licences.validate(LOCAL, "stockroom", "13", YOUTUBE).allowed
    assert news(client, secret, "e3", {"type": "licence.eaten"}).status_code == 422
    nobody = {"type": "track.withdrawn", "timestamp": moment.isoformat(), "data": {"track_id": "none"}}
    assert news(client, secret, "e4", nobody).json()["outcome"] == "nobody"


def test_cue_sheet_and_report_on_paper(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 14)
    mix = mixed(
        studio, bring(studio, tmp_path, "Spoken", licence_id="uploaded-own", kind="voiceover"), full, name="=Ночь <b>"
    )
    sheet = studio.paperwork.cue_sheet(LOCAL, mix.id, YOUTUBE)
    assert not sheet.cleared
    values = {
        "provider": "stockroom",
        "track_id": "14",
        "certificate": "=C-14",
        "code": "CODE-14",
        "attribution": "Music <i>",
    }
    studio.licences.add(LOCAL, values)
    sheet = studio.paperwork.cue_sheet(LOCAL, mix.id, YOUTUBE)
    assert sheet.cleared
    (cue,) = sheet.cues
    assert (cue.title, cue.composer, cue.publisher) == ("Piece 14", "A. Composer", "Stock Music Ltd")
    assert cue.seconds == pytest.approx(mix.duration_s, abs=0.6)
    assert (cue.code, cue.credit, cue.use) == ("CODE-14", "Music <i>", "background")
    rows = list(csv.DictReader(io.StringIO(written(sheet, "csv").decode("utf-8-sig"))))
    assert rows[0]["certificate"] == "'=C-14", "a spreadsheet must not run it"
    assert json.loads(written(sheet, "json"))["cues"][0]["track_id"] == "14"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(written(sheet, "pdf"))).pages)
    assert "Piece 14" in text
    assert "CODE-14" in text
    studio.exporting.export(LOCAL, mix.id, tmp_path / "out", use=YOUTUBE)
    project = str(mix.generation_config["project"])
    report = studio.paperwork.report(LOCAL, project_id=project)
    assert (report.uses, report.covered, report.share) == (1, 1, 1.0)
    held = studio.licences.list(LOCAL, provider="stockroom", track_id="14")[0].id
    studio.licences.revoke(LOCAL, held, "gone")
    report = studio.paperwork.report(LOCAL, project_id=project, from_day=DAY.isoformat())
    assert (report.covered, report.share) == (0, 0.0)
    assert "revoked" in report.lines[0].why
    assert PdfReader(io.BytesIO(written(report, "pdf"))).pages
    assert studio.paperwork.report(Actor("other")).uses == 0
    with pytest.raises(UserError):
        studio.paperwork.report(LOCAL, from_day="yesterday")


def test_over_rest(studio: Studio) -> None:
    client = TestClient(api(studio), raise_server_exceptions=False)
    base = "/api/music-licensing"
    made = client.post(f"{base}/licenses", json={"provider": "stockroom", "track_id": "15", "ends_on": "2020-01-01"})
    assert made.status_code in (400, 422)
    given = {"provider": "stockroom", "track_id": "15", "title": "<script>", "platforms": ["youtube"]}
    made = client.post(f"{base}/licenses", json=given)
    assert made.status_code == 201
    asked = {"provider": "stockroom", "track_id": "15", "platform": "youtube"}
    found = client.post(f"{base}/validate", json=asked).json()
    assert (found["valid"], found["licence_ids"]) == (True, [made.json()["id"]])
    found = client.post(f"{base}/validate", json=asked | {"platform": "tiktok"}).json()
    assert not found["valid"]
    assert found["steps"]
    changed = client.patch(f"{base}/licenses/{made.json()['id']}", json={"fields": {"platforms": []}})
    assert changed.json()["platforms"] == []
    assert client.post(f"{base}/validate", json=asked | {"platform": "tiktok"}).json()["valid"]
    started = client.post(f"{base}/tracks?wait=60", json={"provider": "stockroom", "track_id": "15", "form": "full"})
    assert started.status_code == 200, started.text
    asset = started.json()["assets"][0]["id"]
    sheet = client.get(f"{base}/cue-sheet/{asset}?form=pdf")
    assert sheet.headers["content-type"] == "application/pdf"
    assert client.get(f"{base}/report?form=csv&startDate=2026-01-01").status_code == 200


@pytest.mark.parametrize("provider", ["openverse", "epidemic"])
def test_what_may_not_be_copied_is_not_synced_track_by_track_either(studio: Studio, provider: str) -> None:
    with pytest.raises(UserError, match="may not be copied"):
        studio.catalogue_sync.start(LOCAL, provider, track_ids=["1"])
