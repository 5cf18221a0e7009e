"""From a score to finished sound: notes from the bank, parts, stems in their room, one master."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from core.audio.ready import load as load_signal_libraries
from core.music.composer.score import Score
from core.music.composer.synth import mastering
from core.music.composer.synth.aloud import Aloud, Hearing, Synthesis, played_aloud
from core.music.composer.synth.balance import balance_of
from core.music.composer.synth.bank import NoteBank
from core.music.composer.synth.ending import ending_of
from core.music.composer.synth.mixing import desk_of
from core.music.composer.synth.plan import Line, lines_of
from core.music.composer.synth.ride import ride
from core.music.composer.synth.shape import SAMPLE_RATE, Sound
from core.music.composer.synth.sounds import NoteKey
from core.music.composer.synth.strip import Play, grouped, strips_of

_TAIL_S = 5.0


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
    own_voices: tuple[str, ...] = ()
    """Played from a SoundFont: the instruments it did not have, which our synthesis played."""
    soundfont: dict[str, str] = field(default_factory=dict)
    """name and copyright as the SoundFont states them, where one played"""


def render(
    score: Score, *, bank: Path | None, workers: int = 2, progress: Callable[[str, float], None] | None = None,
    aloud: Aloud | None = None,
) -> RenderedMusic:  # fmt: skip
    """Deterministic: the same score gives the same samples, with a cold or a warm bank, heard while it is made or not.
    `bank` None keeps notes in memory only. progress(stage, fraction of that stage)."""
    say = progress or (lambda stage, fraction: None)
    lines = lines_of(score)
    if aloud is None:
        notes, keys = filled(bank, lines, workers, say)
        made = produced(score, lines, Synthesis(notes, room_of(score)), workers, say)
    else:
        notes, keys = NoteBank(bank), [event.key for line in lines for event in line.events]
        play = Synthesis(notes, room_of(score))
        made = produced(score, lines, play, workers, say, Hearing(aloud, lambda some: notes.fill(some, workers)))
    return replace(made, distinct_notes=len(set(keys)), rendered_notes=notes.rendered)


def filled(
    bank: Path | None, lines: Sequence[Line], workers: int, say: Callable[[str, float], None]
) -> tuple[NoteBank, list[NoteKey]]:
    """A bank that holds every note of these lines, and the notes."""
    notes = NoteBank(bank)
    keys = [event.key for line in lines for event in line.events]
    say("Rendering notes", 0.0)
    notes.fill(keys, workers, lambda fraction: say("Rendering notes", fraction))
    return notes, keys


def produced(
    score: Score, lines: Sequence[Line], play: Play, workers: int, say: Callable[[str, float], None],
    hearing: Hearing | None = None,
) -> RenderedMusic:  # fmt: skip
    """Lines, however they are played, mixed into stems and mastered."""
    if hearing is None:
        say("Mixing", 0.0)
    stems = _stems(score, lines, play, workers, say, hearing)
    say("Mastering", 0.0)
    if not stems:
        stems = {"texture": np.zeros((2, round(score.seconds * SAMPLE_RATE)), np.float32)}
    master = mastering.level(stems, circular=score.loopable)
    say("Mastering", 1.0)
    count = sum(len(line.events) for line in lines)
    return RenderedMusic(
        master.mix, master.stems, SAMPLE_RATE, master.lufs, master.dbtp, section_map(score), count, 0, 0
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
    score: Score, lines: Sequence[Line], play: Play, workers: int, say: Callable[[str, float], None],
    hearing: Hearing | None,
) -> dict[str, Sound]:  # fmt: skip
    desk = desk_of(score.genre)
    frames = round(score.seconds * SAMPLE_RATE)
    groups = grouped(lines)
    if not groups:
        return {}
    room = room_of(score)
    load_signal_libraries()
    if hearing is not None:
        stems = played_aloud(score, groups, play, room, hearing, lambda fraction: say("Playing", fraction), workers)
    else:
        stems = {}
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            strips = strips_of(score, groups, play, room)
            jobs = {name: pool.submit(strip.next, room) for name, strip in strips.items()}
            for n, (name, job) in enumerate(jobs.items()):
                stems[name] = job.result()
                say("Mixing", (n + 1) / (len(jobs) + 1))
    for name, gain in balance_of(stems, groups, desk, workers).items():
        stems[name] *= np.float32(gain)
    sections = mastering.correction(mastering.total(stems), desk.air_db)
    stems = mastering.equalise(stems, sections, workers)
    fader = ride(score, mastering.total(stems))
    for sound in stems.values():
        np.multiply(sound, fader, out=sound)
    if score.loopable:
        return {name: _wrapped(sound, frames) for name, sound in stems.items()}
    ending = ending_of(score, frames)
    first = int(np.argmax(ending < 1)) if np.any(ending < 1) else frames
    for name in stems:
        stems[name][:, first:] *= ending[first:]
    return stems


def room_of(score: Score) -> int:
    """Frames to render: a loop's tail is heard at its start."""
    tail_s = _TAIL_S + desk_of(score.genre).room.tail_s if score.loopable else 0.0
    return round(score.seconds * SAMPLE_RATE) + round(tail_s * SAMPLE_RATE)


def _wrapped(sound: Sound, frames: int) -> Sound:
    """A loop: what rings past the end is heard at the start."""
    out = sound[:, :frames].copy()
    for start in range(frames, sound.shape[1], frames):
        rest = sound[:, start : start + frames]
        out[:, : rest.shape[1]] += rest
    return out
