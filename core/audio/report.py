"""The parts of a report: from what was listened to, to figures, curves and pictures, rounded for people and for JSON."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import beats, harmony, picture, r128, sections, spectrum, stereo, tempo
from core.audio.listening import PICTURE_PER_SECOND, Listening
from core.audio.spectrum import CHROMA_PER_SECOND, FRAMES_PER_SECOND

Curve = NDArray[Any]

COLUMNS = 800
"""Of the waveform."""
POINTS = 600
"""Most points of a curve: as many as a wide screen shows."""
_QUIETEST_LUFS = -90.0
_MOST_BEATS = 20_000


def loudness(heard: Listening, lufs: float | None) -> dict[str, Any]:
    tens = heard.powers.tens
    return {
        "integrated_lufs": _rounded(lufs), "range_lu": _rounded(r128.loudness_range(tens)),
        "momentary_max_lufs": _loudest(r128.momentary(tens, every=1)),
        "short_term_max_lufs": _loudest(r128.short_term(tens, every=1)),
    }  # fmt: skip


def dynamics(heard: Listening, lufs: float | None) -> dict[str, Any]:
    """Crest factor: sample peak over RMS. PLR: true peak over integrated loudness. Range: from the 10th to the 95th
    percentile of the momentary loudness above -70 LUFS: how far loud and soft lie apart from moment to moment."""
    frames = heard.seconds * heard.sample_rate
    rms = 10 * float(np.log10(heard.energy / max(1.0, frames) + 1e-20))
    peak = 20 * float(np.log10(max(heard.highest, 1e-10)))
    moments = r128.momentary(heard.powers.tens)
    moments = moments[moments > -70]
    spread = float(np.subtract(*np.percentile(moments, [95, 10]))) if moments.size else None
    peak_dbtp = heard.peak.dbtp
    plr = None if lufs is None or peak_dbtp is None else peak_dbtp - lufs
    silent = heard.highest < 1e-5
    return {
        "rms_dbfs": None if silent else _rounded(rms), "peak_dbfs": None if silent else _rounded(peak),
        "crest_db": None if silent else _rounded(peak - rms), "plr_lu": _rounded(plr), "range_lu": _rounded(spread),
    }  # fmt: skip


def long_term_spectrum(heard: Listening) -> dict[str, Any]:
    average = heard.average
    centres, levels = spectrum.bands(average)
    centroid, rolloff = spectrum.centre_and_rolloff(average)
    return {"centroid_hz": round(centroid, 1), "rolloff_hz": round(rolloff, 1), "bands_hz": centres, "bands_db": levels}


def energy(heard: Listening, lufs: float | None) -> float:
    """0 to 1: how driving it is. Half of it is loudness (-36 to -8 LUFS), a third how much begins (onsets), the rest how
    bright it is (centroid 500 to 4,000 Hz). A rule of thumb for sorting, not a standard."""
    if lufs is None:
        return 0.0
    onsets = float(np.concatenate(heard.flux).mean())
    centroid, _ = spectrum.centre_and_rolloff(heard.average)
    loud = np.clip((lufs + 36) / 28, 0, 1)
    busy = np.clip(onsets / 12, 0, 1)
    bright = np.clip(np.log2(max(centroid, 1.0) / 500) / 3, 0, 1)
    return round(float(loud / 2 + busy / 3 + bright / 6), 3)


def waveform(heard: Listening) -> list[int]:
    """Columns of 0 to 100, as files.peaks() gives them."""
    tops = np.concatenate(heard.tops)
    count = min(COLUMNS, tops.size)
    columns = np.maximum.reduceat(tops, np.arange(count) * tops.size // count)
    return [int(value) for value in np.rint(np.clip(columns, 0, 1) * 100)]


def details(heard: Listening, beat: tempo.Tempo | None, key: str | None) -> dict[str, Any]:
    """What the full report has more."""
    chroma = np.concatenate(heard.chroma, axis=1)
    mel = np.concatenate(heard.mel, axis=1)
    onsets = tempo.onset_curve(np.concatenate(heard.flux))
    steady = beat is not None and beat.confidence >= tempo.STEADY and onsets.size > 0
    found = beats.track(onsets, beat.bpm) if steady and beat is not None else np.zeros(0)
    first, meter = beats.bars(found, np.concatenate(heard.bass_flux).astype(np.float64), chroma)
    chords = harmony.chords(chroma, first, heard.seconds, key) if key is not None else []
    parts = sections.find(mel, PICTURE_PER_SECOND, chroma, CHROMA_PER_SECOND, first, heard.seconds)
    told = np.concatenate(heard.spoken)
    return {
        "beats": [round(float(at), 3) for at in found[:_MOST_BEATS]], "bars": [round(float(at), 3) for at in first],
        "beats_per_bar": meter if found.size else None,
        "chords": [
            {"bar": each.bar, "start_s": round(each.start_s, 2), "end_s": round(each.end_s, 2), "chord": each.name,
             "confidence": each.confidence}
            for each in chords
        ],
        "sections": [{"start_s": each.start_s, "end_s": each.end_s, "label": each.label} for each in parts],
        "speech_share": round(float((told > 0.5).mean()), 3) if told.size else None,
        "curves": curves(heard),
        "stereo": image(heard),
        "mel_png": base64.b64encode(picture.png(mel)).decode(),
    }  # fmt: skip


def curves(heard: Listening) -> dict[str, Any]:
    tens = heard.powers.tens
    momentary, short = r128.momentary(tens), r128.short_term(tens)
    level = np.concatenate(heard.levels)
    centroid = np.concatenate(heard.centroid)
    whole = heard.seconds
    return {
        "momentary_lufs": curve(np.maximum(momentary, _QUIETEST_LUFS), 0.4, whole, np.max),
        "short_term_lufs": curve(np.maximum(short, _QUIETEST_LUFS), 3.0, whole, np.max),
        "energy_dbfs": curve(np.maximum(_smooth(level), -90), 0.0, whole, np.mean),
        "brightness_hz": curve(_smooth(centroid), 0.0, whole, np.mean),
    }


def image(heard: Listening) -> dict[str, Any] | None:
    if not heard.sums:
        return None
    sums = stereo.joined(heard.sums)
    return stereo.image(sums) | {
        "curves": {
            "correlation": curve(stereo.correlation(sums), 0.0, heard.seconds, np.min, 3),
            "width": curve(stereo.width(sums), 0.0, heard.seconds, np.mean, 3),
            "balance_db": curve(stereo.balance_db(sums), 0.0, heard.seconds, np.mean, 2),
        }
    }


def curve(values: Curve, window_s: float, seconds: float, gather: Any, digits: int = 1) -> dict[str, Any]:
    """{start_s, step_s, values}: a value stands for the time around start_s + n · step_s; windows are told by their end,
    as meters show them. Longer curves are thinned to POINTS, each the `gather` of its stretch."""
    count = min(POINTS, values.size)
    if count == 0:
        return {"start_s": 0.0, "step_s": 0.0, "values": []}
    edges = np.arange(count + 1) * values.size // count
    kept = [gather(values[first:last]) for first, last in itertools.pairwise(edges)]
    span = max(0.0, seconds - window_s)
    return {
        "start_s": round(min(window_s, seconds), 3), "step_s": round(span / count, 5),
        "values": [round(float(value), digits) for value in kept],
    }  # fmt: skip


def _smooth(values: Curve) -> Curve:
    """From 100 a second to 10."""
    step = FRAMES_PER_SECOND // PICTURE_PER_SECOND
    edges = np.arange(0, values.size, step)
    return np.asarray(np.add.reduceat(values, edges, dtype=np.float64) / np.diff([*edges.tolist(), values.size]))


def _loudest(values: Curve) -> float | None:
    top = float(values.max(initial=-200.0))
    return _rounded(top) if top > -100 else None


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
