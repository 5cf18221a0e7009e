"""The stock catalogues as the studio knows them: keys, prices, limits, and a download that is bought once, whatever dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.calls.asking import NO_JOB, Ask
from core.kit.actor import LOCAL
from core.kit.errors import OutcomeUnknown, SetupError
from core.kit.paths import reference
from core.kit.settings import load_settings
from core.licensing.catalogue import FILES, KIND, standing_terms
from core.licensing.types import Track
from core.providers.base import Made
from core.store import attempts, charges
from tests.clouds.artlist import CLIENT, SECRET, ArtlistServer
from tests.clouds.service import GARBAGE
from tests.clouds.soundstripe import SoundstripeServer

STOCK = ("soundstripe", "artlist", "hooksounds", "epidemic")
PRICE = """- {provider: soundstripe, unit: downloads, usd: "1.50", source: tests, checked_on: 2026-11-21, valid_from: 2026-01-01}
- {provider: artlist, unit: downloads, usd: "2.00", source: tests, checked_on: 2026-11-21, valid_from: 2026-01-01}
"""


class Died(BaseException):
    """Nobody catches it: the process is gone."""


@pytest.fixture
def cloud() -> Iterator[SoundstripeServer]:
    with SoundstripeServer() as server:
        yield server


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(cloud: SoundstripeServer, home: Path, prices: Path) -> Iterator[Studio]:
    settings = load_settings(home=home, prices_dir=prices, soundstripe_api_key=cloud.KEY, soundstripe_url=cloud.url)
    studio = build_studio(settings)
    yield studio
    studio.close()


def ask(folder: Path, form: str = "full", job: str = "job_1", provider: str = "soundstripe") -> Ask:
    return Ask(
        job_id=job, root_job_id=job, epoch=NO_JOB, actor=LOCAL, kind=FILES, request={"id": "3", "form": form},
        folder=folder, provider=provider,
    )  # fmt: skip


def bills(shop: Studio, job: str = "job_1") -> list[tuple[str, str]]:
    with shop.store.db.read() as connection:
        return [(bill.status, str(bill.settled_usd)) for bill in charges.of_job(connection, job)]


def files(cloud: SoundstripeServer) -> int:
    return len([each for each in cloud.asked if cloud.where(each) == "file"])


def test_searched_through_the_studio_and_kept(shop: Studio, cloud: SoundstripeServer) -> None:
    request = {"op": "search", "search": {"text": "song"}, "page": 1}
    first = shop.direct.query(LOCAL, KIND, request, provider="soundstripe")
    again = shop.direct.query(LOCAL, KIND, request, provider="soundstripe")
    assert (first.cached, again.cached, len(cloud.asked)) == (False, True, 1)
    assert Track.of(again.value["tracks"][0]).title == "Song 1"


def test_no_price_no_download_and_a_preview_all_the_same(
    shop: Studio, cloud: SoundstripeServer, prices: Path, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match="no price for downloads of soundstripe") as caught:
        shop.calls.buy(ask(tmp_path))
    assert "STUDIO_PRICES_DIR" in caught.value.hint
    assert cloud.asked == []
    shop.calls.buy(ask(tmp_path, "preview", "job_2"))
    assert bills(shop, "job_2") == [("settled", "0")]
    (prices / "own.yaml").write_text(PRICE)
    bought = shop.calls.buy(ask(tmp_path, job="job_3"))
    assert (bought.provider, bills(shop, "job_3")) == ("soundstripe", [("settled", "1.5")])


def test_what_bills_beyond_what_was_reserved_is_stopped(
    shop: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = shop.registry.get(FILES, "soundstripe")
    plain = files.make  # type: ignore[attr-defined]

    def dear(request: Any, call: Any) -> Made:
        made = plain(request, call)
        return Made(made.outputs, {"downloads": type(next(iter(made.units.values())))(2)}, facts=made.facts)

    monkeypatch.setattr(files, "make", dear)
    shop.calls.buy(ask(tmp_path, "preview"))
    state = next(each for each in shop.registry.readiness(FILES) if each.info.name == "soundstripe")
    assert not state.ready
    assert "none was reserved" in state.why


@pytest.mark.parametrize("moment", ["before", "after"])
def test_nothing_is_bought_twice_when_the_studio_dies(
    shop: Studio, cloud: SoundstripeServer, prices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Between the intent and the settlement: before the file is asked for, and after it came."""
    (prices / "own.yaml").write_text(PRICE)

    def die(*_: Any, **__: Any) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(shop.calls, "_call" if moment == "before" else "_settle", die)
        with pytest.raises(Died):
            shop.calls.buy(ask(tmp_path))
    came = files(cloud)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="Nobody can tell whether soundstripe billed this"):
            shop.calls.buy(ask(tmp_path))
    assert files(cloud) == came == (0 if moment == "before" else 1)
    assert bills(shop) == [("reserved", "0")]  # held until a person looks


def test_what_was_settled_is_used_again(shop: Studio, cloud: SoundstripeServer, prices: Path, tmp_path: Path) -> None:
    (prices / "own.yaml").write_text(PRICE)
    first = shop.calls.buy(ask(tmp_path))
    again = shop.calls.buy(ask(tmp_path))
    assert (again.reused, again.made.outputs[0].path, files(cloud)) == (True, first.made.outputs[0].path, 1)


def test_a_wrong_file_leaves_the_bill_open(
    shop: Studio, cloud: SoundstripeServer, prices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.licensing.providers.fetching._PAUSE_S", 0.0)
    (prices / "own.yaml").write_text(PRICE)
    cloud.faults["file"].extend([GARBAGE] * 3)
    with pytest.raises(OutcomeUnknown):
        shop.calls.buy(ask(tmp_path))
    with shop.store.db.read() as connection:
        assert [each.status for each in attempts.of_job(connection, "job_1")] == [attempts.UNKNOWN]


def test_a_credential_in_two_parts_is_two_settings(home: Path) -> None:
    with ArtlistServer() as cloud:
        where = {"artlist_url": cloud.url}
        studio = build_studio(load_settings(home=home, artlist_client_id=CLIENT, **where))
        try:
            state = next(each for each in studio.registry.readiness(KIND) if each.info.name == "artlist")
            assert (state.ready, state.why) == (False, "STUDIO_ARTLIST_CLIENT_SECRET is not set")
            studio.vault.put(LOCAL, "artlist_client_secret", SECRET)
            answer = studio.direct.query(LOCAL, KIND, {"op": "tracks", "ids": ["1"]}, provider="artlist")
            assert answer.value["tracks"][0]["title"] == "Song 1"
        finally:
            studio.close()


def test_each_says_what_it_is_and_what_it_asks(shop: Studio) -> None:
    known = dict(reference("catalogues"))
    for name in STOCK:
        catalogue: Any = shop.registry.get(KIND, name)
        info, its_files = catalogue.info, shop.registry.get(FILES, name).info
        assert (info.settings_key, info.settings_id) == (its_files.settings_key, its_files.settings_id)
        assert info.per_minute == known[name]["rate_limit"]["requestsPerMinute"]
        assert len(catalogue.about_terms) > 40
        assert len(catalogue.steps) == 3
        assert known[name]["source"]
        terms = standing_terms(name)
        assert terms is not None
        assert terms.conditions
        assert {"search", "tracks", "validate", "preview", "manual"} <= info.capabilities
        assert ("download" in info.capabilities) == its_files.paid == (name != "hooksounds")
    with pytest.raises(SetupError, match="STUDIO_EPIDEMIC_API_KEY"):
        shop.direct.query(LOCAL, KIND, {"op": "tracks", "ids": ["1"]}, provider="epidemic")
