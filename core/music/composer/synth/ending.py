"""The last moments of a piece, as a gain over all of it."""

from __future__ import annotations

import numpy as np

from core.music.composer.score import Score
from core.music.composer.synth.plan import beat_frames
from core.music.composer.synth.shape import SAMPLE_RATE, Sound

_FADE_S, _CUT_S = 8.0, 0.012


def ending_of(score: Score, frames: int) -> Sound:
    """A long fade, a dead stop where the last note ends, or a chord let ring and then let go."""
    curve = np.ones(frames, np.float32)
    if score.ending == "fade":
        length = min(round(_FADE_S * SAMPLE_RATE), frames // 3)
        place = np.linspace(0, 1, length, dtype=np.float32)
        curve[-length:] = np.clip(np.cos(place * np.float32(np.pi / 2)), 0, 1) ** 1.5 * (1 - place**6)
        curve[-1] = 0
    elif score.ending == "cut":
        last = max((note.beat + note.beats for part in score.parts for note in part.notes), default=0.0)
        stop = min(frames, round(last * beat_frames(score)))
        length = min(round(_CUT_S * SAMPLE_RATE), stop)
        curve[stop - length : stop] = 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, length, dtype=np.float32))
        curve[stop:] = 0
    else:
        length = max(1, min(round(max(0.4, score.tail_s * 0.6) * SAMPLE_RATE), frames // 4))
        place = np.linspace(0, 1, length, dtype=np.float32)
        curve[-length:] = 0.5 + 0.5 * np.cos(place * np.float32(np.pi))
    return curve
