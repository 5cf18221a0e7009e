"""Which engine makes a piece, what it costs, and when nothing is bought because it is there already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import MoneyError, SetupError, StudioError, UserError
from core.kit.settings import load_settings
from core.music.engines import Engines
from core.rights.gate import Use
from core.store import charges
from core.store.assets import Asset
from core.store.jobs import Job
from tests.music.sellers import Seller

PRICES = Path(__file__).parents[1] / "prices"


@dataclass
class Shop:
    studio: Studio
    dear: Seller
    cheap: Seller
    made: list[Job] = field(default_factory=list)

    def make(self, actor: Actor = LOCAL, **values: Any) -> Job:
        job = self.studio.music.compose(actor, **{"prompt": "calm harbour", "seconds": 4.0, "stems": False} | values)
        return self.studio.jobs.wait(actor, job.id, timeout_s=120)

    def piece(self, job: Job) -> Asset:
        assert job.status == "done", job.error
        return self.studio.jobs.assets(LOCAL, job.id)[0]

    def spent(self, job: Job) -> Decimal:
        with self.studio.store.db.read() as connection:
            return charges.held(connection, root_job_id=job.id)


def opened(home: Path, dear: Seller, cheap: Seller, **settings: Any) -> Studio:
    return build_studio(load_settings(home=home, prices_dir=PRICES, **settings), providers=(dear, cheap))


@pytest.fixture
def shop(home: Path) -> Iterator[Shop]:
    dear, cheap = Seller("bandstand"), Seller("busker")
    studio = opened(home, dear, cheap)
    studio.ensure_worker()
    yield Shop(studio, dear, cheap)
    studio.close()


def test_an_engine_that_is_named_makes_it_and_is_measured(shop: Shop) -> None:
    piece = shop.piece(job := shop.make(provider="bandstand", bpm=120, seconds=8, genre="jazz", mood="calm"))
    assert piece.generation_config["provider"] == "bandstand"
    assert piece.generation_config["ignored"] == ["genre"]
    assert piece.duration_s == pytest.approx(8, abs=0.05)
    assert piece.lufs is not None
    assert piece.true_peak_dbtp is not None
    assert len(piece.peaks) > 20
    assert piece.bpm == pytest.approx(120, rel=0.02)
    assert (piece.genre, piece.mood) == ("jazz", "calm")
    assert shop.spent(job) == Decimal("0.20") == piece.cost_usd


def test_nothing_is_bought_unasked(shop: Shop) -> None:
    piece = shop.piece(job := shop.make(genre="ambient"))
    assert piece.generation_config["provider"] == "composer"
    assert job.request["engines"] == ["composer"]
    assert not shop.dear.sold
    assert not shop.cheap.sold
    assert shop.spent(job) == 0


def test_the_same_words_are_a_library_hit_at_nothing(shop: Shop) -> None:
    first = shop.piece(shop.make(provider="bandstand"))
    assert shop.studio.music.estimate(LOCAL, provider="bandstand", prompt="Calm  HARBOUR", seconds=4).had == first.id
    again = shop.make(provider="bandstand", prompt="Calm  HARBOUR")
    copy = shop.piece(again)
    assert len(shop.dear.sold) == 1
    assert shop.spent(again) == 0
    assert copy.sha256 == first.sha256
    assert copy.licence == first.licence
    assert copy.id != first.id
    assert again.result is not None
    assert again.result["reused"] == {"asset_id": first.id, "name": first.name, "saved_usd": "0.20"}
    # Other words, another length, model or engine, and whoever says `fresh`, buy anew.
    for other in ({"prompt": "storm"}, {"seconds": 5.0}, {"model": "two"}, {"provider": "busker"}, {"fresh": True}):
        shop.piece(shop.make(**{"provider": "bandstand"} | other))
    assert len(shop.dear.sold) == 5
    assert len(shop.cheap.sold) == 1


def test_a_seed_that_was_named_is_part_of_the_words(shop: Shop) -> None:
    shop.piece(shop.make(provider="bandstand", seed=1))
    shop.piece(shop.make(provider="bandstand", seed=2))
    assert [each.seed for each in shop.dear.sold] == [1, 2]
    shop.piece(shop.make(provider="bandstand", seed=1))
    shop.piece(shop.make(provider="bandstand"))
    assert len(shop.dear.sold) == 2


def test_what_is_in_the_bin_or_another_users_is_no_hit(shop: Shop) -> None:
    first = shop.piece(shop.make(provider="bandstand"))
    somebody = Actor("somebody")
    assert shop.make(somebody, provider="bandstand").status == "done"
    assert len(shop.dear.sold) == 2
    shop.studio.library.bin(LOCAL, [first.id])
    shop.piece(shop.make(provider="bandstand"))
    assert len(shop.dear.sold) == 3


def test_qualities(shop: Shop) -> None:
    estimate = shop.studio.music.estimate
    asked: dict[str, Any] = {"prompt": "calm harbour", "seconds": 4}
    assert estimate(LOCAL, quality="draft", **asked).engine == "composer"
    standard = estimate(LOCAL, quality="standard", **asked)
    assert standard.engine == "composer"
    assert "it would cost cash" in standard.route
    premium = estimate(LOCAL, quality="premium", **asked)
    assert premium.engine == "bandstand"
    assert premium.usd == Decimal("0.20")
    assert premium.stand_ins[0] == "busker"
    assert "composer" in premium.stand_ins
    within = estimate(LOCAL, quality="premium", cap_usd=Decimal("0.10"), **asked)
    assert within.engine == "busker"
    assert "over a cap" in within.route
    free = estimate(LOCAL, quality="premium", cap_usd=Decimal("0.01"), **asked)
    assert free.engine == "composer"
    assert free.usd == 0
    with pytest.raises(UserError, match="no quality 'best'"):
        estimate(LOCAL, quality="best", **asked)
    with pytest.raises((MoneyError, SetupError), match="Nothing can make this"):
        estimate(
            LOCAL, quality="draft", prompt="no drums, no bass, no chords, no pads, no arpeggios, no melody", seconds=4
        )


def test_what_cost_nothing_falls_over_to_the_next_that_is_no_dearer(shop: Shop) -> None:
    shop.dear.acts = ["rejected"]
    job = shop.make(quality="premium")
    assert shop.piece(job).generation_config["provider"] == "busker"
    assert shop.spent(job) == Decimal("0.05")
    assert not shop.dear.sold
    shop.dear.acts = ["rejected"]
    named = shop.make(provider="bandstand", prompt="storm")
    assert named.status == "failed"
    assert not shop.dear.sold
    assert shop.spent(named) == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"seconds": 90}, "cannot make 90 seconds"),
        ({"model": "three"}, "no model 'three'"),
        ({"prompt": "unsayable"}, "no word for that"),
        ({"provider": "nobody"}, "no music provider 'nobody'"),
        ({"melody": "asset_none"}, "no asset 'asset_none'"),
    ],
)
def test_what_cannot_be_made_is_said_before_anything_is_queued(shop: Shop, values: dict[str, Any], said: str) -> None:
    with pytest.raises(StudioError, match=said):
        shop.make(**{"provider": "bandstand"} | values)
    assert not shop.dear.sold
    assert not shop.studio.jobs.list(LOCAL)


def test_a_cap_holds_whatever_the_route(shop: Shop) -> None:
    refused = shop.make(provider="bandstand", cap_usd=Decimal("0.10"))
    assert refused.status == "failed"
    assert refused.error is not None
    assert refused.error["code"] == "cap_job"
    assert not shop.dear.sold


def test_a_tune_that_is_taken_up_stands_in_the_lineage(shop: Shop) -> None:
    tune = shop.piece(shop.make(seed=1))
    taken = shop.piece(shop.make(provider="bandstand", melody=tune.id))
    assert shop.dear.sold[0].material.melody is not None
    assert shop.dear.sold[0].material.melody.exists()
    assert [(each.source_id, each.role) for each in shop.studio.library.sources(LOCAL, taken.id)] == [
        (tune.id, "melody")
    ]


def test_a_tunes_terms_and_the_engines_own_both_count(home: Path) -> None:
    """Neither hides the other: a free tune does not clear an engine's licence, nor an engine a tune's."""
    studio = opened(home, Seller("bandstand", licence="musicgen-output"), Seller("busker"))
    studio.ensure_worker()
    shop = Shop(studio, Seller("unused"), Seller("unused"))
    sale = Use("web", commercial=True)
    tune = shop.piece(shop.make(seed=1))
    taken = shop.piece(shop.make(provider="bandstand", melody=tune.id))
    assert not studio.library.may(LOCAL, taken.id, sale).allowed
    assert not taken.licence["commercial"]
    clear = shop.piece(shop.make(provider="busker", melody=tune.id))
    assert studio.library.may(LOCAL, clear.id, sale).allowed
    borrowed = studio.importing.bring_in(
        LOCAL, studio.library.file(LOCAL, tune.id), name="Borrowed", licence_id="cc-by-nc-4.0", credit="Ada"
    )[0]
    bound = shop.piece(shop.make(provider="busker", melody=borrowed.id))
    assert not studio.library.may(LOCAL, bound.id, sale).allowed
    studio.library.declare_rights(LOCAL, borrowed.id, "cc0-1.0")  # what is true of the source today counts
    assert studio.library.may(LOCAL, bound.id, sale).allowed
    studio.close()


def test_a_piece_of_another_length_says_so(shop: Shop) -> None:
    shop.dear.seconds_off = -2.0
    piece = shop.piece(shop.make(provider="bandstand", seconds=6))
    assert any("6 s were asked for, 4.0 s came" in note for note in piece.generation_config["warnings"])


def test_near_pieces_are_offered(shop: Shop) -> None:
    kept = shop.piece(shop.make(prompt="calm harbour piano", genre="ambient", mood="calm", seed=3))
    near = shop.studio.music.similar(
        LOCAL, prompt="a calm piano at the harbour", genre="ambient", mood="calm", seconds=4
    )
    assert [each.asset.id for each in near] == [kept.id]
    assert "ambient" in near[0].why
    assert not shop.studio.music.similar(LOCAL, prompt="thrash metal", genre="rock", mood="dark", seconds=4)


def test_no_path_comes_in_through_a_request(shop: Shop) -> None:
    with pytest.raises(UserError):
        shop.make(material={"melody": "/etc/hostname"})


def test_made_again_while_it_scores_too_little_and_the_best_is_kept(shop: Shop) -> None:
    job = shop.make(provider="bandstand", seed=5, best_of=3, min_score=100, seconds=6)
    told = shop.piece(job).generation_config["quality"]
    assert len(shop.dear.sold) == len(told["tries"]) == 3
    assert len({each.seed for each in shop.dear.sold}) == 3
    assert told["score"] == max(told["tries"])
    assert told["below"]
    assert shop.spent(job) == Decimal("0.60")
    enough = shop.make(provider="bandstand", seed=6, best_of=3, min_score=0, seconds=6)
    assert len(shop.piece(enough).generation_config["quality"]["tries"]) == 1


def test_a_cap_ends_the_tries_and_loses_no_piece(shop: Shop) -> None:
    job = shop.make(provider="bandstand", seed=5, best_of=3, min_score=100, seconds=6, cap_usd=Decimal("0.45"))
    told = shop.piece(job).generation_config["quality"]
    assert len(told["tries"]) == len(shop.dear.sold) == 2
    assert "No further try" in told["choice"]
    assert shop.spent(job) == Decimal("0.40")


def test_a_preview_is_ten_seconds_of_the_cheapest_whoever_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever engine is named: the embedded one, and without it the cheapest."""
    asked = {"prompt": "calm harbour", "seconds": 40.0, "provider": "bandstand", "model": "two", "best_of": 3}
    found = shop.studio.music.preview(LOCAL, **asked)
    assert (found.engine, found.usd, found.job.request["draft"]) == ("composer", 0, True)
    every = Engines.in_order
    monkeypatch.setattr(Engines, "in_order", lambda engines: [s for s in every(engines) if s.info.name != "composer"])
    found = shop.studio.music.preview(LOCAL, **asked)
    piece = shop.piece(shop.studio.jobs.wait(LOCAL, found.job.id, timeout_s=120))
    assert (found.engine, piece.generation_config["provider"], piece.draft) == ("busker", "busker", True)
    assert [(request.seconds, request.model) for request in shop.cheap.sold] == [(10, None)]
    assert shop.dear.sold == []
    assert found.usd == shop.spent(found.job) > 0
    with pytest.raises(SetupError, match="No engine that is ready"):
        shop.studio.music.preview(LOCAL, prompt="unsayable")
