"""What scoring a clip costs is known, and held against every cap, before the first piece is made."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.flows.recommending import rules
from core.flows.scoring import fitting
from core.kit.actor import LOCAL
from core.kit.errors import MoneyError, UserError
from core.kit.settings import load_settings
from core.store import charges, clips
from core.video.types import Clip, Features, Scene
from tests.music.sellers import Seller

PRICES = Path(__file__).parents[2] / "prices"
PLAIN = Features(
    lufs=-30, energy=0.2, speech=0, centroid_hz=900, motion=0.3, motion_heights_s=0.1, brightness=0.5, contrast=0.2,
    warmth=0.1, saturation=0.3, flat=0.1, face=0, face_height=0, cuts_per_minute=4, position=0.5,
)  # fmt: skip


@pytest.fixture
def seller() -> Seller:
    return Seller("bandstand", longest_s=300.0)


@pytest.fixture
def shop(home: Path, seller: Seller) -> Iterator[Studio]:
    """Bandstand sells a track for $0.20."""
    studio = build_studio(load_settings(home=home, prices_dir=PRICES), providers=(seller,))
    yield studio
    studio.close()


def clip_of(studio: Studio, count: int, seconds: float = 8.0, *, varied: bool = True) -> str:
    """A clip that was taken apart into so many scenes, of which no two ask for the same music."""
    from tests.video.films import MONTAGE

    film, _ = studio.importing.bring_in(LOCAL, MONTAGE, kind="video", licence_id="uploaded-own")
    scenes = [
        Scene(
            number=n + 1, start_s=n * seconds, end_s=(n + 1) * seconds, first_frame=round(n * seconds * 24),
            frames=round(seconds * 24), opened="cut", type="action", confidence=1.0, why="",
            features=PLAIN.model_copy(update={"motion": (0.1, 0.9)[n % 2] if varied else 0.3, "brightness": (0.7, 0.1)[n // 2 % 2]}),
        )
        for n in range(count)
    ]  # fmt: skip
    clip = Clip(seconds=count * seconds, fps=24, width=640, height=360, sounds=False, scenes=tuple(scenes))
    rows = [
        (
            {name: value for name, value in each.model_dump(mode="json").items() if name in ("number", "start_s", "end_s", "type")}
            | {"facts": each.model_dump(mode="json", exclude={"id", "number", "start_s", "end_s", "type"})},
            b"",
        )
        for each in scenes
    ]  # fmt: skip
    values = {
        "asset_id": film.id, "name": film.name, "job_id": "job_none", "seconds": clip.seconds, "user_id": LOCAL.user_id,
        "facts": clip.model_dump(mode="json", exclude={"scenes"}), "organisation_id": LOCAL.organisation_id,
    }  # fmt: skip
    with studio.store.db.write() as connection:
        clip_id, _ = clips.add(connection, values, rows)
    return clip_id


def test_twenty_paid_cues_under_a_cap_of_a_dollar_are_refused_at_submit(shop: Studio, seller: Seller) -> None:
    clip_id = clip_of(shop, 20)
    shop.budgets.set_limit("job", Decimal(1))
    for ask in (shop.scoring.plan, shop.scoring.submit):
        with pytest.raises(
            MoneyError, match=r"up to \$4\.00.*one job with everything under it has \$1 of \$1"
        ) as refused:
            ask(LOCAL, clip_id=clip_id, provider="bandstand", seed=1)
        assert refused.value.code == "cap_job"
    assert shop.jobs.list(LOCAL) == []
    assert not seller.sold
    shop.budgets.set_limit("job", Decimal(100))
    shop.budgets.set_limit("user_day", Decimal("3.9"))
    with pytest.raises(MoneyError, match="one user in one UTC day has"):
        shop.scoring.submit(LOCAL, clip_id=clip_id, provider="bandstand", seed=1)
    shop.budgets.set_limit("user_day", Decimal(100))
    with pytest.raises(MoneyError, match="cap"):
        shop.scoring.submit(LOCAL, clip_id=clip_id, provider="bandstand", seed=1, cap_usd=Decimal("3.99"))
    plan = shop.scoring.plan(LOCAL, clip_id=clip_id, provider="bandstand", seed=1, cap_usd=Decimal(4))
    assert (len(plan.cues), plan.usd, plan.engine) == (20, Decimal("4.00"), "bandstand")
    assert shop.scoring.plan(LOCAL, clip_id=clip_id, seed=1).usd == 0


def test_the_parents_cap_holds_its_pieces(shop: Studio, seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nobody had foreseen it."""
    clip_id = clip_of(shop, 2, 7.0)
    monkeypatch.setattr(shop.music, "foresee", lambda *given, **values: Decimal(0))
    shop.ensure_worker()
    job = shop.scoring.submit(LOCAL, clip_id=clip_id, provider="bandstand", seed=1, cap_usd=Decimal("0.3"))
    job = shop.wait(LOCAL, job.id, 120)
    assert job.status == "failed"
    assert "one job with everything under it" in str(job.error)
    assert len(seller.sold) == 1
    with shop.store.db.read() as connection:
        assert charges.held(connection, root_job_id=job.id) == Decimal("0.20")


