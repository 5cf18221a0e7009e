"""Keys as people write them, and chords in them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.kit.errors import UserError
from core.kit.paths import reference
from core.music.composer.clarity import margin
from core.music.composer.keys import parse_key
from core.music.composer.theory import chord, chord_scale, move, nearest
from core.music.composer.voicing import lead_voices


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("letter", list("ABCDEFG"))
@pytest.mark.parametrize(
    ("sign", "shift"), [("", 0), ("#", 1), ("b", -1), ("♯", 1), ("♭", -1), (" sharp", 1), ("-flat", -1)]
)
def test_every_key_however_it_is_spelled(letter: str, sign: str, shift: int, mode: str) -> None:
    tonic = ({"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[letter] + shift) % 12
    for text in (f"{letter}{sign} {mode}", f"{letter.lower()}{sign} {mode.upper()}"):
        key = parse_key(text)
        assert (key.tonic, key.mode) == (tonic, mode)
        assert parse_key(key.label) == key


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("dm", "D minor"),
        ("Dm", "D minor"),
        ("DM", "D major"),
        ("Bbm", "Bb minor"),
        ("F#m", "F# minor"),
        ("C", "C major"),
        ("Ebmaj", "Eb major"),
        ("g min", "G minor"),
        ("ré mineur", "D minor"),
        ("fa dièse majeur", "F# major"),
        ("si bémol", "Bb major"),
        ("  sol  mineur ", "G minor"),
        ("E# minor", "F minor"),
        ("B# major", "C major"),
    ],
)
def test_how_people_write_keys(text: str, label: str) -> None:
    assert parse_key(text).label == label


@pytest.mark.parametrize("text", ["", "H", "D dorian", "C##", "minor", "x" * 1_000_000, "🎵", "D minor; drop", "\x00"])
def test_what_is_no_key_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_key(text)
    assert "D minor" in caught.value.hint
    assert len(caught.value.message) < 80


@pytest.mark.parametrize(
    ("roman", "key", "symbol", "classes"),
    [
        ("I", "C", "C", (0, 4, 7)),
        ("V7", "A minor", "E7", (4, 8, 11, 2)),
        ("VI", "A minor", "F", (5, 9, 0)),
        ("iim7b5", "C minor", "Dm7b5", (2, 5, 8, 0)),
        ("bVII", "D", "C", (0, 4, 7)),
        ("iv", "C", "Fm", (5, 8, 0)),
        ("V7/vi", "C", "E7", (4, 8, 11, 2)),
        ("V7/V", "G minor", "A7", (9, 1, 4, 7)),
        ("V^3", "C", "G/B", (7, 11, 2)),
        ("Imaj9", "Bb", "Bbmaj9", (10, 2, 5, 9, 0)),
    ],
)
def test_romans(roman: str, key: str, symbol: str, classes: tuple[int, ...]) -> None:
    made = chord(roman, parse_key(key))
    assert (made.symbol, made.classes) == (symbol, classes)


def test_every_progression_parses_in_every_key_and_knows_its_tonic() -> None:
    for modes in reference("music/progressions").values():
        for mode, progressions in modes.items():
            assert len(set(progressions)) == len(progressions) >= 10
            for text in progressions:
                for tonic in ("C", "F#", "Bb"):
                    key = parse_key(f"{tonic} {mode}")
                    chords = [chord(roman, key) for roman in text.replace("|", " ").split()]
                    assert any(made.root == key.tonic for made in chords), text


def test_the_scale_bends_to_the_chord() -> None:
    key = parse_key("A minor")
    assert 8 in chord_scale(chord("V", key), key)
    assert 7 not in chord_scale(chord("V", key), key)
    assert 7 in chord_scale(chord("i", key), key)


def test_moving_by_steps() -> None:
    scale = parse_key("C").scale
    assert move(60, 2, scale) == 64
    assert move(60, -1, scale) == 59
    assert move(61, 1, scale) == 62
    assert nearest(61, (4,), 48, 72) == 64


def test_voices_lead() -> None:
    key = parse_key("C")
    voiced = lead_voices([chord(r, key) for r in ("I", "vi", "IV", "V7", "I")], 50, 76)
    for before, after in pairwise(voiced):
        assert sum(abs(a - b) for a, b in zip(before, after, strict=True)) <= 10
        assert tuple(sorted(after)) == after


def test_clarity_tells_keys_apart() -> None:
    key, relative = parse_key("C"), parse_key("A minor")
    cadence = [(chord(roman, key), 4.0) for roman in ("I", "IV", "V", "I")]
    assert margin(cadence, key) > 0.2
    assert margin(cadence, relative) < 0
