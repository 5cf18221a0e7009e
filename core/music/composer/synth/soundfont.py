"""A score played from somebody's own SoundFont instead of our synthesis; mixing, stems and master are the same.

Every line has a player of its own, so that parts stay apart for their stems. What the SoundFont lacks (and all
effects, which General MIDI does not have) is played by our synthesis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.kit.errors import SetupError, UserError
from core.music.composer.midi import program
from core.music.composer.score import Score
from core.music.composer.synth.aloud import Aloud, Hearing, Synthesis
from core.music.composer.synth.lay import panned
from core.music.composer.synth.plan import Line, lines_of
from core.music.composer.synth.render import RenderedMusic, filled, produced, room_of
from core.music.composer.synth.shape import SAMPLE_RATE, Sound
from core.music.composer.synth.soundfont_file import SoundFontFile, read_soundfont
from core.music.composer.synth.sounds import instrument, is_kit

DRUM_BANK = 128
_VOICES = 96
_LEVEL = 0.16
"""Level of a line's loud moments at full velocity: where our own instruments stand."""
_FAINT = 1e-4
_GENERATED_DB = -12.0
"""Room for chords inside the player; levels are matched afterwards."""


def render_soundfont(
    score: Score,
    path: Path,
    *,
    bank: Path | None,
    workers: int = 2,
    progress: Callable[[str, float], None] | None = None,
    aloud: Aloud | None = None,
) -> RenderedMusic:
    """As render(): heard as it is mixed, since a SoundFont plays its lines whole, one after the other. UserError for a file that cannot be played or has none of the instruments; SetupError where the
    player is not installed. Deterministic."""
    say = progress or (lambda stage, fraction: None)
    player = _player()
    font = read_soundfont(path)
    synth = player.Synth(gain=_GENERATED_DB, samplerate=SAMPLE_RATE)
    try:
        loaded = synth.sfload(font.data, max_voices=_VOICES)
    except RuntimeError:
        raise UserError(
            "This is not a SoundFont that can be played.",
            "Give a whole .sf2 file, or choose our own sounds.",
            "soundfont",
        ) from None
    lines = lines_of(score)
    say("Rendering notes", 0.0)
    heard: dict[int, Sound] = {}
    for number, line in enumerate(lines):
        place = preset(font, line.part.instrument)
        if place is not None and line.events:
            sound = _played(synth, loaded, place, line, _room(score, line))
            if sound is not None:
                heard[number] = sound
        say("Rendering notes", 0.7 * (number + 1) / len(lines))
    if not heard and any(line.events for line in lines):
        raise UserError(
            "The SoundFont has none of the instruments of this piece, or they are silent.",
            "Choose one with General MIDI instruments, or our own sounds.",
            "soundfont",
        )
    ours = [line for number, line in enumerate(lines) if number not in heard]
    notes, keys = filled(bank, ours, workers, lambda stage, fraction: say(stage, 0.7 + 0.3 * fraction))
    numbers = {id(line.part): number for number, line in enumerate(lines)}

    own = Synthesis(notes, room_of(score))

    def play(line: Line, start: int, stop: int) -> Sound:
        sound = heard.get(numbers[id(line.part)])
        if sound is None:
            return own(line, start, stop)
        out = np.zeros((2, stop - start), np.float32)
        part = sound[:, start:stop]
        out[:, : part.shape[1]] = part
        return out

    hearing = None if aloud is None else Hearing(aloud, lambda some: None)
    made = produced(score, lines, play, workers, say, hearing)
    lacking = sorted({line.part.instrument for line in ours if line.events and line.part.role != "fx"})
    facts = {"name": font.name, "copyright": font.copyright}
    return replace(
        made, distinct_notes=len(set(keys)), rendered_notes=notes.rendered, own_voices=tuple(lacking), soundfont=facts
    )


def preset(font: SoundFontFile, name: str) -> tuple[int, int] | None:
    """(bank, program) of the SoundFont for one of our instruments; for a kit it lacks, the standard kit. None: not
    there."""
    number = program(name)
    if number is None:
        return None
    wanted = [(DRUM_BANK, number), (DRUM_BANK, 0)] if is_kit(name) else [(0, number)]
    return next((place for place in wanted if place in font.presets), None)


def _player() -> Any:
    try:
        import tinysoundfont
    except ImportError:
        raise SetupError(
            "Playing from a SoundFont needs the package tinysoundfont.",
            "Install it without its sound-card driver: pip install --no-deps -r requirements-soundfont.txt. "
            "Our own sounds work without it.",
        ) from None
    return tinysoundfont


def _room(score: Score, line: Line) -> int:
    """Frames to the end of the piece, and for what rings past it (a loop hears that at its start)."""
    last = max(event.onset + (event.held or 0) for event in line.events)
    return max(round(score.seconds * SAMPLE_RATE), last) + 6 * SAMPLE_RATE


def _played(synth: Any, loaded: int, place: tuple[int, int], line: Line, frames: int) -> Sound | None:
    """The line at our instruments' level, panned; None where the preset stays silent."""
    drums = is_kit(line.part.instrument)
    synth.sounds_off(0)
    synth.generate_simple(SAMPLE_RATE // 10)  # the line before has left the player
    try:
        synth.program_select(0, loaded, place[0], place[1], drums)
    except RuntimeError:
        return None
    sound = bytearray(8 * frames)  # two channels, four bytes each
    view = memoryview(sound)
    now = 0
    for at, turns_on, pitch, velocity in _keys(line, drums):
        if at >= frames:
            break
        if at > now:
            synth.generate_simple(at - now, buffer=view[8 * now : 8 * at])
            now = at
        if turns_on:
            synth.noteon(0, pitch, velocity)
        else:
            synth.noteoff(0, pitch)
    synth.generate_simple(frames - now, buffer=view[8 * now :])
    stereo = np.ascontiguousarray(np.frombuffer(sound, np.float32).reshape(-1, 2).T)
    loud = _loud(stereo)
    if not np.isfinite(stereo).all() or loud < _FAINT:
        return None
    played = float(np.mean([event.gain for event in line.events]))
    return panned(stereo * np.float32(_LEVEL * played / loud), line.part.pan)


def _keys(line: Line, drums: bool) -> list[tuple[int, bool, int, int]]:
    """(frame, down or up, pitch, velocity), keys let go before others are struck in the same moment."""
    keys = []
    curve = instrument(line.part.instrument).curve
    for event in line.events:
        velocity = min(127, max(1, round(127 * event.gain ** (1 / curve))))
        keys.append((event.onset, True, event.key.pitch, velocity))
        if event.held is not None and not drums:
            keys.append((event.onset + event.held, False, event.key.pitch, 0))
    return sorted(keys)


def _loud(sound: Sound) -> float:
    """Level of the loud moments: the 90th percentile of what sounds, in windows of 0.4 s."""
    window = round(0.4 * SAMPLE_RATE)
    count = sound.shape[1] // window
    power = np.square(sound[:, : count * window]).mean(axis=0).reshape(count, window).mean(axis=1)
    sounding = power[power > 1e-12]
    return float(np.sqrt(np.percentile(sounding, 90))) if sounding.size else 0.0