def test_a_day_that_was_spent_meanwhile_stops_it_before_the_first_piece(shop: Studio, seller: Seller) -> None:
    clip_id = clip_of(shop, 2, 7.0)
    job = shop.scoring.submit(LOCAL, clip_id=clip_id, provider="bandstand", seed=1)
    shop.budgets.set_limit("day", Decimal("0.3"))
    shop.ensure_worker()
    job = shop.wait(LOCAL, job.id, 120)
    assert job.error is not None
    assert job.error["code"] == "cap_day"
    assert not seller.sold


def test_a_plan_for_two_hundred_scenes_looks_for_a_tempo_once_a_cue(
    shop: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was done for every pair of scenes that might share a piece: eleven seconds of it."""
    clip_id, plain = clip_of(shop, 200), rules._tempo
    asked: list[str] = []
    monkeypatch.setattr(rules, "_tempo", lambda genre, *given: asked.append(genre) or plain(genre, *given))
    plan = shop.scoring.plan(LOCAL, clip_id=clip_id, seed=1)
    assert len(plan.cues) > 50
    assert len(asked) <= 2 * 6 * len(plan.cues), "once to plan it, once to say what was suggested there"


def test_what_is_longer_than_the_engine_makes_is_parted_at_bars(shop: Studio) -> None:
    clip_id = clip_of(shop, 80, 10.0, varied=False)
    plan = shop.scoring.plan(LOCAL, clip_id=clip_id, seed=1, one=True)
    assert len(plan.cues) == 2
    first, second = plan.cues
    assert (first.start_s, second.end_s) == (0, 800)
    assert first.end_s == second.start_s
    assert (first.seed, first.key, first.bpm, first.ending) == (second.seed, second.key, second.bpm, "cut")
    assert second.ending == "resolve"
    assert first.bars == pytest.approx(round(first.bars), abs=0.001)
    assert max(cue.seconds for cue in plan.cues) < 600
    by_seller = shop.scoring.plan(LOCAL, clip_id=clip_id, seed=1, one=True, provider="bandstand")
    assert len(by_seller.cues) == 3
    assert by_seller.usd == Decimal("0.60")
    assert fitting.fitted(plan.cues, shop.video.clip(LOCAL, clip_id)[1], 600) == plan.cues


def test_a_cue_heard_alone_is_counted_as_it_was_asked_for(shop: Studio, seller: Seller) -> None:
    clip_id = clip_of(shop, 2, 400.0)
    asked = shop.recommending.for_clip(LOCAL, clip_id, seed=3)
    whole = shop.scoring.plan(LOCAL, clip_id=clip_id, cues=asked, provider=seller.info.name).cues
    assert len(whole) > len(asked) == 2
    job = shop.scoring.hear(LOCAL, 1, clip_id=clip_id, cues=asked, provider=seller.info.name)
    assert (job.request["mood"], job.request["bpm"]) == (asked[1].mood, asked[1].bpm) != (asked[0].mood, asked[0].bpm)
    with pytest.raises(UserError, match="There is no cue 3"):
        shop.scoring.hear(LOCAL, 2, clip_id=clip_id, cues=asked, provider=seller.info.name)
