"""Chords: from a roman numeral in a key to pitch classes, a symbol for the page, and the scale to sing over it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from core.music.composer.keys import FLAT_NAMES, SCALES, Key

ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii")
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus4": (0, 5, 7), "sus2": (0, 2, 7),
    "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9), "add9": (0, 4, 7, 14), "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14), "m9": (0, 3, 7, 10, 14), "maj9": (0, 4, 7, 11, 14), "13": (0, 4, 7, 10, 21),
    "7b9": (0, 4, 7, 10, 13), "69": (0, 4, 7, 9, 14), "9sus4": (0, 5, 7, 10, 14), "mmaj7": (0, 3, 7, 11),
}  # fmt: skip
_ROMAN = re.compile(r"(?P<sign>[b#]?)(?P<roman>[ivIV]+)(?P<suffix>[a-z0-9]*?)(?:\^(?P<bass>[35]))?(?:/(?P<of>.+))?\Z")


@dataclass(frozen=True)
class Chord:
    root: int
    """Pitch class"""
    quality: str
    bass: int
    """Pitch class in the bass: the root unless inverted"""
    symbol: str
    roman: str

    @property
    def intervals(self) -> tuple[int, ...]:
        return QUALITIES[self.quality]

    @property
    def classes(self) -> tuple[int, ...]:
        """Pitch classes, root first."""
        return tuple((self.root + step) % 12 for step in self.intervals)

    @property
    def third(self) -> int:
        return self.classes[1]

    @property
    def fifth(self) -> int:
        return self.classes[2]

    @property
    def is_minor(self) -> bool:
        return 3 in self.intervals


@cache
def chord(roman: str, key: Key) -> Chord:
    """'V7/vi', 'bVII', 'iv', 'Imaj9', 'V^3' (third in the bass). Degrees count on the key's own scale, natural minor
    in minor keys, so VI in A minor is F major."""
    match = _ROMAN.match(roman)
    if match is None:
        raise ValueError(f"not a roman numeral: {roman}")
    numeral = match["roman"]
    scale = SCALES[key.mode]
    offset = key.tonic
    if match["of"]:
        target = chord(match["of"], key)
        offset, scale = target.root, SCALES["minor" if target.is_minor else "major"]
    degree = ROMANS.index(numeral.lower())
    # In a borrowed dominant the degree counts on the major scale of its target, so that V and vii lead into it.
    step = SCALES["major"][degree] if match["of"] else scale[degree]
    root = (offset + step + {"": 0, "b": -1, "#": 1}[match["sign"]]) % 12
    suffix = match["suffix"]
    if numeral.islower() and not suffix.startswith(("m", "dim")):
        suffix = {"": "m", "7": "m7", "9": "m9", "add9": "madd9", "6": "m6"}.get(suffix, suffix)
    bass = root
    if match["bass"]:
        bass = (root + QUALITIES[suffix][1 if match["bass"] == "3" else 2]) % 12
    return named(Chord(root, suffix, bass, "", roman), key)


def named(bare: Chord, key: Key) -> Chord:
    lowered = bare.roman.startswith("b")  # a borrowed bVII is Bb in C, never A#
    symbol = (FLAT_NAMES[bare.root] if lowered else key.spell(bare.root)) + bare.quality
    if bare.bass != bare.root:
        symbol += "/" + key.spell(bare.bass)
    return replace(bare, symbol=symbol)


# Which step above the root a chord tone is, by its interval in semitones: thirds stack on every other step.
STEP_ABOVE = {0: 0, 13: 1, 14: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4, 8: 4, 9: 5, 21: 5, 10: 6, 11: 6}


@cache
def chord_scale(over: Chord, key: Key) -> tuple[int, ...]:
    """Seven pitch classes to sing over a chord: the key's, bent where the chord needs it (the leading tone over V in
    minor, the borrowed note over iv), ascending from the tonic."""
    notes = list(key.scale)
    root = _degree_of_root(over, key)
    for interval in over.intervals:
        tone = (over.root + interval) % 12
        step = 6 if over.quality == "dim7" and interval == 9 else STEP_ABOVE[interval]
        if tone not in notes:
            notes[(root + step) % 7] = tone
    return tuple(sorted(set(notes), key=lambda pitch_class: (pitch_class - key.tonic) % 12))


def _degree_of_root(over: Chord, key: Key) -> int:
    if over.root in key.scale:
        return key.scale.index(over.root)
    match = _ROMAN.match(over.roman)
    if match is not None and not match["of"]:
        return ROMANS.index(match["roman"].lower())
    return min(range(1, 7), key=lambda i: _distance(key.scale[i], over.root))


def _distance(a: int, b: int) -> int:
    gap = abs(a - b) % 12
    return min(gap, 12 - gap)


def nearest(pitch: int, classes: tuple[int, ...], low: int = 0, high: int = 127) -> int:
    """The pitch of one of these classes closest to `pitch` and inside low..high (the range must hold an octave)."""
    candidates = [p for p in range(low, high + 1) if p % 12 in classes]
    return min(candidates, key=lambda p: (abs(p - pitch), p)) if candidates else min(max(pitch, low), high)


def move(pitch: int, steps: int, scale: tuple[int, ...]) -> int:
    """So many scale steps up or down; a pitch outside the scale first goes to its neighbour."""
    current = nearest(pitch, scale)
    direction = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        current += direction
        while current % 12 not in scale:
            current += direction
    return current
