"""From what a scene is to what music goes with it. The tables are data/reference/scenes.yaml; nothing is hidden: each
recommendation says what was measured and what followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from core.flows.recommending import tempo
from core.flows.recommending.types import Choice, Kept, Recommendation
from core.kit.paths import reference
from core.music.types import Genre, Intensity, Mood
from core.video import scene_types
from core.video.types import Clip, Features, Scene

LEVELS: tuple[Intensity, ...] = ("low", "medium", "high")
_MEDIUM, _HIGH = 0.33, 0.58
_RANKS = (1.0, 0.7, 0.5)
_MOST_CHOICES = 6
_SPOKEN = 0.3
"""Share of speech from which music is to step back."""
_PRIOR = 2.0
"""Kept and not kept that every genre starts with: one lucky track moves little."""


def for_scene(
    clip: Clip, scene: Scene, kept: Sequence[Kept] = (), beside_bpm: float | None = None
) -> Recommendation:  # fmt: skip
    """A piece as long as the scene, whose bars end with it. `beside_bpm`: tempo of another piece of the clip; this one's
    is a simple ratio of it where the scene allows."""
    return _recommend(scene.features, clip, scene.start_s, scene.end_s, kept, beside_bpm)


def for_stretch(clip: Clip, scenes: Sequence[Scene], kept: Sequence[Kept] = ()) -> Recommendation:
    """One piece under several scenes that follow each other: their features weighed by length, its bars on their cuts."""
    return _recommend(merged(scenes), clip, scenes[0].start_s, scenes[-1].end_s, kept)


def merged(scenes: Sequence[Scene]) -> Features:
    total = sum(scene.seconds for scene in scenes)

    def mean(name: str) -> float:
        return float(sum(getattr(scene.features, name) * scene.seconds for scene in scenes)) / total

    loud = [scene.features.lufs for scene in scenes if scene.features.lufs is not None]
    values = {name: mean(name) for name in Features.model_fields if name != "lufs"}
    return Features(lufs=max(loud, default=None), **values)


def drive(features: Features) -> float:
    """0 to 1: how much the scene pushes on. Half motion, the rest sound and cuts."""
    return 0.5 * features.motion + 0.25 * features.energy + 0.25 * min(1.0, features.cuts_per_minute / 30)


def level_of(value: float) -> Intensity:
    return "high" if value >= _HIGH else "medium" if value >= _MEDIUM else "low"


@dataclass(frozen=True)
class Leaning:
    """What a recommendation says short of its tempo, which is most of the work."""

    kind: str
    sure: float
    level: Intensity
    spoken: bool
    mood: Mood
    turned: str
    learned: Mapping[str, Kept]
    shares: tuple[tuple[str, float], ...]
    """By genre, the best first."""


def leaning(features: Features, kept: Sequence[Kept] = ()) -> Leaning:
    kind, sure, _ = scene_types.classify(features)
    level = level_of(drive(features))
    learned = {each.genre: each for each in kept if each.scene_type == kind and each.made}
    weights = _genres(scene_types.scores(features), learned)
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda each: -each[1])[:_MOST_CHOICES]
    mood, turned = _mood(kind, level, features)
    shares = tuple((genre, round(weight / total, 3)) for genre, weight in ranked)
    return Leaning(kind, sure, level, features.speech >= _SPOKEN, mood, turned, learned, shares)


def _recommend(
    features: Features, clip: Clip, start_s: float, end_s: float, kept: Sequence[Kept], beside_bpm: float | None = None
) -> Recommendation:
    said = leaning(features, kept)
    kind, learned, spoken = said.kind, said.learned, said.spoken
    intensity: Intensity = LEVELS[max(0, LEVELS.index(said.level) - 1)] if spoken else said.level
    pushes = drive(features)
    seconds = end_s - start_s
    inside = [cut for cut in clip.cuts_s if start_s < cut < end_s]
    choices = []
    for genre, share in said.shares:
        bpm = _tempo(genre, said.mood, pushes, seconds, inside, start_s, clip.fps, beside_bpm)
        why = (
            f"{_row(kind)['genres'].index(genre) + 1}. of {kind.replace('_', ' ')}"
            if genre in _row(kind)["genres"]
            else "of the next likeliest kind"
        )
        if genre in learned:
            why += f"; you kept {learned[genre].kept} of {learned[genre].made}"
        choices.append(
            Choice(
                mood=said.mood,
                genre=cast("Genre", genre),
                intensity=intensity,
                bpm=bpm,
                share=share,
                why=why + said.turned,
            )
        )
    best = choices[0]
    ahead = best.share - (choices[1].share if len(choices) > 1 else 0.0)
    fit = tempo.landings(best.bpm, [*inside, end_s], clip.fps, start_s)
    return Recommendation(
        mood=best.mood, genre=best.genre, intensity=best.intensity, seconds=round(seconds, 3), bpm=best.bpm,
        confidence=round(min(1.0, 0.6 * said.sure + 0.4 * min(1.0, 2 * ahead)), 3),
        why=f"{_measured(features)}: {best.mood} {best.genre}, {best.bpm:g} BPM, {best.intensity} intensity",
        landing=fit.says(), under_speech=spoken, choices=tuple(choices),
        learned=tuple(f"{each.genre}: kept {each.kept} of {each.made}" for each in learned.values()),
    )  # fmt: skip


def _row(kind: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", scene_types.rules()["music"][kind])


def _genres(scores: Mapping[str, float], learned: Mapping[str, Kept]) -> dict[str, float]:
    """What speaks for each genre: the kinds of scene it may be, each with its genres by rank, times what was kept."""
    weights: dict[str, float] = {}
    for kind, score in scores.items():
        for rank, genre in zip(_RANKS, _row(kind)["genres"], strict=True):
            # Squared: the likeliest kind decides, the others break ties.
            weights[genre] = weights.get(genre, 0.0) + rank * score * score
    for genre, seen in learned.items():
        usual = (seen.kept + _PRIOR) / (seen.made + 2 * _PRIOR)
        weights[genre] = weights.get(genre, 0.1) * 2 * usual
    return {genre: weight for genre, weight in weights.items() if weight > 0} or {"ambient": 1.0}


def _mood(kind: str, level: Intensity, features: Features) -> tuple[Mood, str]:
    rules = scene_types.rules()
    mood = str(_row(kind)[level])
    for turn, happens in (
        ("dark", features.brightness < rules["dark_below"]),
        ("cold", features.warmth < rules["cold_below"]),
    ):
        if happens and mood in rules["turns"][turn]:
            return cast("Mood", rules["turns"][turn][mood]), f"; a {turn} picture turns {mood}"
    return cast("Mood", mood), ""


def _tempo(
    genre: str,
    mood: Mood,
    pushes: float,
    seconds: float,
    cuts_s: Sequence[float],
    start_s: float,
    fps: float,
    beside_bpm: float | None = None,
) -> float:
    """Near the genre's usual tempo, faster the more the scene pushes; on the cuts within, or else bars that end with it."""
    low, usual, high = (float(each) for each in reference("music/genres")[genre]["bpm"])
    usual = min(high, max(low, usual * reference("music/moods")[mood]["tempo"] * (0.9 + 0.2 * pushes)))
    if cuts_s:
        return tempo.over_cuts([*cuts_s, start_s + seconds], fps, (low, usual, high), start_s).bpm
    if beside_bpm is not None and (bpm := tempo.related(seconds, usual, (low, high), beside_bpm)) is not None:
        return round(bpm, 3)
    exact, _ = tempo.between(seconds, usual)
    return round(exact, 3) if 0.9 * low <= exact <= 1.1 * high else round(usual, 1)


def _measured(features: Features) -> str:
    light = (
        "dark" if features.brightness < 0.25 else "bright" if features.brightness > 0.6 else "neither dark nor bright"
    )
    tone = ", warm" if features.warmth > 0.25 else ", cold" if features.warmth < -0.12 else ""
    speech = "no speech" if features.speech < 0.05 else f"speech {features.speech:.0%} of the time"
    cuts = f", {features.cuts_per_minute:.0f} cuts a minute" if features.cuts_per_minute >= 1 else ", no cuts"
    return f"Motion {features.motion:.1f}, {light}{tone}, {speech}{cuts}"
