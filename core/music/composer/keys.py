"""Keys: reading what people type ('Bb', 'dm', 'ré mineur', 'fa dièse majeur') and spelling notes in them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from core.kit.errors import UserError

Mode = Literal["major", "minor"]

SCALES: dict[str, tuple[int, ...]] = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
SOLFEGE = {"do": "c", "ut": "c", "re": "d", "mi": "e", "fa": "f", "sol": "g", "la": "a", "si": "b"}
# Keys whose signature is written with flats; the others with sharps.
FLAT_TONICS = {"major": {5, 10, 3, 8, 1}, "minor": {2, 7, 0, 5, 10, 3}}
ALLOWED = (
    "A note A to G (or do to si), optionally # or b, then major or minor: 'D minor', 'F# major', 'Bb', 'ré mineur'."
)


@dataclass(frozen=True)
class Key:
    tonic: int
    """Pitch class, C = 0"""
    mode: Mode
    name: str
    """The tonic as it was spelled: 'Bb', 'F#'."""

    @property
    def label(self) -> str:
        return f"{self.name} {self.mode}"

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the scale (natural minor), tonic first."""
        return tuple((self.tonic + step) % 12 for step in SCALES[self.mode])

    @property
    def flats(self) -> bool:
        if len(self.name) > 1:
            return self.name[1] == "b"
        return self.tonic in FLAT_TONICS[self.mode]

    def spell(self, pitch_class: int) -> str:
        return (FLAT_NAMES if self.flats else SHARP_NAMES)[pitch_class % 12]


def plain(text: str) -> str:
    """Lower case without accents, typographic signs made ASCII: what all word matching works on."""
    text = text.replace("♯", "#").replace("♭", "b").replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


# One grammar for both languages. The accidental may stand apart ('f sharp', 'si bémol'). 'b' after a letter is a flat.
KEY_PATTERN = (
    r"(?P<note>do|ut|re|mi|fa|sol|la|si|[a-g])"
    r"(?:(?P<sign>#|b(?![a-z])|b(?=m(?:aj|in)?\b))|[\s-]*(?P<word>sharp|flat|diese|bemol))?"
    r"(?:[\s-]*(?P<mode>major|minor|majeur|mineur|maj|min|dur|moll|m))?"
)
_KEY = re.compile(KEY_PATTERN + r"\Z")


def key_from_match(match: re.Match[str]) -> Key:
    note = match["note"]
    letter = SOLFEGE.get(note, note)
    sharp = match["sign"] == "#" or match["word"] in ("sharp", "diese")
    flat = match["sign"] == "b" or match["word"] in ("flat", "bemol")
    tonic = (LETTERS[letter] + sharp - flat) % 12
    mode: Mode = "minor" if match["mode"] in ("minor", "mineur", "min", "moll", "m") else "major"
    name = letter.upper() + ("#" if sharp else "b" if flat else "")
    if name in ("E#", "B#", "Fb"):  # a white key by another name: no such signature exists
        name = SHARP_NAMES[tonic]
    return Key(tonic, mode, name)


def parse_key(text: str) -> Key:
    """UserError if it is not a key. A bare note means major; 'Dm' and 'dm' mean minor."""
    cleaned = plain(text[:60]).strip()
    if re.fullmatch(r"\s*[A-Ga-g][#b♯♭]?M\s*", text[:60]):  # 'DM' is the chart writer's D major
        cleaned = cleaned[:-1]
    match = _KEY.match(cleaned)
    if match is None:
        raise UserError(f"'{text[:40]}' is not a key.", ALLOWED, "unknown_key")
    return key_from_match(match)
