"""Styles from the first track to the piece made in one: who may learn from what, what is kept, what goes with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.app import Studio
from core.jobs.work import Work
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, RightsError, UserError
from core.music.styles.measuring import TrackToMeasure
from core.music.styles.profile import profile
from core.music.styles.rights import STATEMENT
from core.music.types import MusicRequest
from core.rights import gate, licences
from core.store import assets, styles
from core.store.assets import Asset
from core.store.jobs import Job
from tests.music.styles.test_steering import track as measurements
from tests.music.templates.conftest import House, finish, house  # noqa: F401

BPM, GENRE = 124.0, "house"


def composed(studio: Studio, actor: Actor = LOCAL, **values: Any) -> Asset:
    job = studio.music.compose(actor, **{"seconds": 10.0, "stems": False} | values)
    ended = studio.jobs.wait(actor, job.id, timeout_s=180)
    assert ended.status == "done", ended.error
    return studio.jobs.assets(actor, job.id)[0]


def learned(studio: Studio, tracks: Sequence[str], name: str = "Ours", actor: Actor = LOCAL) -> Job:
    job = studio.styles.create(actor, name, tracks, rights_declared=True)
    return studio.jobs.wait(actor, job.id, timeout_s=240)


def test_three_tracks_of_one_kind_make_a_fourth_like_them(working: Studio) -> None:
    tracks = [composed(working, genre=GENRE, bpm=BPM, seed=seed, key="A minor") for seed in (1, 2, 3)]
    job = learned(working, [one.id for one in tracks])
    assert job.status == "done", job.error
    (style,) = working.styles.list(LOCAL)
    assert (job.result or {})["style_id"] == style.id
    assert style.profile["figures"]["bpm"]["median"] == pytest.approx(BPM, rel=0.01)
    assert style.rights["sha256"] == hashlib.sha256(STATEMENT.encode()).hexdigest()
    assert (style.rights["by"], style.profile["genre"]) == (LOCAL.user_id, GENRE)

    piece = composed(working, style=style.id, seed=11)
    said = piece.generation_config["style"]
    assert (said["id"], said["name"]) == (style.id, "Ours")
    assert [each.split()[0] for each in said["why"]][:3] == ["Tempo", "Key", "Genre"]
    measured = [one["bpm"] for one in style.profile["tracks"]]
    assert min(measured) - 0.1 <= (piece.bpm or 0) <= max(measured) + 0.1
    assert (piece.genre, piece.licence["id"]) == (GENRE, "own-work")
    assert composed(working, style=style.id, seed=11, bpm=90).bpm == 90
    assert composed(working, style=style.id, seed=11).sha256 == piece.sha256

    # The rights of its tracks are asked at the gate, and so are the piece's own.
    with working.store.db.write() as connection:
        links = assets.sources_of(connection, piece.id)
        assert {(link.source_id, link.role) for link in links} == {(one.id, styles.SOURCE_ROLE) for one in tracks}
        assert piece.id in {each.id for each in gate.sources(connection, piece)}
        assert gate.may(connection, piece, gate.Use("web", commercial=True)).allowed
    lent = licences.record("cc-by-nc-4.0", credit="Somebody")
    with working.store.db.write() as connection:
        connection.execute(update(assets.table).where(assets.table.c.id == tracks[0].id).values(licence=lent))
        assert not gate.may(connection, piece, gate.Use("web", commercial=True)).allowed

    working.styles.delete(LOCAL, style.id)
    with pytest.raises(NotFound):
        working.music.compose(LOCAL, style=style.id)
    assert working.library.get(LOCAL, piece.id).id == piece.id


@pytest.fixture
def tracks(studio: Studio, finish: Callable[..., str]) -> Callable[..., list[str]]:  # noqa: F811
    def make(actor: Actor = LOCAL, count: int = 3, **facts: Any) -> list[str]:
        return [
            finish(studio.music.compose(actor, prompt="rain", seconds=5), **{"duration_s": 5.0} | facts)
            for _ in range(count)
        ]

    return make


def test_who_may_learn_from_what(studio: Studio, tracks: Callable[..., list[str]], house: House) -> None:  # noqa: F811
    mine = tracks(house.ada)

    def refused(error: type[Exception], ids: Sequence[str], *said: str, agreed: bool = True) -> None:
        with pytest.raises(error) as told:
            studio.styles.create(house.ada, "Ours", ids, rights_declared=agreed)
        assert all(word in str(told.value) for word in said), str(told.value)

    refused(RightsError, mine, "may be learned from", agreed=False)
    refused(UserError, mine[:2], "2 tracks")
    refused(UserError, [mine[0]] * 3, "1 tracks")
    refused(UserError, [f"asset_{n}" for n in range(51)], "51 tracks")
    refused(NotFound, [*mine, *tracks(house.eve, 1)], "no asset")
    theirs = tracks(house.bob, 1, name="Bob's")
    studio.access.sharing.share(house.bob, "asset", theirs[0], house.team_id)
    refused(RightsError, [*mine, *theirs], "Bob's", "somebody else's")
    refused(UserError, [*mine, *tracks(house.ada, 1, kind="voiceover", name="Talk")], "Talk", "no piece of music")
    loud = licences.record("cc-by-nc-4.0", credit="Somebody")
    refused(RightsError, [*mine, *tracks(house.ada, 1, licence=loud, name="Lent")], "Lent", "CC BY-NC 4.0")
    assert studio.styles.create(house.ada, "Ours", mine, rights_declared=True).status == "waiting"


def test_rename_share_and_delete(studio: Studio, house: House) -> None:  # noqa: F811
    with studio.store.db.write() as connection:
        style_id, other = (
            styles.add(connection, house.ada, name=name, profile=profile([measurements()] * 3), rights={}, sources=[],
                       engines={"composer": {}}, job_id=name)
            for name in ("Ours", "Other")
        )  # fmt: skip
    with pytest.raises(UserError, match="already"):
        studio.styles.rename(house.ada, other, "OURS")
    assert studio.styles.rename(house.ada, style_id, "ours, later").name == "ours, later"
    assert not studio.styles.list(house.bob)
    studio.styles.share(house.ada, style_id, [house.team_id])
    assert [row.id for row in studio.styles.list(house.bob)] == [style_id]
    assert studio.music.compose(house.bob, style=style_id).request["style"] == style_id
    with pytest.raises(AccessError):
        studio.styles.rename(house.bob, style_id, "Mine now")
    with pytest.raises(NotFound):
        studio.music.compose(house.eve, style=style_id)
    with pytest.raises(UserError, match="not learned"):
        studio.music.engines.get("musicgen").told(MusicRequest(style=style_id))
    studio.styles.share(house.ada, style_id, [])
    assert not studio.styles.list(house.bob)
    studio.styles.delete(house.ada, style_id)
    assert [row.id for row in studio.styles.list(house.ada)] == [other]


def test_a_job_that_runs_again_finds_what_it_did(
    studio: Studio, tracks: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash between two tracks, and after one between the row and the job's end."""
    measured: list[str] = []

    def child(_target: Any, track: TrackToMeasure, **_: Any) -> dict[str, Any]:
        measured.append(track.path.name)
        if len(measured) == 3:
            raise ConnectionError("the machine went away")
        return measurements(bpm=90.0)

    monkeypatch.setattr(studio.children, "run", child)
    job = studio.styles.create(LOCAL, "Ours", tracks(), rights_declared=True)
    work = Work(job, LOCAL, tmp_path, studio.store, studio.calls, studio.jobs)
    run = studio.kinds.get("style").run
    with pytest.raises(ConnectionError):
        run(work)
    assert not studio.styles.list(LOCAL)
    first = run(work)
    assert len(measured) == 4, "the two that were measured are not measured again"
    assert run(work).answer == first.answer
    assert [row.id for row in studio.styles.list(LOCAL)] == [first.answer["style_id"]]
