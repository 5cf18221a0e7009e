"""Cues as an engine can make them: what is longer than its longest piece is several that follow each other in time."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from core.flows.recommending import tempo
from core.flows.recommending.cues import Cue
from core.flows.scoring.laying import overlap_s
from core.video.types import Clip


def fitted(cues: Sequence[Cue], clip: Clip, longest_s: float) -> tuple[Cue, ...]:
    """Parted at whole bars, so that the beat goes on; same seed, key and tempo, so that it is one music."""
    return tuple(part for cue in cues for part in _parts(cue, clip, longest_s))


def _parts(cue: Cue, clip: Clip, longest_s: float) -> list[Cue]:
    room = longest_s - overlap_s(cue)
    bar_s = tempo.BEATS_PER_BAR * 60 / cue.bpm
    if cue.seconds <= room or room < bar_s:
        return [cue]
    bars = cue.seconds / bar_s
    count = ceil(cue.seconds / room)
    while ceil(bars / count) * bar_s > room:
        count += 1
    starts = [cue.start_s + round(number * bars / count) * bar_s for number in range(count)]
    ends = [*starts[1:], cue.end_s]
    return [
        cue.model_copy(
            update={
                "start_s": round(start, 4), "end_s": round(end, 4), "bars": round((end - start) / bar_s, 4),
                "scenes": _under(clip, start, end) or cue.scenes, "ending": cue.ending if end == ends[-1] else "cut",
                "landing": tempo.landings(cue.bpm, _ends(clip, start, end), clip.fps, start).says(),
            }
        )
        for start, end in zip(starts, ends, strict=True)
    ]  # fmt: skip


def _under(clip: Clip, start_s: float, end_s: float) -> tuple[int, ...]:
    return tuple(scene.number for scene in clip.scenes if scene.start_s < end_s and scene.end_s > start_s)


def _ends(clip: Clip, start_s: float, end_s: float) -> list[float]:
    return [*(cut for cut in clip.cuts_s if start_s < cut < end_s), end_s]
