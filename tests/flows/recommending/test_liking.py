"""More like this: the nearest by how it sounds, and the words that say why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.app import Studio
from core.flows.recommending import likeness
from core.flows.recommending.likeness import Heard
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound
from core.music.composer.keys import parse_key
from core.store import assets, sound_features

RATE = 22_050


def brought(studio: Studio, folder: Path, name: str, hertz: float, **facts: object) -> str:
    seconds = np.arange(2 * RATE) / RATE
    beats = 0.2 + 0.8 * (np.mod(seconds, 0.5) < 0.1)
    soundfile.write(folder / f"{name}.wav", 0.3 * beats * np.sin(2 * np.pi * hertz * seconds), RATE)
    piece, _ = studio.importing.bring_in(LOCAL, folder / f"{name}.wav", kind="music", licence_id="uploaded-own")
    with studio.store.db.write() as connection:
        assets.edit(connection, LOCAL, [piece.id], **facts)
    return piece.id


def test_the_nearest_piece_comes_first_and_says_why(studio: Studio, tmp_path: Path) -> None:
    one = brought(studio, tmp_path, "one", 440, bpm=120.0, key="A minor")
    near = brought(studio, tmp_path, "near", 470, bpm=121.0, key="C major")
    dull = brought(studio, tmp_path, "dull", 110, bpm=120.0, key="A minor")
    far = brought(studio, tmp_path, "far", 6000, bpm=87.0, key="Eb minor")
    found = studio.recommending.like(LOCAL, one)
    assert [each.asset_id for each in found] == [near, dull, far]
    assert [each.distance for each in found] == sorted(each.distance for each in found)
    assert "121 BPM beside 120" in found[0].why
    assert "C major beside A minor" in found[0].why
    assert "apart: " in found[-1].why
    with studio.store.db.write() as connection:
        hashes = [assets.get(connection, LOCAL, each).sha256 for each in (one, near, dull, far)]
        assert set(sound_features.of(connection, hashes)) == set(hashes)
        assert sound_features.forget(connection) == 0
    studio.library.bin(LOCAL, [near])
    assert [each.asset_id for each in studio.recommending.like(LOCAL, one, limit=1)] == [dull]
    with pytest.raises(NotFound):
        studio.recommending.like(Actor("mallory"), one)


def test_differences_are_told_in_the_librarys_own_spreads() -> None:
    slow, quick = Heard(tempo=100.0), Heard(tempo=110.0)
    alike_library = likeness.spreads([Heard(tempo=bpm) for bpm in (99, 100, 101)])
    wide_library = likeness.spreads([Heard(tempo=bpm) for bpm in (70, 100, 160)])
    assert likeness.compared(slow, quick, alike_library)[0] > 3 * likeness.compared(slow, quick, wide_library)[0]
    assert (
        likeness.compared(slow, Heard(tempo=200.0), wide_library)[0] < likeness.compared(slow, quick, wide_library)[0]
    )
    assert likeness.compared(slow, slow, wide_library) == (0.0, "alike: 100 BPM beside 100")


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("C major", "A minor", 0), ("C major", "G major", 1), ("C major", "F# major", 6), ("A minor", "F major", 1)],
)
def test_keys_are_as_far_apart_as_their_notes(one: str, other: str, steps: int) -> None:
    assert likeness.fifths(parse_key(one), parse_key(other)) == steps
