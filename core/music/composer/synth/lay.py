"""Laying notes from the bank into a part: onset to the sample, gain, release, pan."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.music.composer.synth.bank import NoteBank
from core.music.composer.synth.plan import Line
from core.music.composer.synth.shape import SAMPLE_RATE, Sound
from core.music.composer.synth.sounds import balance, instrument, is_kit

_CHOKE_S = 0.035


def lay(line: Line, bank: NoteBank, frames: int) -> Sound:
    """(2, frames). Notes that reach past the end are cut there: the caller leaves room for tails."""
    out = np.zeros((2, frames), np.float32)
    left, right = balance(line.part.pan)
    release_s = _CHOKE_S if is_kit(line.part.instrument) else instrument(line.part.instrument).release_s
    for event in line.events:
        note = bank[event.key]
        samples = note.samples
        reach = min(samples.shape[1], frames - event.onset)
        release = None
        if event.held is not None and event.held < reach:
            release = _release(release_s)
            reach = min(reach, event.held + release.size)
        if reach <= 0:
            continue
        level = np.float32(note.scale * event.gain)
        sound = samples[:, :reach] * level
        if release is not None and event.held is not None:
            sound[:, event.held : reach] *= release[: reach - event.held]
        place = slice(event.onset, event.onset + reach)
        if left == right == 1.0 and sound.shape[0] == 2:
            out[:, place] += sound
        else:
            out[0, place] += sound[0] * np.float32(left)
            out[1, place] += sound[-1] * np.float32(right)
    return out


@lru_cache(maxsize=64)
def _release(seconds: float) -> Sound:
    """From one to nothing: an exponential that really ends."""
    n = max(64, round(seconds * SAMPLE_RATE))
    t = np.arange(n, dtype=np.float32) / np.float32(n)
    curve: Sound = np.exp(-5 * t) * (1 - t)
    return curve
