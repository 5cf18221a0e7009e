"""The level of speech that is heard while it is made.

A finished file is brought to its level as a whole, which a stream cannot know. Here every voice gets one gain, from its
first sentence, and keeps it: sentences stay as loud beside each other as the engine spoke them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.voice.levelled import CEILING_DBTP, SPEECH_LUFS

Samples = NDArray[np.float32]
_MOST_DB = 24.0
"""More would be noise, not speech, brought up."""


class StreamLevel:
    def __init__(self, volume_db: float) -> None:
        """`volume_db`: above or below SPEECH_LUFS."""
        self._target = SPEECH_LUFS + volume_db
        self._gains: dict[str, float] = {}

    def levelled(self, voice: str, samples: Samples, sample_rate: int) -> Samples:
        """(1, frames); no true peak above CEILING_DBTP."""
        from core.audio.limiter import limit
        from core.audio.meters import integrated_lufs

        if voice not in self._gains:
            loud = integrated_lufs(samples, sample_rate)
            if loud is None:  # silence: the next one is measured
                return limit(samples, sample_rate, CEILING_DBTP)[0]
            self._gains[voice] = float(np.clip(self._target - loud, -_MOST_DB, _MOST_DB))
        louder = (samples * np.float32(10 ** (self._gains[voice] / 20))).astype(np.float32)
        return limit(louder, sample_rate, CEILING_DBTP)[0]
