"""The plan: every choice a request leaves open, made once, before a note is written."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.kit.errors import UserError
from core.kit.paths import reference
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.keys import Key, parse_key
from core.music.prompt import read_prompt
from core.music.types import Ending, Genre, Intensity, Mood, MusicRequest, Reading

WALTZ_MOODS = ("romantic", "nostalgic", "sad", "playful", "calm")


@dataclass(frozen=True)
class Plan:
    genre: Genre
    mood: Mood
    bpm: float
    key: Key
    intensity: Intensity
    seconds: float
    seed: int
    loopable: bool
    ending: Ending
    beats_per_bar: int
    feel: float
    """Length of a pattern's step against its usual one: 2 where the BPM asked for is so fast for the genre that the
    music goes half-time, 0.5 where it goes double-time."""
    swing: float
    featured: tuple[str, ...]
    excluded: frozenset[str]
    """Instrument ids, families and roles"""
    name: str
    reading: Reading
    leaning: Mapping[str, float] = field(default_factory=dict)
    """Instrument to its weight in a style of the user's own: see core.music.styles.steering."""

    @property
    def style(self) -> dict[str, Any]:
        found: dict[str, Any] = reference("music/genres")[self.genre]
        return found

    @property
    def colour(self) -> dict[str, Any]:
        found: dict[str, Any] = reference("music/moods")[self.mood]
        return found

    @property
    def steady(self) -> bool:
        """So slow, or in double-time, that a cross-rhythm (three against four) would be heard as another tempo."""
        return self.feel < 1 or self.bpm < 80

    @property
    def asked_families(self) -> set[str]:
        return {INSTRUMENTS[name].family for name in self.featured}

    @property
    def total_beats(self) -> float:
        return self.seconds * self.bpm / 60.0

    def rng(self, *names: object) -> random.Random:
        """A stream of its own for each decision, so that changing one leaves the others as they were."""
        return random.Random(":".join(map(str, (self.seed, self.genre, *names))))


def plan(request: MusicRequest) -> Plan:
    """What is asked for explicitly wins over what the prompt was read to say, and that over what genre and mood
    suggest. The service picks a seed before this: composing is a pure function of the request."""
    if request.seed is None:
        raise ValueError("a request must have its seed before it is planned")
    reading = read_prompt(request.prompt)
    choose = random.Random(f"{request.seed}:plan")
    genre, mood = _genre_and_mood(request.genre or reading.genre, request.mood or reading.mood, choose)
    style, colour = reference("music/genres")[genre], reference("music/moods")[mood]
    seconds = request.seconds
    if reading.seconds is not None and "seconds" not in request.model_fields_set:
        seconds = reading.seconds
    bpm = request.bpm or reading.bpm or _usual_bpm(style, colour, choose)
    asked_key = request.key or reading.key
    key = parse_key(asked_key) if asked_key else _usual_key(colour, choose)
    beats_per_bar = _metre(request.prompt, style, mood, choose)
    if request.loopable:
        seconds = loop_seconds(seconds, bpm, beats_per_bar)
    return Plan(
        genre=genre,
        mood=mood,
        bpm=bpm,
        key=key,
        intensity=request.intensity or reading.intensity or colour["intensity"],
        seconds=seconds,
        seed=request.seed,
        loopable=request.loopable,
        ending=request.ending,
        beats_per_bar=beats_per_bar,
        feel=_feel(bpm, style),
        swing=round(choose.uniform(*style["swing"]), 3),
        featured=_featured(request.instruments) or reading.instruments,
        excluded=_excluded(reading, request.instruments),
        name=request.name.strip(),
        reading=reading,
        leaning=request.material.style.get("weights") or {},
    )


def loop_seconds(seconds: float, bpm: float, beats_per_bar: int) -> float:
    """The whole number of bars closest to what was asked, in seconds."""
    bar_s = beats_per_bar * 60.0 / bpm
    return max(1, round(seconds / bar_s)) * bar_s


def _genre_and_mood(genre: Genre | None, mood: Mood | None, choose: random.Random) -> tuple[Genre, Mood]:
    if genre is None and mood is None:
        return "pop", "happy"
    if genre is None:
        genre = choose.choice(reference("music/moods")[mood]["genres"])
    if mood is None:
        mood = reference("music/genres")[genre]["mood"]
    assert genre is not None
    assert mood is not None
    return genre, mood


def _usual_bpm(style: dict[str, Any], colour: dict[str, Any], choose: random.Random) -> float:
    low, usual, high = style["bpm"]
    wanted = usual * colour["tempo"] + choose.uniform(-0.12, 0.12) * (high - low)
    return float(round(min(max(wanted, low), high)))


def _usual_key(colour: dict[str, Any], choose: random.Random) -> Key:
    mode = "minor" if choose.random() < colour["minor"] else "major"
    tonic = choose.choice(colour["keys"])
    # Five flats in the major are seven in the minor: write those as sharps.
    if mode == "minor":
        tonic = {"Db": "C#", "Ab": "G#"}.get(tonic, tonic)
    return parse_key(f"{tonic} {mode}")


def _feel(bpm: float, style: dict[str, Any]) -> float:
    low, _, high = style["bpm"]
    if bpm > 1.35 * high:
        return 2.0
    return 0.5 if bpm < 0.62 * low else 1.0


def _metre(prompt: str, style: dict[str, Any], mood: str, choose: random.Random) -> int:
    waltz = choose.random() < style.get("waltz", 0.0) and mood in WALTZ_MOODS
    if re.search(r"\b(waltz|valse|3/4)\b", prompt[:2000].casefold()):
        waltz = True
    return 3 if waltz else 4


def _excluded(reading: Reading, asked: tuple[str, ...]) -> frozenset[str]:
    """What a field asks for is not ruled out by the prompt, neither by name nor by family."""
    families = {INSTRUMENTS[name].family for name in asked if name in INSTRUMENTS}
    return frozenset(reading.excluded) - frozenset(asked) - families


def _featured(asked: tuple[str, ...]) -> tuple[str, ...]:
    for name in asked:
        if name not in INSTRUMENTS:
            raise UserError(
                f"'{name[:40]}' is not an instrument of the composer.",
                "Choose from: " + ", ".join(INSTRUMENTS) + ".",
                "unknown_instrument",
            )
    return tuple(dict.fromkeys(asked))
