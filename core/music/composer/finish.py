"""Finish: swing, a human touch in time and touch, and nothing outside the piece or the instrument."""

from __future__ import annotations

from core.music.composer.form import Frame
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.plan import Plan
from core.music.composer.score import Note

JITTER_MS = {
    "drums": 2.5,
    "perc": 3.0,
    "bass": 4.0,
    "comp": 6.0,
    "pad": 8.0,
    "arp": 2.5,
    "lead": 7.0,
    "counter": 9.0,
    "fx": 0.0,
}
LAG_MS = {"lo-fi": {"drums": 0.0, "comp": 9.0, "lead": 10.0}, "jazz": {"lead": 9.0, "comp": 5.0}}
"""Laid back: how much later than the beat a layer plays, on average."""


def finish(plan: Plan, frame: Frame, slot: str, instrument: str, notes: list[Note]) -> tuple[Note, ...]:
    rng = plan.rng("human", slot)
    facts = INSTRUMENTS[instrument]
    ms = plan.bpm / 60000.0
    lag = LAG_MS.get(plan.genre, {}).get(slot, 0.0)
    grid = plan.style["grid"]
    made: list[Note] = []
    for note in sorted(notes, key=lambda n: (n.beat, n.pitch)):
        begin = swung(note.beat, plan.swing, grid)
        stop = swung(note.beat + note.beats, plan.swing, grid)
        anchor = (slot == "drums" and note.pitch == 36) or note.beat < 0.01
        shift = 0.0 if anchor else (lag + rng.gauss(0.0, JITTER_MS[slot])) * ms
        begin = max(0.0, begin + shift)
        stop = min(stop + shift, frame.end_beat)
        if begin > frame.end_beat - 0.05 or stop - begin < 0.02:
            continue
        velocity = round(note.velocity + rng.gauss(0.0, 3.0))
        pitch = note.pitch if slot in ("drums", "perc", "fx") else folded(note.pitch, facts.low, facts.high)
        made.append(Note(round(begin, 4), round(stop - begin, 4), pitch, min(max(velocity, 12), 124)))
    return tuple(unstacked(made))


def swung(beat: float, amount: float, grid: float) -> float:
    """Time bent so that the first half of each pair takes `amount` of it."""
    if amount == 0.5:
        return beat
    whole, part = divmod(beat, grid)
    part /= grid
    bent = part * 2 * amount if part < 0.5 else amount + (part - 0.5) * 2 * (1 - amount)
    return float((whole + bent) * grid)


def folded(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return max(pitch, low)


def unstacked(notes: list[Note]) -> list[Note]:
    """A note struck again ends the one before it on the same pitch, as on any instrument."""
    out: list[Note] = []
    last: dict[int, int] = {}
    for note in sorted(notes, key=lambda n: (n.beat, n.pitch)):
        index = last.get(note.pitch)
        if index is not None:
            before = out[index]
            if note.beat - before.beat < 0.03:  # the same note twice: keep the louder
                if note.velocity > before.velocity:
                    out[index] = Note(before.beat, max(before.beats, note.beats), note.pitch, note.velocity)
                continue
            if before.beat + before.beats > note.beat:
                out[index] = Note(before.beat, round(note.beat - before.beat, 4), before.pitch, before.velocity)
        last[note.pitch] = len(out)
        out.append(note)
    return out
