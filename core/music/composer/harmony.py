"""Harmony: which progression each theme stands on, how it is coloured, and how phrases come to rest."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass

from core.kit.paths import reference
from core.music.composer.clarity import margin
from core.music.composer.form import Frame, Stretch
from core.music.composer.plan import Plan
from core.music.composer.theory import Chord, chord

Bars = tuple[tuple[str, ...], ...]
"""Romans bar by bar"""

# The bar before a return to the tonic, by kind of harmony. The major V in minor keys is what settles the key.
CADENCES = {
    ("major", "plain"): ("V", "IV V", "ii V", "Vsus4 V", "V7", "iv V"),
    ("minor", "plain"): ("V", "iv V", "VI V", "Vsus4 V", "V7"),
    ("major", "jazz"): ("ii7 V7", "ii7 bII7", "V9sus4 V7", "ii9 V7b9"),
    ("minor", "jazz"): ("iim7b5 V7b9", "iv7 V7b9", "iim7b5 V7"),
    ("major", "ambient"): ("IV V", "Vsus4", "V9sus4", "ii7 V"),
    ("minor", "ambient"): ("iv7 V", "V", "VI V"),
}
LOOPING = ("house", "electronic", "lo-fi", "hip-hop", "ambient")
"""Genres that go round a progression and do not always stop at a cadence."""
KIND = {"jazz": "jazz", "lo-fi": "jazz", "ambient": "ambient"}


@dataclass(frozen=True)
class Span:
    beat: float
    beats: float
    chord: Chord

    @property
    def end(self) -> float:
        return self.beat + self.beats


class Timeline:
    """The chords of the whole piece in time."""

    def __init__(self, spans: list[Span]) -> None:
        self.spans = spans
        self._starts = [span.beat for span in spans]

    def at(self, beat: float) -> Span:
        return self.spans[max(0, bisect_right(self._starts, beat + 1e-6) - 1)]

    def after(self, beat: float) -> Span:
        """The chord that follows the one sounding; at the end, the first (a loop leads back to it)."""
        index = bisect_right(self._starts, beat + 1e-6)
        return self.spans[index] if index < len(self.spans) else self.spans[0]

    def within(self, start: float, end: float) -> list[Span]:
        return [s for s in self.spans if s.beat < end - 1e-6 and s.end > start + 1e-6]


# The key asked for has to be heard: of so many drafts the first that states it this clearly is taken.
DRAFTS, CLEAR = 16, 0.26


def harmonise(plan: Plan, frame: Frame) -> Timeline:
    best, clearest = None, -2.0
    for draft in range(DRAFTS):
        timeline = _drafted(plan, frame, draft)
        found = margin(((s.chord, s.beats) for s in timeline.spans), plan.key)
        if found > clearest:
            best, clearest = timeline, found
        if found >= CLEAR:
            break
    assert best is not None
    return best


def _drafted(plan: Plan, frame: Frame, draft: int) -> Timeline:
    themes = _themes(plan, draft)
    per_bar = plan.beats_per_bar
    spans: list[Span] = []
    for index, stretch in enumerate(frame.stretches):
        bars = stretch_bars(plan, stretch, themes[stretch.theme], last=index == len(frame.stretches) - 1)
        for offset, romans in enumerate(bars):
            start = (stretch.start_bar + offset) * per_bar
            spans += _in_bar(plan, romans, start, per_bar)
    spans += _closing(plan, frame)
    return Timeline(spans)


def stretch_bars(plan: Plan, stretch: Stretch, theme: Bars, last: bool) -> list[tuple[str, ...]]:
    rng = plan.rng("turn", stretch.start_bar)
    bars = [theme[i % len(theme)] for i in range(stretch.bars)]
    for i in range(len(bars)):
        follower = bars[(i + 1) % len(bars)]
        if rng.random() < plan.style["spice"]["dominant"] and i % 4 != 0:
            bars[i] = _with_dominant(bars[i], follower)
    looping = plan.genre in LOOPING
    # Periods of eight bars, counted from the end because odd bars stand at the beginning: each comes to a cadence.
    for end in range(len(bars) - 9, 2, -8):
        if not _leads_home(bars[end]) and rng.random() < (0.3 if looping else 0.8):
            bars[end] = cadence(plan, rng)
    if last or (stretch.bars >= 4 and not _leads_home(bars[-1]) and (not looping or rng.random() < 0.6)):
        bars[-1] = cadence(plan, rng)
    if stretch.start_bar == 0 and bars[0][0].upper()[0] != "I":
        bars[0] = ("Imaj7" if plan.key.mode == "major" else "i7",)
    if len(bars) == 1 and last:
        home = "I" if plan.key.mode == "major" else "i"
        bars[0] = (home, "V")
    return bars


def _leads_home(romans: tuple[str, ...]) -> bool:
    """A dominant, or what stands for it."""
    final = romans[-1]
    return "/" not in final and final.split("^")[0].startswith(("V", "bII", "vii")) and not final.startswith("VI")


def cadence(plan: Plan, rng: random.Random) -> tuple[str, ...]:
    return tuple(rng.choice(CADENCES[plan.key.mode, KIND.get(plan.genre, "plain")]).split())


def _themes(plan: Plan, draft: int) -> dict[str, Bars]:
    """A progression for each theme letter, coloured once so that a theme keeps its colour."""
    pool = [p for group in plan.style["harmony"] for p in reference("music/progressions")[group][plan.key.mode]]
    rng = plan.rng("progressions", draft)
    order = rng.sample(pool, len(pool))
    # The opening theme has to state the key, so it starts at home.
    order.sort(key=lambda p: not p.split()[0].lower().startswith("i") or p.split()[0][:2].lower() in ("iv", "ii"))
    first = order.pop(0)
    rng.shuffle(order)
    chosen = {"A": first}
    for letter in "BCD":
        repeat = letter == "C" and rng.random() < 0.3
        chosen[letter] = first if repeat else order.pop(0)
    return {letter: _coloured(plan, text, plan.rng("colour", letter)) for letter, text in chosen.items()}


def _coloured(plan: Plan, text: str, rng: random.Random) -> Bars:
    spice, decided = plan.style["spice"], {}
    bars: list[tuple[str, ...]] = []
    for bar in text.split("|"):
        romans: list[str] = []
        for roman in bar.split():
            if roman not in decided:
                decided[roman] = _enriched(plan, roman, rng) if rng.random() < spice["seventh"] else roman
            romans.append(decided[roman])
        if len(romans) == 1 and romans[0] == "V" and rng.random() < spice["sus"]:
            romans = ["Vsus4", "V"]
        bars.append(tuple(romans))
    return tuple(bars)


def _enriched(plan: Plan, roman: str, rng: random.Random) -> str:
    """A plain triad with the seventh the key gives it, or a ninth."""
    if roman.strip("ivIVb#") != "":
        return roman
    bare = chord(roman, plan.key)
    sevenths = [s for s in (10, 11) if (bare.root + s) % 12 in plan.key.scale]
    ninth = (bare.root + 2) % 12 in plan.key.scale
    if ninth and rng.random() < 0.4:
        return roman + "add9"
    if bare.is_minor:
        return roman + "7"
    if roman == "V" or not sevenths:
        return "V7" if roman == "V" else roman
    return roman + ("maj7" if 11 in sevenths else "7")


def _with_dominant(bar: tuple[str, ...], follower: tuple[str, ...]) -> tuple[str, ...]:
    """Lean into the next chord with its own dominant, in the second half of the bar."""
    target = follower[0].split("^")[0].rstrip("0123456789").replace("maj", "").replace("add", "")
    if len(bar) > 1 or "/" in target or target.upper() in ("I", "V") or target.strip("ivIV") != "":
        return bar
    return (bar[0], f"V7/{target}")


def _in_bar(plan: Plan, romans: tuple[str, ...], start: float, per_bar: int) -> list[Span]:
    if len(romans) == 1:
        lengths = [float(per_bar)]
    elif per_bar == 3:
        lengths = [2.0, 1.0]
    else:
        lengths = [per_bar / len(romans)] * len(romans)
    spans = []
    for roman, length in zip(romans, lengths, strict=False):
        spans.append(Span(start, length, chord(roman, plan.key)))
        start += length
    return spans


def _closing(plan: Plan, frame: Frame) -> list[Span]:
    if not frame.closing:
        return []
    home = "I" if plan.key.mode == "major" else "i"
    if KIND.get(plan.genre) == "jazz":
        home += "69" if plan.key.mode == "major" else "m6"
    tonic = chord(home, plan.key)
    spans = []
    start = frame.body_beats
    last = start + frame.lead_in
    if frame.closing == "chord" and frame.lead_in:  # a cue: as much of I - IV - V - I as there is room for
        romans = {1: ["V"], 2: ["IV", "V"], 3: [home, "IV", "V"]}.get(int(frame.lead_in), [home, home, "IV", "V"])
        if plan.key.mode == "minor":
            romans = ["iv" if r == "IV" else r for r in romans]
        spans = [Span(start + i, 1.0, chord(roman, plan.key)) for i, roman in enumerate(romans)]
    elif frame.lead_in:
        spans = [Span(start, frame.lead_in, tonic)]
    return [*spans, Span(last, max(frame.end_beat - last, 0.1), tonic)]
