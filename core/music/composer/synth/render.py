"""From a score to finished sound: notes from the bank, parts, stems in their room, one master."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.audio.loudness import integrated_lufs
from core.audio.ready import load as load_signal_libraries
from core.music.composer.score import Score
from core.music.composer.synth import bus, mastering, space
from core.music.composer.synth.bank import NoteBank
from core.music.composer.synth.lay import lay
from core.music.composer.synth.mixing import BALANCE_REACH_DB, BALANCE_SHARE, DUCKED, ROLE_DB, SEND_DB, Desk, desk_of
from core.music.composer.synth.plan import Line, beat_frames, lines_of
from core.music.composer.synth.shape import SAMPLE_RATE, Sound, biquad, filtered
from core.music.composer.synth.sounds import is_kit

STEMS = ("drums", "bass", "chords", "lead", "texture")
_KICKS = frozenset({35, 36})
_FADE_S, _CUT_S, _TAIL_S = 8.0, 0.02, 5.0


@dataclass(frozen=True)
class RenderedMusic:
    mix: Sound
    """(2, frames), exactly round(seconds × 44100) frames; the stems add up to it."""
    stems: dict[str, Sound]
    sample_rate: int
    lufs: float
    dbtp: float
    sections: tuple[dict[str, object], ...]
    """name, start_s, end_s, energy, chords"""
    notes: int
    distinct_notes: int
    rendered_notes: int
    """How many had to be made; the others were in the bank."""


def render(
    score: Score, *, bank: Path | None, workers: int = 2, progress: Callable[[str, float], None] | None = None
) -> RenderedMusic:
    """Deterministic: the same score gives the same samples, with a cold or a warm bank. `bank` None keeps notes in
    memory only. progress(stage, fraction of that stage)."""
    say = progress or (lambda stage, fraction: None)
    lines = lines_of(score)
    notes = NoteBank(bank)
    keys = [event.key for line in lines for event in line.events]
    say("Rendering notes", 0.0)
    notes.fill(keys, workers, lambda fraction: say("Rendering notes", fraction))
    say("Mixing", 0.0)
    stems = _stems(score, lines, notes, workers, lambda fraction: say("Mixing", fraction))
    say("Mastering", 0.0)
    if not stems:
        stems = {"texture": np.zeros((2, round(score.seconds * SAMPLE_RATE)), np.float32)}
    master = mastering.level(stems, circular=score.loopable)
    say("Mastering", 1.0)
    return RenderedMusic(
        master.mix, master.stems, SAMPLE_RATE, master.lufs, master.dbtp, section_map(score), len(keys), len(set(keys)),
        notes.rendered,
    )  # fmt: skip


def section_map(score: Score) -> tuple[dict[str, object], ...]:
    bar_s = score.beats_per_bar * 60.0 / score.bpm
    last = len(score.sections) - 1
    return tuple(
        {
            "name": section.name,
            "start_s": round(min(score.seconds, section.start_bar * bar_s), 4),
            "end_s": round(
                score.seconds if n == last else min(score.seconds, (section.start_bar + section.bars) * bar_s), 4
            ),
            "energy": section.energy,
            "chords": list(section.chords),
        }
        for n, section in enumerate(score.sections)
    )


def _stems(
    score: Score, lines: Sequence[Line], notes: NoteBank, workers: int, progress: Callable[[float], None]
) -> dict[str, Sound]:
    desk = desk_of(score.genre)
    frames = round(score.seconds * SAMPLE_RATE)
    room = frames + (round((_TAIL_S + desk.room.tail_s) * SAMPLE_RATE) if score.loopable else 0)
    groups: dict[str, list[Line]] = {}
    for line in lines:
        if line.events:
            groups.setdefault(line.part.stem, []).append(line)
    names = [*(name for name in STEMS if name in groups), *sorted(groups.keys() - set(STEMS))]
    load_signal_libraries()
    kicks = sorted(
        event.onset
        for line in lines
        if is_kit(line.part.instrument)
        for event in line.events
        if event.key.pitch in _KICKS
    )
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        jobs = {name: pool.submit(_stem, name, groups[name], notes, desk, score, room, kicks) for name in names}
        stems = {}
        for n, (name, job) in enumerate(jobs.items()):
            stems[name] = job.result()
            progress((n + 1) / (len(jobs) + 1))
    if not stems:
        return {}
    stems = _balanced(stems, groups, desk, workers)
    sections = mastering.correction(mastering.total(stems), desk.air_db)
    stems = mastering.equalise(stems, sections, workers)
    if score.loopable:
        return {name: _wrapped(sound, frames) for name, sound in stems.items()}
    ending = _ending(score, frames)
    first = int(np.argmax(ending < 1)) if np.any(ending < 1) else frames
    for name in stems:
        stems[name][:, first:] *= ending[first:]
    return stems


def _balanced(stems: dict[str, Sound], groups: dict[str, list[Line]], desk: Desk, workers: int) -> dict[str, Sound]:
    """Every stem most of the way to its place in the genre's balance. Stems of effects alone stay as written."""
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        loud = dict(zip(stems, pool.map(_loudness, stems.values()), strict=True))
    placed = {
        name: value - desk.balance[name]
        for name, value in loud.items()
        if value is not None and name in desk.balance and any(line.part.role != "fx" for line in groups[name])
    }
    if not placed:
        return stems
    middle = sorted(placed.values())[len(placed) // 2]
    reach = BALANCE_REACH_DB
    for name, place in placed.items():
        stems[name] *= np.float32(_gain(float(np.clip(BALANCE_SHARE * (middle - place), -reach, reach))))
    return stems


def _loudness(sound: Sound) -> float | None:
    """Integrated loudness of every fourth 400 ms: close enough to place a stem, at a quarter of the work."""
    window = round(0.4 * SAMPLE_RATE)
    count = sound.shape[1] // (4 * window)
    if count < 12:
        return integrated_lufs(sound, SAMPLE_RATE)
    parts = sound[:, : count * 4 * window].reshape(2, count, 4 * window)[:, :, :window]
    return integrated_lufs(np.ascontiguousarray(parts).reshape(2, -1), SAMPLE_RATE)


def _stem(
    name: str, lines: Sequence[Line], notes: NoteBank, desk: Desk, score: Score, frames: int, kicks: Sequence[int]
) -> Sound:
    dry = np.zeros((2, frames), np.float32)
    send = np.zeros(frames, np.float32)
    beat = beat_frames(score)
    for line in lines:
        sound = lay(line, notes, frames)
        part = line.part
        if part.instrument == "distorted_guitar":
            sound = bus.gate_hum(bus.amplifier(sound), sound)
        gain = np.float32(_gain(ROLE_DB[part.role] + part.gain_db))
        sound *= gain
        if part.role == "lead" and desk.echo_db is not None:
            sound += space.echo(sound, round(beat * 0.75), _gain(desk.echo_db), 0.42)
        wet = _gain(SEND_DB[part.role] + desk.wet_db)
        if SEND_DB[part.role] > -30:
            send += (sound[0] + sound[1]) * np.float32(0.5 * wet)
        dry += sound
    if name == "drums":
        dry = bus.glue(dry, desk.glue, desk.drive)
    elif name == "bass":
        dry = _mono_lows(bus.steady(dry))
    elif desk.top_hz is not None:
        dry = bus.medium(bus.wow(dry), desk.top_hz)
    if np.any(send):
        dry += space.reverberate(send, desk.room)
    depth = desk.duck * DUCKED.get(name, 0.0)
    if depth and kicks:
        dry *= bus.ducking(kicks, frames, depth, beat)
    return dry


def _gain(db: float) -> float:
    return float(10 ** (db / 20))


def _mono_lows(sound: Sound) -> Sound:
    """The same in both channels below 120 Hz."""
    side = filtered((sound[0] - sound[1]) * np.float32(0.5), biquad("high", 120))
    middle = (sound[0] + sound[1]) * np.float32(0.5)
    return np.stack([middle + side, middle - side])


def _wrapped(sound: Sound, frames: int) -> Sound:
    """A loop: what rings past the end is heard at the start."""
    out = sound[:, :frames].copy()
    for start in range(frames, sound.shape[1], frames):
        rest = sound[:, start : start + frames]
        out[:, : rest.shape[1]] += rest
    return out


def _ending(score: Score, frames: int) -> Sound:
    """The last moments: a long fade, a stop on the last beat, or a chord let ring and then let go."""
    curve = np.ones(frames, np.float32)
    if score.ending == "fade":
        length = min(round(_FADE_S * SAMPLE_RATE), frames // 3)
        place = np.linspace(0, 1, length, dtype=np.float32)
        curve[-length:] = np.clip(np.cos(place * np.float32(np.pi / 2)), 0, 1) ** 1.5 * (1 - place**6)
        curve[-1] = 0
    elif score.ending == "cut":
        stop = min(frames, round(score.bars * score.beats_per_bar * beat_frames(score)))
        length = min(round(_CUT_S * SAMPLE_RATE), stop)
        curve[stop - length : stop] = np.linspace(1, 0, length, dtype=np.float32)
        curve[stop:] = 0
    else:
        length = max(1, min(round(max(0.4, score.tail_s * 0.6) * SAMPLE_RATE), frames // 4))
        place = np.linspace(0, 1, length, dtype=np.float32)
        curve[-length:] = 0.5 + 0.5 * np.cos(place * np.float32(np.pi))
    return curve
