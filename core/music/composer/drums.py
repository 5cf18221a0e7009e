"""Drums: a groove and its louder and quieter forms, fills at phrase ends, crashes where sections begin, builds."""

from __future__ import annotations

import random
from typing import Any

from core.kit.paths import reference
from core.music.composer.form import Stretch
from core.music.composer.patterns import fit_bar, step_feel
from core.music.composer.plan import Plan
from core.music.composer.score import Note

WEIGHT = {"X": 1.0, "x": 0.8, "o": 0.6, "g": 0.34}
KICK, SNARE, CLAP, CRASH, RIDE = 36, 38, 39, 49, 51
HATS = (42, 44, 46, 51, 53, 54, 70, 75)
BESIDE = {"kit_cinematic": "cine_pulse", "kit_808": "hop_classic", "kit_house": "house_minimal"}
CROSS = (
    "cine_threes", "hop_drill", "house_clave", "amb_clave", "corp_clap", "trap_bounce", "jazz_latin", "edm_future",
    "pop_train",
)  # fmt: skip
WALTZES = {"folk": "waltz_shaker waltz_brush", "jazz": "waltz_ride waltz_brush", "orchestral": "waltz_timp"}


def choose_groove(plan: Plan) -> str:
    names: list[str] = plan.style["layers"]["drums"]["play"]
    if plan.beats_per_bar == 3:
        names = WALTZES.get(plan.genre, "waltz_shaker waltz_brush").split()
    if plan.intensity == "low" and plan.genre in ("rock", "jazz"):
        names = [n for n in names if n not in ("rock_punk", "rock_drive", "jazz_shuffle")]
    if plan.steady:
        names = [n for n in names if n not in CROSS] or names
    return plan.rng("groove").choice(names)


def drum_feel(plan: Plan, groove: str) -> float:
    """Four on the floor stays on the beat even where the rest goes double-time: eight kicks a bar blur the pulse."""
    four = str(reference("music/grooves")[groove].get(KICK, "")).startswith("X...X...X...X...")
    return 1.0 if four and plan.feel < 1 else plan.feel


def lines_for(groove: str, presence: float) -> dict[int, str]:
    whole: dict[Any, Any] = reference("music/grooves")[groove]
    base = {int(k): v for k, v in whole.items() if isinstance(k, int)}
    if presence < 0.42 and whole.get("low"):
        return {int(k): v for k, v in whole["low"].items()}
    if presence >= 0.78:
        base |= {int(k): v for k, v in whole.get("peak", {}).items()}
    return {k: v for k, v in base.items() if v}


def drum_part(plan: Plan, stretch: Stretch, groove: str, following: Stretch | None) -> list[Note]:
    rng = plan.rng("drums", stretch.start_bar)
    per_bar = plan.beats_per_bar
    start, beats = float(stretch.start_bar * per_bar), float(stretch.bars * per_bar)
    fills = _fill_bars(stretch, following, rng)
    notes: list[Note] = []
    level = 62 + 46 * stretch.energy
    build = stretch.name in ("build", "rise") and following is not None and following.presence > 0.75
    lines = lines_for(groove, stretch.presence)
    for number, text in lines.items():
        feel = drum_feel(plan, groove) if number not in HATS else step_feel(text, drum_feel(plan, groove))
        notes += _line(plan, number, text, start, beats, level, feel, rng)
    if build and plan.style["fills"] == "electronic":
        # The last four bars climb to the drop: the kick thins out, the snare doubles.
        from_beat = start + beats - min(stretch.bars, 4) * per_bar
        notes = [n for n in notes if n.beat < from_beat or n.pitch in HATS]
        notes += _roll(from_beat, start + beats, level, CLAP if plan.genre == "house" else SNARE)
        fills = {}
    for bar, whole in fills.items():
        notes = _with_fill(plan, notes, start + bar * per_bar, whole, level, rng)
    opens = stretch.start_bar > 0 and stretch.presence >= 0.6
    if opens and plan.genre not in ("ambient", "lo-fi"):
        notes.append(Note(start, 2.0, CRASH, round(min(level + 6, 118))))
    return notes


