"""Speech written window by window: each brought to the same level, so that an hour takes the memory of two minutes."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPEECH_LUFS = -16.0
"""Spoken word in mono for the web and podcasts; the mix sets its own level later."""
CEILING_DBTP = -1.0
PEAK_COLUMNS = 800


class LevelledFile:
    """A mono WAV of 24 bits, because the level changes after the engine's 16."""

    def __init__(self, path: Path, sample_rate: int, volume_db: float) -> None:
        """`volume_db`: above or below SPEECH_LUFS."""
        import soundfile

        from core.audio.loudness import LoudnessTarget

        self._rate = sample_rate
        self._target = LoudnessTarget("speech", SPEECH_LUFS + volume_db, CEILING_DBTP)
        self._out = soundfile.SoundFile(path, "w", sample_rate, 1, "PCM_24", format="WAV")
        self._columns: list[NDArray[np.float32]] = []
        self._levels: list[tuple[float, int]] = []
        self._highest = -np.inf
        self.frames = 0

    def __enter__(self) -> LevelledFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._out.close()

    def add(self, samples: NDArray[np.float32]) -> None:
        """(1, frames). Windows should end in pauses and be long enough to have a loudness: seconds, better minutes."""
        from core.audio.loudness import normalise

        mastered = normalise(samples, self._rate, self._target)
        self._out.write(mastered.samples[0])
        self.frames += samples.shape[1]
        self._columns.append(_columns(mastered.samples[0]))
        if mastered.lufs is not None:
            self._levels.append((mastered.lufs, samples.shape[1]))
        self._highest = max(self._highest, -np.inf if mastered.dbtp is None else mastered.dbtp)

    def facts(self) -> dict[str, Any]:
        from core.audio.files import peaks

        return {
            "duration_s": round(self.frames / self._rate, 4),
            "format": "wav",
            "sample_rate": self._rate,
            "channels": 1,
            "lufs": _mean_level(self._levels),
            "true_peak_dbtp": None if np.isinf(self._highest) else round(float(self._highest), 2),
            "peaks": peaks(np.concatenate(self._columns)[None, :], PEAK_COLUMNS),
        }


def _mean_level(levels: list[tuple[float, int]]) -> float | None:
    if not levels:
        return None
    power = sum(frames * 10 ** (lufs / 10) for lufs, frames in levels) / sum(frames for _, frames in levels)
    return round(10 * float(np.log10(power)), 2)


def _columns(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The loudest of every 64 frames: enough for a waveform, and little to keep."""
    padded = np.pad(np.abs(samples), (0, -samples.size % 64))
    return np.asarray(padded.reshape(-1, 64).max(axis=1), dtype=np.float32)
