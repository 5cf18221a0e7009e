"""The master: linear filters, then one gain over time, both applied alike to every stem, so stems add up to the mix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from core.audio.loudness import LoudnessTarget, integrated_lufs, normalise, true_peak_dbtp
from core.music.composer.synth.shape import SAMPLE_RATE, Section, Sound, biquad, filtered

TARGET_LUFS, CEILING_DBTP = -14.0, -1.3
"""0.3 dB under the promised -1 dBTP, which lossy exports need."""

_EDGE_S = 1.5
_BANDS: tuple[tuple[float, float, float], ...] = (
    (40, 90, 0.0), (90, 180, 0.0), (180, 350, -2.5), (350, 700, -4.0), (700, 1400, -5.5), (1400, 2800, -6.5),
    (2800, 5600, -9.5), (5600, 9000, -14.5), (9000, 14_000, -19.0),
)  # fmt: skip
"""Hz from, Hz to, level in dB: the long-term shape of finished records. The slope is that of Pestana et al. 2013
('Spectral characteristics of popular commercial recordings'), the presence region as in present-day pop mixes."""
_REACH_DB, _SHARE = 4.5, 0.65


@dataclass(frozen=True)
class Master:
    mix: Sound
    stems: dict[str, Sound]
    lufs: float
    dbtp: float


def correction(mix: Sound, air_db: float) -> tuple[Section, ...]:
    """Filters that lead the mix's long-term spectrum part of the way to the reference, never by more than 4.5 dB."""
    deviation = band_levels(mix) - np.array([level for *_, level in _BANDS])
    deviation -= np.median(deviation)
    sections: list[Section] = [biquad("high", 27.0)]
    for index, (low_hz, high_hz, _) in enumerate(_BANDS):
        change = float(np.clip(-_SHARE * deviation[index], -_REACH_DB, _REACH_DB))
        if index >= len(_BANDS) - 2:
            change += air_db
        if abs(change) < 0.3:
            continue
        centre = float(np.sqrt(low_hz * high_hz))
        if index == len(_BANDS) - 1:
            sections.append(biquad("high_shelf", low_hz, 0.7, change))
        else:
            sections.append(biquad("peak", centre, 1.1, change))
    sections.append(biquad("low", 18_500, 0.7))
    return tuple(sections)


def band_levels(mix: Sound) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Mean level of each reference band in dB, from up to 90 windows spread over the piece."""
    mono = mix.mean(axis=0)
    size = 8192
    starts = np.linspace(0, max(0, mono.size - size), 90).astype(int)
    window = np.hanning(size).astype(np.float32)
    frames = np.stack([np.resize(mono[start : start + size], size) for start in starts])
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).mean(axis=0)
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    levels = [power[(hz >= low_hz) & (hz < high_hz)].sum() for low_hz, high_hz, _ in _BANDS]
    return np.asarray(10 * np.log10(np.maximum(levels, 1e-12)))


def equalise(stems: dict[str, Sound], sections: tuple[Section, ...], workers: int) -> dict[str, Sound]:
    """In place, channel by channel: a filter works in double precision, and a long piece is large."""

    def run(sound: Sound) -> Sound:
        for channel in sound:
            channel[:] = filtered(channel, *sections)
        return sound

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        return dict(zip(stems, pool.map(run, stems.values()), strict=True))


def level(stems: dict[str, Sound], *, circular: bool) -> Master:
    """To -14 LUFS under the ceiling; the stems are changed in place. `circular`: the gain at the end meets the gain at the start (loops)."""
    mix = total(stems)
    if circular:
        curve = _circular_gain(mix)
        mix = mix * curve
        lufs, dbtp = integrated_lufs(mix, SAMPLE_RATE), true_peak_dbtp(mix, SAMPLE_RATE)
    else:
        done = normalise(mix, SAMPLE_RATE, LoudnessTarget("music", TARGET_LUFS, CEILING_DBTP))
        mix, curve, lufs, dbtp = done.samples, done.gain_curve, done.lufs, done.dbtp
    for sound in stems.values():
        np.multiply(sound, curve, out=sound)
    return Master(mix, stems, -70.0 if lufs is None else lufs, -120.0 if dbtp is None else dbtp)


def total(stems: dict[str, Sound]) -> Sound:
    sounds = list(stems.values())
    mix = sounds[0].copy()
    for sound in sounds[1:]:
        mix += sound
    return mix


def _circular_gain(mix: Sound) -> Sound:
    """The limiter hears the loop's end before its start and its start after its end."""
    frames = mix.shape[1]
    edge = frames if frames < 20 * SAMPLE_RATE else round(_EDGE_S * SAMPLE_RATE)
    around = np.concatenate([mix[:, -edge:], mix, mix[:, :edge]], axis=1)
    aim = TARGET_LUFS
    for _ in range(3):
        done = normalise(around, SAMPLE_RATE, LoudnessTarget("music", aim, CEILING_DBTP))
        curve = done.gain_curve[edge : edge + frames]
        drift = (integrated_lufs(mix * curve, SAMPLE_RATE) or aim) - TARGET_LUFS
        if abs(drift) < 0.1:
            break
        aim -= drift
    return curve
