"""Which rate makes a voice so much faster: measured on the words that are to be spoken.

The engine's rate is words a minute by intention only; what 380 does differs between voices and texts by a quarter. The
beginning of the text at a few rates around the expected one takes a tenth of a second to speak, and only when a speed
other than 1 is asked for.
"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from core.voice.providers.espeak_process import library, speak

NORMAL_RATE = 175
"""Words a minute at speed 1: the engine's own default."""
SAMPLE_CHARACTERS = 240
_SLOWEST, _FASTEST = 80, 450
_AROUND = (0.88, 0.92, 0.96, 1.0, 1.04, 1.08, 1.12, 1.17, 1.23)


@lru_cache(maxsize=256)
def rate(voice: str, sample: str, speed: float) -> int:
    """The rate of the engine at which `voice` (fr+f3) says `sample` `speed` times as fast as at NORMAL_RATE."""
    if speed == 1.0:
        return NORMAL_RATE
    rates = sorted({min(_FASTEST, max(_SLOWEST, round(NORMAL_RATE * speed * factor))) for factor in _AROUND})
    if speed > 1.8:
        rates.append(_FASTEST)
    shared = {"text": sample, "voice": voice, "pitch": 50, "range": 50, "phonemes": False}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        segments = [{**shared, "rate": one} for one in (NORMAL_RATE, *rates)]
        normal, *tried = speak(segments, folder, library().data, folder / "pace.pcm")
    if not normal.frames:
        return min(_FASTEST, max(_SLOWEST, round(NORMAL_RATE * speed)))
    return min(
        zip(rates, tried, strict=True),
        key=lambda one: abs(normal.frames / max(1, one[1].frames) / speed - 1),
    )[0]
