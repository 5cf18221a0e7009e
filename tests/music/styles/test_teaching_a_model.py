"""Teaching MusicGen a style: who may, what stands in the way, what is kept and what goes with it. No neural library is
needed; the training itself is in test_training_job.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, RightsError, SetupError, UserError
from core.music.material import found_material
from core.music.providers.musicgen import MusicGen
from core.music.providers.musicgen_request import words_of
from core.music.providers.musicgen_training import heard_s, told
from core.music.styles import training
from core.music.styles.profile import profile
from core.music.types import Material, MusicRequest
from core.rights import licences
from core.store import assets, blobs, checking, styles
from core.store.store import BLOBS
from tests.music.providers.musicgen_checkpoint import INSTALLED
from tests.music.styles.test_steering import track as measurements
from tests.music.styles.test_styles import tracks  # noqa: F401
from tests.music.templates.conftest import House, finish, house  # noqa: F401

FACTS: Mapping[str, Any] = {
    "licence": "CC BY-NC 4.0",
    "epochs": 3,
    "best_epoch": 2,
    "work_s": 1.5,
    "sources": ["a", "b", "c"],
}


def styled(studio: Studio, sources: list[str], actor: Actor = LOCAL, name: str = "Ours") -> str:
    figures = profile([measurements(bpm=90.0)] * 3) | {"genre": "ambient", "genre_why": "said so"}
    with studio.store.db.write() as connection:
        return styles.add(connection, actor, name=name, profile=figures, rights={"by": actor.user_id}, sources=sources,
                          engines={"composer": {}}, job_id=name)  # fmt: skip


def taught(studio: Studio, style_id: str, model: str = "small", words: str = "learned") -> str:
    """As the job keeps it; answers the hash of the adapter."""
    file = studio.settings.home / "adapter"
    file.write_text(words)
    sha256, size = studio.store.blobs.keep(file)
    with studio.store.db.shared(BLOBS) as connection:
        styles.put(connection, style_id, "musicgen", model, sha256, size, FACTS)
    return sha256


def whole(studio: Studio) -> list[checking.Broken]:
    """What no longer holds of files and their counts."""
    with studio.store.db.read() as connection:
        return [each for each in checking.every_rule(connection) if "count" in each.rule or "bytes" in each.rule]


@pytest.mark.skipif(INSTALLED, reason="the optional set is installed")
def test_without_the_optional_set_one_line_says_what_to_do(studio: Studio, tracks: Callable[..., list[str]]) -> None:  # noqa: F811
    style_id = styled(studio, tracks())
    for ask in (studio.styles.plan, studio.styles.train):
        with pytest.raises(SetupError) as said:
            ask(LOCAL, style_id)
        assert said.value.hint.startswith("Run: pip install -r requirements-musicgen.txt")
    assert not [job for job in studio.jobs.list(LOCAL) if job.kind == training.JOB]


def test_who_may_teach_which_style(studio: Studio, tracks: Callable[..., list[str]], house: House) -> None:  # noqa: F811
    mine = tracks(house.ada, 4)
    style_id = styled(studio, mine, house.ada)
    with pytest.raises(NotFound):
        studio.styles.train(house.eve, style_id)
    studio.styles.share(house.ada, style_id, [house.team_id])
    with pytest.raises(AccessError, match="shared with you"):
        studio.styles.train(house.bob, style_id)
    with pytest.raises(UserError, match="epochs"):
        studio.styles.train(house.ada, style_id, epochs=0)

    def row() -> styles.StyleRow:
        return studio.styles.get(house.ada, style_id)

    # One that is gone for good is left out; one that is no longer his own stands in the way.
    with studio.store.db.write() as connection:
        connection.execute(delete(assets.table).where(assets.table.c.id == mine[3]))
    with studio.store.db.read() as connection:
        assert [each.id for each in training.still_there(connection, house.ada, row())] == mine[:3]
    lent = licences.record("cc-by-nc-4.0", credit="Somebody")
    with studio.store.db.write() as connection:
        connection.execute(update(assets.table).where(assets.table.c.id == mine[0]).values(licence=lent))
    with pytest.raises(RightsError, match="cannot be learned from"):
        studio.styles.train(house.ada, style_id)
    with studio.store.db.write() as connection:
        connection.execute(delete(assets.table).where(assets.table.c.id == mine[0]))
    with pytest.raises(UserError, match="2 are left"):
        studio.styles.train(house.ada, style_id)


def test_a_track_is_described_by_the_words_of_a_request(studio: Studio, tracks: Callable[..., list[str]]) -> None:  # noqa: F811
    (track_id,) = tracks(count=1, genre="ambient", mood="calm", bpm=90.2, key="A minor", instruments=["warm_pad"])
    with studio.store.db.read() as connection:
        found = assets.get(connection, LOCAL, track_id)
    assert training.words_of(found) == "calm ambient music, with warm pad, in A minor, 90 bpm"


def test_how_long_it_takes_is_said_in_words_one_understands() -> None:
    assert heard_s([4.0, 16.0, 31.0]) == 50.0
    assert told(40, True) == "Starting; about 40 s of work at most"
    assert told(600, False) == "Starting; about 10 min of work at most, by a rough table"
    assert told(9000, True) == "Starting; about 2.5 h of work at most"


def test_what_was_learned_is_counted_replaced_and_goes_with_the_style(studio: Studio) -> None:
    style_id, other = styled(studio, []), styled(studio, [], name="Other")
    first = taught(studio, style_id)
    assert taught(studio, other) == first, "the same bytes, held twice"
    assert taught(studio, style_id, "medium", "more") != first
    assert studio.styles.get(LOCAL, style_id).engines == {"composer": {}, "musicgen": {"models": ["medium", "small"]}}
    assert not whole(studio)
    with studio.store.db.read() as connection:
        assert set(checking.users_of(connection, first)) == {style_id, other}
    second = taught(studio, style_id, "small", "anew")
    assert studio.styles.get(LOCAL, style_id).engines["musicgen"]["models"] == ["medium", "small"]
    assert [file.sha256 for file in studio.styles.learned(LOCAL, style_id)][1] == second
    assert studio.store.blobs.has(first), "the other style has it still"
    studio.styles.rename(LOCAL, style_id, "Ours, renamed")
    assert len(studio.styles.learned(LOCAL, style_id)) == 2

    studio.styles.delete(LOCAL, other)
    studio.styles.delete(LOCAL, style_id)
    assert not whole(studio)
    with studio.store.db.read() as connection:
        assert not blobs.hashes(connection) & {first, second}
    assert not any(studio.store.blobs.has(each) for each in (first, second))
    with pytest.raises(NotFound, match="deleted while it was trained"):
        taught(studio, style_id)
    assert not whole(studio)


def test_a_request_finds_the_adapter_and_says_which_model_has_none(studio: Studio, tmp_path: Path) -> None:
    style_id = styled(studio, [])
    sha256 = taught(studio, style_id)
    asked = MusicRequest(prompt="rain", style=style_id, seconds=5, seed=1)
    material, _ = found_material(studio.store, LOCAL, asked)
    assert material.style["lora"] == {"small": {"sha256": sha256, "file": str(studio.store.blobs.path(sha256))}}
    wanted = asked.model_copy(update={"material": material})
    engine = MusicGen(tmp_path)
    told_ = engine.told(wanted)
    assert (told_["model"], told_["adapter"]) == ("small", "small"), "not the usual one, which did not learn it"
    assert words_of(wanted).startswith("rain, ambient"), "called by what its profile says"
    with pytest.raises(UserError, match="trained on MusicGen's model small, and the model medium"):
        engine.told(wanted.model_copy(update={"model": "medium"}))
    plain = asked.model_copy(update={"material": Material(style={"id": style_id, "profile": {}})})
    with pytest.raises(UserError, match="has not learned") as said:
        engine.told(plain)
    assert f"studio styles train {style_id}" in said.value.hint
