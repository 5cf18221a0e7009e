"""A trial shared with a team: each listener has letters and a choice of his own, and sees nothing else of its owner's."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from core.analytics.queries import Filters, open_mart
from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import today
from core.kit.errors import AccessError, NotFound, UserError
from tests.access.conftest import People
from tests.days import clear_of_midnight
from tests.library.sounds import bring
from tests.video import films


def test_two_listeners_choose_and_the_owner_keeps(studio: Studio, people: People, tmp_path: Path) -> None:
    clear_of_midnight()
    studio.ensure_worker()
    ada, bob, service = people.ada, people.bob, studio.trials
    trial = service.start(ada, base={"mood": "calm", "seconds": 3}, grid={"seed": [1, 2, 3]})
    with pytest.raises(UserError, match="still being made"):
        service.choose(ada, trial.id, winner="A")
    assert studio.jobs.wait(ada, trial.job_id, 120).status == "done"
    with pytest.raises(NotFound):
        service.show(bob, trial.id)
    team = people.access.teams.create(ada, "Ears").id
    people.access.teams.accept(bob, people.access.teams.invite(ada, team)[0])
    people.access.sharing.share(ada, "trial", trial.id, team)
    assert [row.id for row in service.listing(bob)] == [trial.id]
    heard = service.show(bob, trial.id).heard
    piece = studio.jobs.assets(ada, trial.job_id)[0]
    with pytest.raises(NotFound):
        studio.library.get(bob, piece.id)
    assert soundfile.info(service.sound(bob, trial.id, "A", tmp_path / "a.wav")).duration == pytest.approx(3, abs=0.5)
    wanted = 2
    for who in (ada, bob):
        letter = next(each.letter for each in service.show(who, trial.id).heard if each.number == wanted)
        service.choose(who, trial.id, winner=letter)
    result = service.result(bob, trial.id)
    assert (result.variants[0].number, result.variants[0].wins, len(result.choices)) == (wanted, 2, 2)
    rate = next(each for each in service.win_rates(ada) if each.value == "2")
    assert (rate.wins, rate.choices, rate.chance) == (2, 2, pytest.approx(1 / 3))
    studio.refresh_mart()
    for who, choices in ((ada, 1), (LOCAL, 2)):
        row = open_mart(studio.settings, who).music_trials(Filters(today(), today())).iloc[0]
        assert (row["trial"], row["axis"], row["value"]) == ("Trial of seed", "seed", "2")
        assert (row["wins"], row["choices"], row["expected"]) == (choices, choices, pytest.approx(choices / 3))
    with pytest.raises(AccessError, match="you may listen and choose"):
        service.keep(bob, trial.id)
    kept = service.keep(ada, trial.id)
    assert kept.generation_config["seed"] == wanted
    assert {each.number for each in service.show(bob, trial.id).heard if each.seconds is not None} == {wanted}
    assert len(heard) == 3
    assert service.propose(ada, seed=1).choices == 3, "two choices and what was kept"


def test_a_comparison_under_a_film_is_heard_by_a_team_that_may_not_see_it(
    studio: Studio, people: People, tmp_path: Path
) -> None:
    clear_of_midnight()
    studio.ensure_worker()
    ada, bob = people.ada, people.bob
    film, _ = studio.importing.bring_in(ada, films.mute(tmp_path / "mute.mp4"), kind="video", name="The film")
    clip_id = studio.jobs.wait(ada, studio.video.take_apart(ada, film.id).id, 120).result["clip_id"]  # type: ignore[index]
    pieces = [bring(studio, tmp_path, name, actor=ada, seconds=2.0) for name in ("Low", "High")]
    trial = studio.auditioning.compare(ada, [{"asset_id": each.id} for each in pieces], clip_id=clip_id, seconds=2.0)
    assert studio.jobs.wait(ada, trial.job_id, 120).status == "done"
    with pytest.raises(NotFound):
        studio.auditioning.comparison(bob, trial.id)
    team = people.access.teams.create(ada, "Ears").id
    people.access.teams.accept(bob, people.access.teams.invite(ada, team)[0])
    people.access.sharing.share(ada, "trial", trial.id, team)

    shown = studio.auditioning.comparison(bob, trial.id)
    assert (shown.under.film_id, shown.result) == ("", None)
    assert studio.auditioning.comparison(ada, trial.id).under.film_id == film.id
    assert soundfile.info(studio.trials.sound(bob, trial.id, "A", tmp_path / "a.wav")).duration == pytest.approx(2)
    letter = next(each.letter for each in shown.blind.heard if each.number == 1)
    studio.trials.choose(bob, trial.id, winner=letter)
    with pytest.raises(UserError, match="Choose first"):
        studio.trials.result(ada, trial.id)
    studio.trials.choose(ada, trial.id, tie=True)
    told = studio.auditioning.comparison(ada, trial.id).result
    assert told is not None
    assert {each.user_id: each.winner for each in told.choices} == {ada.user_id: None, bob.user_id: 1}
    studio.refresh_mart()
    rows = open_mart(studio.settings, LOCAL).music_trials(Filters(today(), today()))
    assert set(zip(rows["axis"], rows["value"], strict=True)) == {("track", "Low"), ("track", "High")}
    with pytest.raises(AccessError):
        studio.trials.keep(bob, trial.id)
    studio.trials.keep(ada, trial.id)
    assert [each.track.title for each in studio.playlists.favourites.listed(ada)[0]] == ["Low"]
    assert studio.playlists.favourites.listed(bob)[0] == []
