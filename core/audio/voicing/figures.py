"""Everything the before/after table shows, measured on a sound that comes in blocks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import r128
from core.audio.peaks import TruePeak, tops
from core.audio.voicing.levels import DIGITAL_SILENCE_DB, FRAMES_PER_SECOND, VoiceLevel, levels_db, of_frames, speaking

Samples = NDArray[np.float32]

SIBILANT_HZ = (5000.0, 9000.0)
_ROOM_S = 0.03
"""The stretch over which a noise floor is read: speech without a pause still has the closures before its p and t."""
_TINY = 1e-12


@dataclass(frozen=True)
class Figures:
    """None: not to be told (silence has no loudness)."""

    duration_s: float
    sample_rate: int
    channels: int
    lufs: float | None
    true_peak_dbtp: float | None
    peak_dbfs: float | None
    rms_dbfs: float | None
    """Of the whole file, pauses included."""
    noise_floor_dbfs: float | None
    """RMS of the quietest 30 ms; DIGITAL_SILENCE_DB where there is nothing in it."""
    sibilance_db: float | None
    """The strongest twentieth of 5-9 kHz while somebody speaks, over the speaking voice below 5 kHz."""
    snr_db: float | None
    """Speaking voice over noise floor; None where the pauses are silent or there are none."""
    head_s: float
    tail_s: float
    """Before the first word and after the last."""

    def as_dict(self) -> dict[str, Any]:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


class Meter:
    """Blocks must begin on whole seconds (core.audio.streaming.block_frames sees to it), so that no frame is split."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.sample_rate, self.channels = sample_rate, channels
        self._powers, self._peak = r128.Powers(sample_rate), TruePeak()
        self._frames, self._energy, self._highest = 0, 0.0, 0.0
        self._levels: list[NDArray[np.float64]] = []
        self._bands: list[NDArray[np.float64]] = []
        self._tops: list[NDArray[np.float32]] = []
        self._state: NDArray[np.float64] | None = None

    def feed(self, samples: Samples) -> None:
        if samples.shape[1] == 0:
            return
        self._frames += samples.shape[1]
        self._energy += float(np.square(samples, dtype=np.float64).sum()) / samples.shape[0]
        self._highest = max(self._highest, float(np.abs(samples).max()))
        self._powers.feed(samples)
        self._peak.feed(samples)
        self._levels.append(levels_db(samples, self.sample_rate))
        self._tops.append(tops(samples, self.sample_rate, FRAMES_PER_SECOND))
        self._bands.append(levels_db(self._band(samples), self.sample_rate))

    def _band(self, samples: Samples) -> Samples:
        from scipy.signal import butter, sosfilt

        if self.sample_rate <= 2.2 * SIBILANT_HZ[0]:
            return np.zeros_like(samples)
        high = min(SIBILANT_HZ[1], 0.45 * self.sample_rate)
        sections = butter(4, (SIBILANT_HZ[0], high), btype="bandpass", fs=self.sample_rate, output="sos")
        if self._state is None:
            self._state = np.zeros((len(sections), samples.shape[0], 2))
        heard, self._state = sosfilt(sections, samples.astype(np.float64), axis=1, zi=self._state)
        return np.asarray(heard, dtype=np.float32)

    @property
    def frames_db(self) -> NDArray[np.float64]:
        return np.concatenate(self._levels) if self._levels else np.zeros(0)

    @property
    def tops(self) -> NDArray[np.float32]:
        return np.concatenate(self._tops) if self._tops else np.zeros(1, dtype=np.float32)

    def voice_level(self) -> VoiceLevel | None:
        return of_frames(self.frames_db)

    def figures(self, added_s: tuple[float, float] = (0.0, 0.0)) -> Figures:
        """`added_s`: what was put on at head and tail, where no noise floor is to be read: the pauses between the words
        are what a listener hears."""
        frames, spoken = self.frames_db, speaking(self.frames_db)
        seconds = self._frames / self.sample_rate
        silent = self._highest < 1e-7
        said = np.flatnonzero(_lasting(spoken))
        floor = None if silent or frames.size < 2 else max(_quietest_db(_without(frames, added_s)), DIGITAL_SILENCE_DB)
        speech = None if not spoken.any() else 10 * float(np.log10(np.mean(10 ** (frames[spoken] / 10))))
        quiet = floor is None or floor <= DIGITAL_SILENCE_DB or speech is None or speech - floor < 3
        return Figures(
            seconds, self.sample_rate, self.channels, r128.integrated(self._powers.tens), self._peak.dbtp,
            None if silent else 20 * float(np.log10(self._highest)),
            None if silent else 10 * float(np.log10(self._energy / self._frames)),
            floor, self._sibilance(frames, spoken), None if quiet or speech is None or floor is None else speech - floor,
            float(said[0]) / FRAMES_PER_SECOND if said.size else seconds,
            max(0.0, seconds - float(said[-1] + 1) / FRAMES_PER_SECOND) if said.size else 0.0,
        )  # fmt: skip

    def _sibilance(self, frames: NDArray[np.float64], spoken: NDArray[np.bool_]) -> float | None:
        band = np.concatenate(self._bands) if self._bands else np.zeros(0)
        if not spoken.any() or float(band.max(initial=-200.0)) < DIGITAL_SILENCE_DB:
            return None
        whole, high = 10 ** (frames[spoken] / 10), 10 ** (band[spoken] / 10)
        voice = float(np.maximum(whole - high, 0).mean())
        strongest = np.sort(high)[-max(1, high.size // 20) :]
        return 10 * float(np.log10((float(strongest.mean()) + _TINY) / (voice + _TINY)))


def measure(samples: Samples, sample_rate: int) -> Figures:
    meter = Meter(sample_rate, samples.shape[0])
    meter.feed(samples)
    return meter.figures()


def _lasting(spoken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without clicks: at least three frames of five."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(spoken & (uniform_filter1d(spoken.astype(np.float64), 5, mode="constant") >= 0.55))


def _without(frames: NDArray[np.float64], added_s: tuple[float, float]) -> NDArray[np.float64]:
    head, tail = (int(np.ceil(seconds * FRAMES_PER_SECOND)) for seconds in added_s)
    kept = frames[head : frames.size - tail]
    return kept if kept.size > 1 else frames


def _quietest_db(frames_db: NDArray[np.float64]) -> float:
    size = min(frames_db.size, round(_ROOM_S * FRAMES_PER_SECOND))
    total = np.concatenate([[0.0], np.cumsum(10 ** (frames_db / 10))])
    return 10 * float(np.log10(max(float((total[size:] - total[:-size]).min()) / size, _TINY)))
