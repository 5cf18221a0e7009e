"""A user's own SoundFont: played like our own sounds where it is whole, refused with one sentence where it is not."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from core.kit.errors import StudioError, UserError
from core.kit.paths import reference
from core.music.composer.compose import compose
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.synth import render
from core.music.composer.synth.soundfont import preset, render_soundfont
from core.music.composer.synth.soundfont_file import read_soundfont
from core.music.types import MusicRequest
from tests.music.soundfont_writer import soundfont

ALL = [(0, program) for program in range(128)] + [(128, 0)]


def written(folder: Path, data: bytes) -> Path:
    path = folder / "font.sf2"
    path.write_bytes(data)
    return path


def test_every_instrument_but_effects_has_its_general_midi_number() -> None:
    table = reference("music/general_midi")
    kits = {name for name, facts in INSTRUMENTS.items() if facts.family == "drums"}
    effects = {name for name, facts in INSTRUMENTS.items() if facts.family == "fx"}
    assert set(table["kits"]) == kits
    assert set(table["programs"]) == set(INSTRUMENTS) - kits - effects
    assert all(0 <= number < 128 for numbers in table.values() for number in numbers.values())


def test_a_whole_file_says_what_it_holds(tmp_path: Path) -> None:
    font = read_soundfont(written(tmp_path, soundfont(ALL, name="Hall", copyright="CC BY 4.0, somebody")))
    assert (font.name, font.copyright) == ("Hall", "CC BY 4.0, somebody")
    assert font.presets == frozenset(ALL)
    assert preset(font, "flute") == (0, 73)
    assert preset(font, "kit_rock") == (128, 0)  # no rock kit there: the standard one
    assert preset(font, "riser") is None


def hostile() -> dict[str, bytes]:
    whole = soundfont(ALL[:4])
    at = whole.index(b"shdr") + 8 + 20
    beyond = whole[: at + 4] + struct.pack("<I", 2**31) + whole[at + 8 :]
    bags = whole.index(b"pbag") + 8
    backwards = whole[:bags] + struct.pack("<HH", 60_000, 0) + whole[bags + 4 :]
    many = soundfont([(0, 0)])
    return {
        "empty": b"", "text": b"this is no sound font " * 50, "wave": b"RIFF\x24\0\0\0WAVEfmt ", "half": whole[: len(whole) // 2],
        "no tables": whole[: whole.index(b"pdta") - 8], "sample beyond the data": beyond, "indices run backwards": backwards,
        "no samples": many.replace(b"smpl", b"junk"), "no presets table": many.replace(b"phdr", b"xxxx"),
    }  # fmt: skip


@pytest.mark.parametrize("name", hostile())
def test_a_broken_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="SoundFont") as caught:
        read_soundfont(written(tmp_path, hostile()[name]))
    assert ".sf2" in caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_soundfont(tmp_path / "gone.sf2")


def test_zones_multiplied_into_gigabytes_are_refused(tmp_path: Path) -> None:
    whole = soundfont([(0, 0)])
    places = 700
    into = struct.pack("<HH", 41, 0) * places + bytes(4)
    bags = b"".join(struct.pack("<HH", n, 0) for n in range(places + 1))
    head = b"".join(struct.pack("<20sHHHIII", b"x", n % 128, n // 128, n, 0, 0, 0) for n in range(places + 1))
    inside = b"".join(struct.pack("<HH", 0, 0) for n in range(700)) + struct.pack("<HH", 2, 0)
    inst = struct.pack("<20sH", b"x", 0) + struct.pack("<20sH", b"EOI", 700)
    for name, body in ((b"phdr", head), (b"pbag", bags), (b"pgen", into), (b"inst", inst), (b"ibag", inside)):
        begin = whole.index(name, whole.index(b"pdta"))
        (size,) = struct.unpack_from("<I", whole, begin + 4)
        whole = whole[:begin] + name + struct.pack("<I", len(body)) + body + whole[begin + 8 + size :]
    begin = whole.index(b"pdta") - 8
    whole = whole[:begin] + b"LIST" + struct.pack("<I", len(whole) - begin - 8) + whole[begin + 8 :]
    with pytest.raises(UserError, match="more zones"):
        read_soundfont(written(tmp_path, whole))


def test_without_the_player_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tinysoundfont", None)
    score = compose(MusicRequest(genre="pop", seconds=4, seed=1))
    with pytest.raises(StudioError) as caught:
        render_soundfont(score, written(tmp_path, soundfont(ALL)), bank=None)
    assert "requirements-soundfont.txt" in caught.value.hint


def test_a_score_played_from_it_is_mixed_and_mastered_like_ours(tmp_path: Path) -> None:
    pytest.importorskip("tinysoundfont")
    score = compose(MusicRequest(genre="folk", seconds=8, seed=1))
    path = written(tmp_path, soundfont(ALL))
    made = render_soundfont(score, path, bank=tmp_path / "bank")
    ours = render(score, bank=tmp_path / "bank")
    assert made.mix.shape == ours.mix.shape
    assert made.stems.keys() == ours.stems.keys()
    assert made.sections == ours.sections
    assert made.lufs == pytest.approx(-14.0, abs=0.3)
    assert made.dbtp <= -1.29
    assert np.abs(made.mix - np.sum(list(made.stems.values()), axis=0)).max() < 1e-4
    assert made.soundfont == {"name": "tiny", "copyright": "CC0"}
    assert not made.own_voices
    assert not np.allclose(made.mix, ours.mix, atol=0.01)
    again = render_soundfont(score, path, bank=tmp_path / "bank")
    assert again.mix.tobytes() == made.mix.tobytes()


def test_what_it_lacks_is_played_by_our_synthesis_and_said(tmp_path: Path) -> None:
    pytest.importorskip("tinysoundfont")
    score = compose(MusicRequest(genre="folk", seconds=5, seed=1))
    melody = next(part.instrument for part in score.parts if part.role == "lead")
    only = [(0, reference("music/general_midi")["programs"][melody])]
    made = render_soundfont(score, written(tmp_path, soundfont(only)), bank=tmp_path / "bank")
    assert melody not in made.own_voices
    assert {part.instrument for part in score.parts if part.role in ("drums", "bass")} <= set(made.own_voices)
    assert all(np.abs(stem).max() > 0.001 for stem in made.stems.values())


@pytest.mark.parametrize("data", [soundfont([(5, 5)]), soundfont(ALL, level=0.0)], ids=["other presets", "silent"])
def test_one_without_our_instruments_is_refused(tmp_path: Path, data: bytes) -> None:
    pytest.importorskip("tinysoundfont")
    with pytest.raises(UserError, match="none of the instruments"):
        render_soundfont(compose(MusicRequest(genre="pop", seconds=4, seed=1)), written(tmp_path, data), bank=None)


def test_files_with_bytes_changed_at_random_play_or_are_refused(tmp_path: Path) -> None:
    """The tables only: what is changed in samples is heard, no more. In this process: a crash would be seen."""
    pytest.importorskip("tinysoundfont")
    score = compose(MusicRequest(prompt="solo flute", seconds=3, seed=1))
    whole = soundfont([(0, program) for program in range(60, 80)])
    tables = whole.index(b"pdta")
    draw = random.Random(4)
    outcomes = set()
    for _ in range(12):
        changed = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            changed[draw.randrange(tables, len(whole))] = draw.randrange(256)
        try:
            made = render_soundfont(score, written(tmp_path, bytes(changed)), bank=tmp_path / "bank")
            outcomes.add(bool(np.isfinite(made.mix).all()))
        except UserError:
            outcomes.add(None)
    assert outcomes <= {True, None}
