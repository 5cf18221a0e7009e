"""What was kept in ordinary work: counted, told, weighed for less than a blind choice, and silent while it is little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.settings import load_settings
from core.music.trials.habits import MOST, habits
from core.music.trials.optimiser import propose
from core.music.trials.rates import Seen
from core.store import assets, jobs, tastes, trials
from core.store.store import Store, open_store
from core.store.tastes import Taste

PIECE = Taste("composer", "calm", "jazz", 124.0, 30.0, None, False, None, False)
AXES = {"bpm": [90, 124]}


def pieces(bpm: float, kept: int, gone: int) -> list[Taste]:
    mine = replace(PIECE, bpm=bpm)
    return [mine] * kept + [replace(mine, gone=True)] * gone


def test_the_evidence_is_told_with_its_counts() -> None:
    made = [*pieces(121, 6, 4), *pieces(128, 6, 4), *pieces(93, 2, 10), *pieces(60, 3, 0)]
    slow, fast = habits(AXES, made)
    assert fast.said == "12 kept of 20 at 120–128 BPM"
    assert (slow.said, slow.kept, slow.disliked) == ("2 kept of 12 at 86–94 BPM", 2, 10)
    assert fast.wins > fast.losses
    assert slow.wins < slow.losses
    found = [propose(AXES, [], seed, (slow, fast)) for seed in range(40)]
    assert sum(each.values["bpm"] == 124 for each in found) > 25
    assert found[0].said == "Nothing was chosen blind yet: this goes by what you kept elsewhere alone."
    assert [each.wins for each in found[0].beliefs] == [0, 0], "habits are told beside, never among the choices"
    assert found[0].habits == (slow, fast)


def test_too_little_says_so_and_counts_for_nothing() -> None:
    found = habits(AXES, pieces(124, 5, 4))
    assert [each.said for each in found] == [
        "0 kept of 0 at 86–94 BPM: too few to count", "5 kept of 9 at 120–128 BPM: too few to count",
    ]  # fmt: skip
    assert not any(each.enough or each.wins or each.losses for each in found)
    proposal = propose(AXES, [], 3, found)
    assert "draw among equals. What you kept elsewhere does not count: fewer than 10 pieces" in proposal.said
    assert proposal.beliefs == propose(AXES, [], 3).beliefs


def test_a_value_that_fares_as_all_do_stays_at_one_half() -> None:
    for kept, gone in ((30, 10), (40, 0), (2, 38)):
        for each in habits(AXES, [*pieces(90, kept, gone), *pieces(124, kept, gone)]):
            assert each.wins == pytest.approx(each.losses)


def test_blind_choices_weigh_more() -> None:
    """Hundreds of pieces are no more than ten choices; forty of those turn the proposal round."""
    known = habits(AXES, [*pieces(124, 400, 0), *pieces(90, 0, 400)])
    assert [each.wins + each.losses for each in known] == pytest.approx([MOST, MOST])
    assert propose(AXES, [], 1, known).beliefs[0].value == "124"
    turned = propose(AXES, [Seen("bpm", {"90": 0.5, "124": 0.5}, "90")] * 40, 1, known)
    assert turned.beliefs[0].value == "90"
    assert turned.said == "From 40 choices. What you kept elsewhere counts too, for less."


def test_ratings_speak_louder_than_what_is_merely_there() -> None:
    rated = [replace(PIECE, rating=stars) for stars in (1, 2, 3, 4, 5)] * 2
    slow, fast = habits(AXES, rated + pieces(90, 10, 10))
    assert (fast.kept, fast.liked, fast.disliked) == (10, 4, 4)
    assert fast.said == "10 kept of 10 at 120–128 BPM, 4 liked"
    assert (slow.liked, slow.disliked) == (0, 10)
    assert fast.wins / fast.losses > slow.wins / slow.losses


@pytest.mark.parametrize(
    ("axis", "value", "said"),
    [("mood", "calm", "10 kept of 10 of mood calm"), ("provider", "composer", "10 kept of 10 by composer"),
     ("seconds", 30, "10 kept of 10 at 24–36 s"), ("template", "intro", "0 kept of 0 with intro: too few to count")],
)  # fmt: skip
def test_other_things_that_are_compared(axis: str, value: object, said: str) -> None:
    assert [each.said for each in habits({axis: [value]}, [PIECE] * 10)] == [said]


def test_what_no_piece_can_be_held_against_is_left_out() -> None:
    axes = {"seed": [1, 2], "bpm": ["fast", None, True], "template": [{"name": "x"}], "mood": [None, 3]}
    assert habits(axes, [PIECE]) == ()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(load_settings(home=tmp_path))
    yield opened
    opened.db.close()


def add(connection: Any, name: str, user: str, piece: dict[str, Any] | None, *, parent: str | None = None, draft: bool = False) -> None:  # fmt: skip
    asked = {"mood": "calm", "bpm": 100, "seconds": 30, "engines": ["composer"], "draft": draft}
    whose = {"user_id": user, "organisation_id": "", "visibility": "private", "created_at": now(), "updated_at": now()}
    jobs.add(connection, {
        "id": name, "kind": "music", "title": name, "status": "done", "priority": 1, "position": 1.0, "resource": "cpu",
        "request": asked, "actor": {}, "root_id": parent or name, "parent_id": parent, "paused": False, "stage": "",
        "cancel_requested": False, "fraction": 1.0, "attempt": 1, "epoch": 1,
    } | whose)  # fmt: skip
    if piece is not None:
        assets.add(connection, {
            "id": f"asset_{name}", "kind": "music", "source": "ai_music", "name": name, "folder": "", "tags": [], "favourite": False,
            "duration_s": 30.0, "format": "wav", "bytes": 1, "sha256": name, "instruments": [], "peaks": [], "licence": {},
            "generation_config": {}, "cost_usd": 0, "job_id": name, "role": "primary", "draft": draft,
        } | whose | piece)  # fmt: skip


def test_ones_own_finished_pieces_outside_of_trials(store: Store) -> None:
    ada = Actor("ada")
    with store.db.write() as connection:
        add(connection, "starred", "ada", {"rating": 5})
        add(connection, "binned", "ada", {"deleted_at": now()})
        add(connection, "purged", "ada", None)
        add(connection, "draft", "ada", {}, draft=True)
        add(connection, "his", "bob", {})
        add(connection, "loser", "ada", {"deleted_at": now()}, parent="batch")
        add(connection, "of_batch", "ada", {"favourite": True}, parent="another")
        trials.add(connection, ada, "trial_1", name="T", job_id="batch", base={}, axes={}, variants=[], salt="")
    with store.db.read() as connection:
        found = tastes.of(connection, ada, 10)
    assert sorted((each.gone, each.rating or 0, each.favourite) for each in found) == [
        (False, 0, True), (False, 5, False), (True, 0, False), (True, 0, False),
    ]  # fmt: skip
    assert {(each.engine, each.mood, each.bpm, each.seconds) for each in found} == {("composer", "calm", 100, 30)}
