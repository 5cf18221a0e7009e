"""What a request asks for is what is heard: instruments, exclusions, explicit fields over the prompt."""

from __future__ import annotations

import io

import pytest

from core.kit.errors import UserError
from core.music.composer.compose import compose
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.midi import signature, to_midi
from core.music.presets import presets
from core.music.types import MusicRequest


def instruments(prompt: str = "", seed: int = 3, **fields: object) -> set[str]:
    score = compose(MusicRequest.model_validate({"prompt": prompt, "seconds": 60, "seed": seed, **fields}))
    return {part.instrument for part in score.parts}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instrument_asked_for_is_heard(name: str) -> None:
    for genre in ("pop", "ambient", "jazz"):
        heard = instruments(genre=genre, instruments=(name,))
        assert name in heard or INSTRUMENTS[name].family == "fx"


def test_several_instruments_are_all_heard() -> None:
    asked = ("grand_piano", "string_section", "solo_cello", "harp", "upright_bass", "kit_cinematic")
    assert set(asked) <= instruments(genre="orchestral", instruments=asked)


def test_two_kinds_of_drums_are_both_heard() -> None:
    assert {"kit_rock", "kit_percussion"} <= instruments(genre="rock", instruments=("kit_rock", "kit_percussion"))


def test_no_drums_means_no_drums() -> None:
    for genre in ("rock", "house", "jazz", "hip-hop", "ambient"):
        for prompt in ("no drums", "sans batterie", "without any percussion"):
            assert not any(name.startswith("kit_") for name in instruments(prompt, genre=genre))


def test_exclusions_by_family_and_by_name() -> None:
    assert not instruments("rock without guitars") & {
        "distorted_guitar",
        "clean_guitar",
        "muted_guitar",
        "steel_guitar",
    }
    assert "grand_piano" not in instruments("jazz, no piano")
    assert not {
        i for i in instruments("sans basse ni batterie", genre="pop") if INSTRUMENTS[i].family in ("bass", "drums")
    }
    score = compose(MusicRequest(prompt="pop, no melody", seconds=60, seed=1))
    assert not any(part.role == "lead" for part in score.parts)


def test_an_instrument_asked_for_in_a_field_beats_an_exclusion_in_the_prompt() -> None:
    assert "kit_rock" in instruments("rock, no drums", instruments=("kit_rock",))


def test_solo_means_alone() -> None:
    assert instruments("solo piano, sad") == {"grand_piano"}


def test_ruling_everything_out_is_refused() -> None:
    with pytest.raises(UserError, match="nothing left to play"):
        compose(MusicRequest(prompt="no drums, no bass, no chords, no pads, no arpeggios, no melody", seed=1))


def test_unknown_names_are_refused_with_what_is_allowed() -> None:
    with pytest.raises(UserError) as caught:
        compose(MusicRequest(instruments=("kazoo",), seed=1))
    assert "grand_piano" in caught.value.hint
    with pytest.raises(UserError) as caught:
        compose(MusicRequest(key="H major", seed=1))
    assert "D minor" in caught.value.hint


def test_fields_win_over_the_prompt_and_the_prompt_over_habit() -> None:
    score = compose(MusicRequest(prompt="sad slow jazz in D minor at 70 bpm, 20 seconds", seed=1))
    assert (score.mood, score.genre, score.key, score.bpm, score.seconds) == ("sad", "jazz", "D minor", 70, 20)
    score = compose(
        MusicRequest(
            prompt="sad slow jazz in D minor at 70 bpm, 20 seconds",
            mood="happy",
            genre="rock",
            key="E major",
            bpm=140,
            seconds=25,
            seed=1,
        )
    )
    assert (score.mood, score.genre, score.key, score.bpm, score.seconds) == ("happy", "rock", "E major", 140, 25)


def test_a_waltz_has_three_beats() -> None:
    assert compose(MusicRequest(prompt="a romantic waltz", seed=1)).beats_per_bar == 3


def test_presets_compose_with_what_they_promise() -> None:
    by_id = {each.id: each for each in presets()}
    assert list(by_id) == ["upbeat_electronic", "calm_ambient", "energetic_rock", "corporate_background"]
    for each in by_id.values():
        score = compose(MusicRequest(prompt=each.prompt, seconds=60, seed=7))
        assert not score.reading["not_understood"]
    assert {"distorted_guitar", "kit_rock"} <= instruments(by_id["energetic_rock"].prompt)
    assert {"grand_piano", "string_section"} <= instruments(by_id["corporate_background"].prompt)


def test_midi_round_trip() -> None:
    import mido

    score = compose(MusicRequest(genre="pop", key="F# minor", bpm=97.5, seconds=40, seed=5, name="été 日本"))
    file = mido.MidiFile(file=io.BytesIO(to_midi(score)))
    assert file.type == 1
    assert file.length == pytest.approx(40, abs=0.05)
    conductor = list(file.tracks[0])
    assert next(m for m in conductor if m.type == "set_tempo").tempo == mido.bpm2tempo(97.5)
    assert next(m for m in conductor if m.type == "key_signature").key == "F#m"
    assert [m.text for m in conductor if m.type == "marker"] == [s.name for s in score.sections]
    parts = [part for part in score.parts if part.role != "fx"]
    assert [track.name for track in file.tracks[1:]] == [part.name for part in parts]
    for part, track in zip(parts, file.tracks[1:], strict=True):
        now, heard = 0, []
        for message in track:
            now += message.time
            if message.type == "note_on":
                heard.append((round(now / 480, 2), message.note, message.velocity))
                assert (message.channel == 9) == (part.role == "drums")
        assert sorted(p for _, p, _ in heard) == sorted(n.pitch for n in part.notes)
        assert len(heard) == len(part.notes)
        assert heard[0][0] == pytest.approx(part.notes[0].beat, abs=0.01)


def test_every_key_has_a_midi_signature() -> None:
    from mido.midifiles.meta import _key_signature_encode

    for letter in "ABCDEFG":
        for sign in ("", "#", "b"):
            for mode in ("major", "minor"):
                assert signature(f"{letter}{sign} {mode}") in _key_signature_encode
