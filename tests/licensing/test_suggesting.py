"""More like this, music for a scene, and what goes with what somebody keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound
from core.licensing.catalogue import FILTERS
from tests.library.sounds import bring
from tests.licensing.conftest import Stocked
from tests.licensing.scripted_catalogue import ScriptedCatalogue, track
from tests.video.taken_apart import put


def catalogue(*more: str) -> ScriptedCatalogue:
    made = [track("ada", number, genres=("folk",), moods=("calm",), bpm=70.0) for number in range(30)]
    made += [
        track("ada", 100 + number, genres=("electronic",), moods=("energetic",), bpm=110.0 + 4 * number)
        for number in range(8)
    ]
    return ScriptedCatalogue("ada", made, obeys=(*FILTERS, *more))


def test_similar_by_what_is_known(stocked: Stocked) -> None:
    studio = stocked(catalogue())
    found = studio.catalogues.similar(LOCAL, "ada", "t102", 3)
    assert {each.track.id for each in found} <= {"t100", "t101", "t103", "t104", "t105"}
    assert "t102" not in {each.track.id for each in found}
    assert "electronic" in found[0].why
    assert found[0].distance <= found[-1].distance


def test_similar_by_the_catalogue_itself(stocked: Stocked) -> None:
    ada = catalogue("similar")
    studio = stocked(ada)
    assert len(studio.catalogues.similar(LOCAL, "ada", "t102", 5)) == 5
    assert [each["op"] for each in ada.asked] == ["tracks", "similar"]


def test_like_a_piece_of_the_library(stocked: Stocked, tmp_path: Path) -> None:
    studio = stocked(catalogue())
    asset = bring(studio, tmp_path, "Mine", licence_id="uploaded-own")
    edited(studio, asset.id, bpm=120.0, genre="electronic", mood="energetic", favourite=True)
    found = studio.catalogues.like(LOCAL, asset.id, 3)
    assert found[0].track.bpm in (118.0, 122.0)
    with pytest.raises(NotFound):
        studio.catalogues.like(Actor("bob"), asset.id)
    assert next(each.track.id for each in studio.catalogues.suggested(LOCAL, 3)) in ("t102", "t103")
    assert studio.catalogues.suggested(Actor("bob")) == ()
    studio.catalogues.favourites = lambda actor: [replace(track("ada", 1), genres=("folk",), moods=("calm",), bpm=70.0)]
    assert {each.track.genres for each in studio.catalogues.suggested(Actor("bob"))} == {("folk",)}


def edited(studio: Studio, asset_id: str, **values: object) -> None:
    from sqlalchemy import update

    from core.store import assets

    with studio.store.db.write() as connection:
        connection.execute(update(assets.table).where(assets.table.c.id == asset_id).values(kind="music", **values))


def test_for_a_scene(stocked: Stocked) -> None:
    studio = stocked(catalogue())
    _, (scene,) = put(studio, "action")  # energetic, electronic
    found = studio.catalogues.for_scene(LOCAL, scene, 4)
    assert {each.track.genres for each in found} == {("electronic",)}
    assert {each.track.vocals for each in studio.catalogues.for_scene(LOCAL, scene, 4, vocals="vocal")} == {True}


def test_favourites_say_what_goes_with_them(stocked: Stocked) -> None:
    studio = stocked(catalogue())
    studio.playlists.favourites.add(LOCAL, "ada", "t102")
    found = studio.catalogues.suggested(LOCAL, 3)
    assert {each.track.genres for each in found} == {("electronic",)}
    assert "t102" not in {each.track.id for each in found}
