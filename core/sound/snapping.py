"""What a clip, an edge or a marker snaps to: the cuts of the scenes, beats, the edges of other clips, markers."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.sound.editing import Lengths, Snap, end_of
from core.sound.types import Document

WITHIN_S = 0.15
"""How far something may be pulled where nobody says otherwise."""
_MOST_BEATS = 4000

Kind = Literal["start", "scene", "marker", "bar", "beat", "edge", "end"]
_FIRST: Mapping[str, int] = {"scene": 0, "start": 1, "marker": 2, "bar": 3, "edge": 4, "end": 5, "beat": 6}
"""Of two that are equally near, the one that means more."""


@dataclass(frozen=True)
class Beats:
    """Of one asset, in its own seconds."""

    at_s: tuple[float, ...]
    bars: frozenset[int]
    """Which of them begin a bar."""


@dataclass(frozen=True)
class Target:
    at_s: float
    kind: Kind
    label: str = ""
    clip: str = ""
    """The clip whose edge or beat it is: it does not snap to itself."""


def beats_of(facts: Mapping[str, Any]) -> Beats | None:
    """`facts`: seconds, and what is known of the tempo: `beats` and `bars` as heard by a full analysis, or `bpm` of
    music that begins on a beat (`first_s`: where the first one is; `beats_per_bar`)."""
    seconds = float(facts.get("seconds") or 0.0)
    heard = [float(at) for at in facts.get("beats") or () if at < seconds]
    if heard:
        bars = {round(float(at), 3) for at in facts.get("bars") or ()}
        return Beats(tuple(heard), frozenset(n for n, at in enumerate(heard) if round(at, 3) in bars))
    bpm = facts.get("bpm")
    if not bpm or not 20 <= float(bpm) <= 400 or "first_s" not in facts:
        return None
    step, first = 60 / float(bpm), float(facts["first_s"])
    count = min(_MOST_BEATS, max(0, math.ceil((seconds - first) / step - 1e-9)))
    per_bar = int(facts.get("beats_per_bar") or 4)
    return Beats(tuple(round(first + n * step, 6) for n in range(count)), frozenset(range(0, count, per_bar)))


def targets(document: Document, lengths: Lengths, beats: Mapping[str, Beats]) -> list[Target]:
    """In order of time."""
    found = [Target(0.0, "start")]
    found += [Target(each.at_s, _of_marker(each.kind), each.label) for each in document.markers]
    if document.length_s is not None:
        found.append(Target(document.length_s, "end", "end of the piece"))
    for track, clip in document.clips():
        found.append(Target(clip.start_s, "edge", track.name, clip.id))
        if clip.asset_id not in lengths:
            continue
        end = end_of(clip, lengths)
        if not clip.loop:
            found.append(Target(round(end, 6), "edge", track.name, clip.id))
        grid = beats.get(clip.asset_id)
        if grid is None or clip.mute or track.mute:
            continue
        for number, at in enumerate(grid.at_s):
            moment = round(clip.start_s + at - clip.offset_s, 6)
            if clip.start_s - 1e-6 <= moment <= end + 1e-6:
                found.append(Target(moment, "bar" if number in grid.bars else "beat", track.name, clip.id))
    return sorted(found, key=lambda target: (target.at_s, _FIRST[target.kind]))


def nearest(at_s: float, found: Sequence[Target], within_s: float = WITHIN_S, *, but: str = "") -> Target | None:
    """`found` in order of time. `but`: a clip that is not to snap to what is its own."""
    middle = bisect_left(found, at_s, key=lambda target: target.at_s)
    near: list[Target] = []
    for side in (range(middle, len(found)), range(middle - 1, -1, -1)):
        for number in side:
            if abs(found[number].at_s - at_s) > within_s + 1e-9:
                break
            if not but or found[number].clip != but:
                near.append(found[number])
    return min(near, key=lambda target: (round(abs(target.at_s - at_s), 6), _FIRST[target.kind]), default=None)


def snapper(lengths: Lengths, beats: Mapping[str, Beats], within_s: float = WITHIN_S) -> Snap:
    """What editing.apply() asks; the targets are found anew for every edit, since the edits before it moved them."""

    def snap(at_s: float, document: Document, clip: str) -> float | None:
        target = nearest(at_s, targets(document, lengths, beats), within_s, but=clip)
        return None if target is None else target.at_s

    return snap


def _of_marker(kind: str) -> Kind:
    return "scene" if kind == "scene" else "beat" if kind == "beat" else "marker"
