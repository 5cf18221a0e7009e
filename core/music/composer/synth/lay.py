"""Laying notes from the bank into a part: onset to the sample, gain, release, pan."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.music.composer.synth.bank import NoteBank
from core.music.composer.synth.plan import Line
from core.music.composer.synth.shape import SAMPLE_RATE, Sound
from core.music.composer.synth.sounds import balance, instrument, is_kit

_CHOKE_S = 0.035


def lay(line: Line, bank: NoteBank, start: int, stop: int) -> Sound:
    """(2, stop - start): what sounds between these frames. Notes that reach past the end are cut there: the caller leaves
    room for tails, or asks for the next frames, which go on with them."""
    out = np.zeros((2, stop - start), np.float32)
    left, right = balance(line.part.pan)
    release_s = _CHOKE_S if is_kit(line.part.instrument) else instrument(line.part.instrument).release_s
    for event in line.events:
        if event.onset >= stop:
            continue  # its note may not have been made yet
        note = bank[event.key]
        samples = note.samples
        reach = samples.shape[1]
        release = None
        if event.held is not None and event.held < reach:
            release = _release(release_s)
            reach = min(reach, event.held + release.size)
        first, last = max(0, start - event.onset), min(reach, stop - event.onset)
        if first >= last:
            continue
        level = np.float32(note.scale * event.gain)
        sound = samples[:, first:last] * level
        if release is not None and event.held is not None and last > event.held:
            let_go = max(first, event.held)
            sound[:, let_go - first :] *= release[let_go - event.held : last - event.held]
        place = slice(event.onset + first - start, event.onset + last - start)
        if left == right == 1.0 and sound.shape[0] == 2:
            out[:, place] += sound
        else:
            out[0, place] += sound[0] * np.float32(left)
            out[1, place] += sound[-1] * np.float32(right)
    return out


def panned(sound: Sound, pan: float) -> Sound:
    """A stereo sound moved to one side, in place."""
    left, right = balance(pan)
    sound[0] *= np.float32(left)
    sound[1] *= np.float32(right)
    return sound


@lru_cache(maxsize=64)
def _release(seconds: float) -> Sound:
    """From one to nothing: an exponential that really ends."""
    n = max(64, round(seconds * SAMPLE_RATE))
    t = np.arange(n, dtype=np.float32) / np.float32(n)
    curve: Sound = np.exp(-5 * t) * (1 - t)
    return curve
