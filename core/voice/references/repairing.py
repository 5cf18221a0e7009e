"""What can be mended without touching the voice: ends and gaps trimmed, rumble and hum cut, the sounding channel kept,
level set. What cannot (clipping, noise, a room, music, another speaker) is left for a new recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import fade
from core.audio.r128 import integrated, powers
from core.voice.references.checking import check
from core.voice.references.hearing import SPEAKING, Samples, hear
from core.voice.references.report import ReferenceReport
from core.voice.references.standard import standard

_MARGIN_S, _LONGEST_PAUSE_S, _KEPT_PAUSE_S = 0.25, 1.2, 0.6
_RUMBLE_HZ = 70.0
_HARMONICS = (1, 2, 3, 4, 5, 6)
_WIDTH_HZ = 2.0
_CEILING = 10 ** (-1.5 / 20)
_FADE_S = 0.01
_LEAST_DB = 0.5


@dataclass(frozen=True)
class Repaired:
    samples: Samples
    """(1, frames) where anything was done, else what came in."""
    done: tuple[str, ...]
    """What was done, in plain words; empty where nothing helped."""
    report: ReferenceReport
    """Of the repaired recording: never a lower score than before."""


def repair(samples: Samples, sample_rate: int, report: ReferenceReport) -> Repaired:
    """The steps in order; one that would lower the score or lose the right to be used is left out."""
    best = Repaired(samples, (), report)
    for step in (_one_channel, _without_hum, _trimmed, _levelled):
        changed, said = step(best.samples, sample_rate, best.report)
        if not said:
            continue
        found = check(changed, sample_rate)
        if found.score >= best.report.score and found.usable >= best.report.usable:
            best = Repaired(changed, (*best.done, said), found)
    return best


def _one_channel(samples: Samples, _sample_rate: int, report: ReferenceReport) -> tuple[Samples, str]:
    from core.audio.mono import heard

    if samples.shape[0] == 1:
        return samples, ""
    power = np.square(samples, dtype=np.float64).mean(axis=1)
    broken = [name for name in ("dead_channel", "mono") if report.named(name).verdict == "problem"]
    if broken:
        return samples[int(power.argmax())][None].copy(), "Only the channel that sounds was kept."
    return heard(samples)[None], "The channels were mixed to mono."


def _without_hum(samples: Samples, sample_rate: int, report: ReferenceReport) -> tuple[Samples, str]:
    """High-pass under the lowest voice; where there is hum, notches 2 Hz wide as well, run both ways: no delay."""
    from scipy.signal import butter, iirnotch, sosfiltfilt, tf2sos

    if sample_rate < 8 * _RUMBLE_HZ or samples.shape[1] < sample_rate // 4:
        return samples, ""
    sections = butter(4, _RUMBLE_HZ, "high", fs=sample_rate, output="sos")
    said = "Rumble under 70 Hz was cut."
    hum = report.named("hum")
    if hum.verdict == "problem":
        mains = 60 if "60 Hz" in hum.reason else 50
        notches = [tf2sos(*iirnotch(mains * h, mains * h / _WIDTH_HZ, fs=sample_rate)) for h in _HARMONICS]
        sections = np.concatenate([sections, *notches])
        said = f"Mains hum ({mains} Hz and its multiples) and rumble were cut."
    return sosfiltfilt(sections, samples, axis=1).astype(np.float32), said


def _trimmed(samples: Samples, sample_rate: int, _report: ReferenceReport) -> tuple[Samples, str]:
    """From a quarter of a second before the first word to one after the last; pauses over 1.2 s shortened to 0.6 s."""
    heard = hear(samples, sample_rate)
    speaking = np.flatnonzero(heard.activity > SPEAKING)
    if speaking.size == 0:
        return samples, ""
    pieces = [samples[:, first:last] for first, last in _kept(speaking, sample_rate, samples.shape[1])]
    trimmed = np.concatenate([fade(piece, sample_rate, in_s=_FADE_S, out_s=_FADE_S) for piece in pieces], axis=1)
    gone = (samples.shape[1] - trimmed.shape[1]) / sample_rate
    if gone < 0.1:
        return samples, ""
    return trimmed, f"{gone:.1f} s of silence were cut at the ends and in long pauses."


def _kept(speaking: NDArray[np.int64], sample_rate: int, frames: int) -> list[tuple[int, int]]:
    """Frame ranges: words with their margins; the pause between two of them is the two margins, or as it was."""
    cuts = np.flatnonzero(np.diff(speaking) > _LONGEST_PAUSE_S * 100) + 1
    spans = []
    for words in np.split(speaking, cuts):
        margin = _KEPT_PAUSE_S / 2 if cuts.size else _MARGIN_S
        first, last = words[0] / 100 - margin, (words[-1] + 1) / 100 + margin
        spans.append((max(0, round(first * sample_rate)), min(frames, round(last * sample_rate))))
    return spans


def _levelled(samples: Samples, sample_rate: int, _report: ReferenceReport) -> tuple[Samples, str]:
    """One gain for all, never over -1.5 dBFS."""
    target = float(standard()["repair_lufs"])
    lufs = integrated(powers(samples, sample_rate))
    peak = float(np.abs(samples).max(initial=0.0))
    if lufs is None or peak == 0:
        return samples, ""
    gain = min(10 ** ((target - lufs) / 20), _CEILING / peak)
    moved = 20 * float(np.log10(gain))
    if abs(moved) < _LEAST_DB:
        return samples, ""
    return (samples * np.float32(gain)), f"The level was set from {lufs:.0f} to {lufs + moved:.0f} LUFS."
