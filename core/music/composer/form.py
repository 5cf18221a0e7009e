"""Form: how many bars fit the seconds asked for, and what happens in them. The BPM is never bent to fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.kit.paths import reference
from core.music.composer.plan import Plan

LIFT = {"low": (0.12, 0.55), "medium": (0.18, 0.82), "high": (0.3, 1.0)}
"""Energy of the quietest and the loudest section by intensity."""
STAB_BEATS, STAB_S = 0.3, 0.25
"""How long the last stroke of a cut sounds: the longer of the two, where there is room."""
SHIFT = {"low": -0.1, "medium": 0.0, "high": 0.12}
LONG_BARS = 36


@dataclass(frozen=True)
class Stretch:
    """A section as the composer sees it: a run of bars with one theme and one energy."""

    name: str
    theme: str
    start_bar: int
    bars: int
    energy: float
    """How hard it is played"""
    presence: float
    """How much of the band plays: 0 to 1 whatever the intensity, which only shifts it a little"""
    turn: int
    """How many times this theme has been heard before: 0 the first time."""


@dataclass(frozen=True)
class Frame:
    stretches: tuple[Stretch, ...]
    body_beats: float
    """Where the last chord falls; without one (fade, loop) where the music stops."""
    lead_in: float
    """Beats before the last chord that belong to no bar of the body (cues shorter than a bar; the last beats of a
    cut)."""
    closing: str
    """'chord' rings out, 'stab' stops dead, '' just stops"""
    end_beat: float
    """Nothing sounds later."""


def lay_out(plan: Plan) -> Frame:
    per_bar, total = plan.beats_per_bar, plan.total_beats
    if plan.loopable:
        bars = max(1, round(total / per_bar))
        return Frame(_stretches(plan, bars), bars * per_bar, 0.0, "", bars * per_bar)
    if plan.ending == "fade":
        bars = math.ceil(total / per_bar - 1e-9)
        return Frame(_stretches(plan, bars), bars * per_bar, 0.0, "", total)
    if plan.ending == "cut":
        stab = max(0, math.floor(total - 0.3))
        bars, lead_in = divmod(stab, per_bar)
        stop = min(total, stab + max(STAB_BEATS, STAB_S * plan.bpm / 60.0))
        return Frame(_stretches(plan, bars), bars * per_bar, float(lead_in), "stab", stop)
    ring_s = min(1.8, 0.4 * plan.seconds)
    last = max(0.0, (plan.seconds - ring_s) * plan.bpm / 60.0)
    bars = int(last // per_bar)
    lead_in = int(last) if bars == 0 else 0
    return Frame(_stretches(plan, bars), bars * per_bar, float(lead_in), "chord", total)


def _stretches(plan: Plan, bars: int) -> tuple[Stretch, ...]:
    if bars == 0:
        return ()
    family = plan.rng("form").choice(plan.style["form"])
    form = reference("music/forms")[family]
    phrases, odd = divmod(bars, 4)
    slots = [(*slot, 4 * count) for slot, count in _grown(form, phrases)]
    if odd:  # the odd bars go to the opening, so that every later phrase is four bars long
        if len(slots) > 1 and slots[0][0] == "intro" and bars < LONG_BARS:
            # In a short piece they are intro enough: its own phrase goes to what follows.
            slots[0], slots[1] = (*slots[0][:3], odd), (*slots[1][:3], slots[1][3] + slots[0][3])
        elif slots and slots[0][0] == "intro":
            slots[0] = (*slots[0][:3], slots[0][3] + odd)
        else:
            slots.insert(0, ("intro", "A", 0.35, odd) if slots else ("cue", "A", 0.6, odd))
    if plan.loopable:  # what goes round and round neither begins nor ends, and does not drop out at the seam
        slots = [("verse" if n in ("intro", "outro", "cue") else n, t, max(e, 0.5), b) for n, t, e, b in slots]
    low, high = LIFT[plan.intensity]
    made: list[Stretch] = []
    heard: dict[str, int] = {}
    start = 0
    for name, theme, energy, length in slots:
        raised = low + (high - low) * energy + plan.colour["energy"] * 0.6
        turn = heard.get(theme, 0)
        presence = energy + SHIFT[plan.intensity] + 0.4 * plan.colour["energy"]
        made.append(Stretch(name, theme, start, length, _share(raised), _share(presence), turn))
        heard[theme] = turn + 1
        start += length
    return tuple(made)


def _share(value: float) -> float:
    return round(min(max(value, 0.05), 1.0), 3)


Slot = tuple[tuple[str, str, float], int]


def _grown(form: dict[str, list[list[object]]], phrases: int) -> list[Slot]:
    """The form with so many phrases; a piece too long for it becomes two, with a breakdown at the seam."""
    if phrases > len(form["grow"]):
        first, second = _grown(form, math.ceil(phrases / 2)), _grown(form, phrases // 2)
        if first[-1][0][0] == "outro":
            first[-1] = (("breakdown", first[-1][0][1], 0.35), first[-1][1])
        if second[0][0][0] == "intro":
            second[0] = (("interlude", second[0][0][1], 0.4), second[0][1])
        return first + second
    counts = [0] * len(form["slots"])
    for index in form["grow"][:phrases]:
        counts[int(str(index))] += 1
    return [((str(s[0]), str(s[1]), float(str(s[2]))), n) for s, n in zip(form["slots"], counts, strict=True) if n]
