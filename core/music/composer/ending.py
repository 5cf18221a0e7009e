"""The last chord: everyone lands on the tonic, to ring out or to stop dead."""

from __future__ import annotations

from core.music.composer.accompany import Voiced
from core.music.composer.arrange import Layer
from core.music.composer.form import STAB_BEATS, Frame
from core.music.composer.harmony import Timeline
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.plan import Plan
from core.music.composer.score import Note
from core.music.composer.theory import nearest

LEVEL = {"low": 66, "medium": 84, "high": 104}


def close(plan: Plan, frame: Frame, timeline: Timeline, layer: Layer, voiced: Voiced, last_pitch: int) -> list[Note]:
    if not frame.closing:
        return []
    level = LEVEL[plan.intensity]
    onsets = _onsets(frame)
    notes: list[Note] = []
    for place, beat in enumerate(onsets):
        final = place == len(onsets) - 1
        length = frame.end_beat - beat if final else STAB_BEATS if frame.closing == "stab" else 0.9
        notes += _strike(plan, timeline, layer, voiced, beat, length, level if final else level - 8, last_pitch, final)
    return notes


def _onsets(frame: Frame) -> list[float]:
    return [frame.body_beats + i for i in range(int(frame.lead_in) + 1)]


def _strike(
    plan: Plan, timeline: Timeline, layer: Layer, voiced: Voiced, beat: float, length: float, level: int,
    last_pitch: int, final: bool,
) -> list[Note]:  # fmt: skip
    span = timeline.at(beat)
    facts = INSTRUMENTS[layer.instrument]
    if layer.slot == "drums":
        return _last_hit(plan, beat, length, level, final)
    if layer.slot == "bass":
        pitch = nearest(facts.low + 8, (span.chord.bass,), facts.low, facts.high)
        return [Note(beat, length, pitch, level)]
    if layer.slot in ("fx", "perc"):
        return []
    if layer.slot in ("lead", "counter"):
        tones = (plan.key.tonic,) if layer.slot == "lead" and final else span.chord.classes[:3]
        return [Note(beat, length, nearest(last_pitch, tones, facts.low, facts.high), level - 4)]
    spread = 0.06 if layer.slot == "arp" and not length < 1 else 0.0
    voices = voiced[span.beat]
    return [Note(beat + i * spread, length - i * spread, p, level - 6 - i) for i, p in enumerate(voices)]


def _last_hit(plan: Plan, beat: float, length: float, level: int, final: bool) -> list[Note]:
    if _soft(plan):
        return [Note(beat, 0.5, 36, level - 20)]
    hits = [Note(beat, 0.5, 36, level + 6)]
    if final and plan.genre not in ("lo-fi", "folk"):
        hits.append(Note(beat, length, 49 if plan.genre != "jazz" else 51, level))
    return hits


def _soft(plan: Plan) -> bool:
    return plan.genre == "ambient" or plan.intensity == "low"