def percussion(plan: Plan, stretch: Stretch, kit: str) -> list[Note]:
    """A second drummer, where two kinds of drums were asked for: a steady pattern beside the first."""
    rng = plan.rng("percussion", stretch.start_bar)
    per_bar = plan.beats_per_bar
    level = 54 + 40 * stretch.energy
    notes: list[Note] = []
    for number, text in lines_for(BESIDE.get(kit, "folk_shaker"), max(stretch.presence, 0.5)).items():
        if number != KICK or kit == "kit_cinematic":
            start, beats = float(stretch.start_bar * per_bar), float(stretch.bars * per_bar)
            notes += _line(plan, number, text, start, beats, level, plan.feel, rng)
    return notes


def _line(
    plan: Plan, number: int, text: str, start: float, beats: float, level: float, feel: float, rng: random.Random
) -> list[Note]:
    text = fit_bar(text, plan.beats_per_bar)
    step = 0.25 * feel
    notes = []
    for i in range(round(beats / step)):
        sign = text[i % len(text)]
        if sign == ".":
            continue
        if sign == "g" and rng.random() < 0.2:  # ghosts come and go
            continue
        velocity = level * WEIGHT[sign]
        if number in HATS:  # the foot taps the beat: hats breathe with it
            velocity *= (0.94, 0.74, 0.84, 0.7)[i % 4]
        beat = start + i * step
        if feel < 1 and beat % 1.0 > 0.01:  # in double-time the beat itself stays the strongest
            velocity *= 0.72
        notes.append(Note(beat, step * 0.9, number, round(velocity)))
    return notes


def _fill_bars(stretch: Stretch, following: Stretch | None, rng: random.Random) -> dict[int, bool]:
    """Bar → whether the fill takes the whole bar or its second half."""
    fills: dict[int, bool] = {}
    if stretch.energy < 0.3 or stretch.bars < 2:
        return fills
    for bar in range(3, stretch.bars - 1, 4):
        if rng.random() < 0.35:
            fills[bar] = False
    rises = following is None or following.energy > stretch.energy + 0.05
    fills[stretch.bars - 1] = rises and stretch.energy > 0.4 and rng.random() < 0.6
    return fills


def _with_fill(
    plan: Plan, notes: list[Note], bar_start: float, whole: bool, level: float, rng: random.Random
) -> list[Note]:
    per_bar = plan.beats_per_bar
    begin = bar_start if whole else bar_start + per_bar / 2
    end = bar_start + per_bar
    fill: dict[int, str] = rng.choice(reference("music/fills")[plan.style["fills"]])
    kept = [n for n in notes if not begin - 0.01 <= n.beat < end - 0.01 or (n.pitch == 44 and not whole)]
    sung: list[Note] = []
    for number, text in fill.items():
        shown = text if per_bar == 4 else text[-4 * per_bar :]
        for i, sign in enumerate(shown):
            beat = bar_start + i * 0.25
            if sign != "." and beat >= begin - 0.01:
                rise = 0.85 + 0.2 * (beat - begin) / max(end - begin, 1)
                sung.append(Note(beat, 0.22, number, round(level * WEIGHT[sign] * rise)))
    return kept + sung


def _roll(begin: float, end: float, level: float, number: int) -> list[Note]:
    notes = []
    beat = begin
    while beat < end - 0.26:
        done = (beat - begin) / (end - begin)
        step = 1.0 if done < 0.5 else 0.5 if done < 0.75 else 0.25
        notes.append(Note(beat, step * 0.9, number, round(level * (0.5 + 0.5 * done))))
        beat += step
    notes += [Note(b, 0.9, KICK, round(level * 0.9)) for b in _beats(begin, begin + (end - begin) * 0.75)]
    return notes


def _beats(begin: float, end: float) -> list[float]:
    return [begin + i for i in range(int(end - begin))]
