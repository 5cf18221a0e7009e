"""Is this recording good enough to learn a voice from? For a child process: it takes a second for a minute of sound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.kit.errors import UserError
from core.voice.references import bandwidth, card, channels, level, music, noise, reverb, speakers
from core.voice.references.hearing import Heard, Samples, hear
from core.voice.references.report import ReferenceReport
from core.voice.references.standard import Figure, judge, names, standard

_SHORTEST_FRAMES = 16


def check(samples: Samples, sample_rate: int) -> ReferenceReport:
    """`samples` (channels, frames). UserError where it is not sound at all; everything else is a line of the report."""
    judged, duration_s = _judged(samples, sample_rate)
    heard = hear(judged, sample_rate)
    told = {name: judge(name, figure, vouched=card.vouched(name)) for name, figure in measured(heard).items()}
    checks = tuple(told[name][0] for name in names())
    score = round(max(0.0, 1.0 - sum(each.points_lost for each in checks)), 3)
    fatal = any(beyond for _, beyond in told.values())
    fatal |= heard.speech_s < float(standard()["checks"]["length"]["low"]["unusable"])  # even where noise hides it
    usable = not fatal and score >= float(standard()["usable_score"])
    return ReferenceReport(round(duration_s, 3), round(heard.speech_s, 2), checks, score, usable)


def measured(heard: Heard) -> dict[str, Figure]:
    """The figure of every check, whatever it is worth."""
    samples, rate = heard.samples, heard.sample_rate
    share = heard.speech_s / heard.seconds
    if level.empty(samples):
        silent = {name: Figure(None) for name in _MEASURES}
        return silent | {"length": Figure(0.0), "silence": Figure(heard.seconds), "speech_share": Figure(None)}
    hum, mains = noise.hum_db(heard)
    found = {name: Figure(measure(heard)) for name, measure in _MEASURES.items()}
    found |= {"hum": Figure(hum, mains), "length": Figure(heard.speech_s), "speech_share": Figure(share)}
    found["silence"] = Figure(level.silent_s(samples, rate))
    return found | {name: Figure(None) for name in _hidden(found)}


def _hidden(found: dict[str, Figure]) -> list[str]:
    """What another fault makes impossible to tell."""
    hidden = []
    snr, ring = found["noise"].value, found["reverb"].value
    if snr is not None and snr < _TOO_NOISY_FOR_ROOM_DB:
        hidden.append("reverb")
    if snr is not None and snr < float(standard()["checks"]["noise"]["low"]["under"]):
        hidden.append("speech_share")
        if (found["length"].value or 0.0) < float(standard()["checks"]["length"]["low"]["under"]):
            hidden.append("length")
    if ring is not None and ring > _TOO_WET_FOR_VOICES_S:
        hidden.append("speakers")
    return hidden


_TOO_NOISY_FOR_ROOM_DB = 8.0
"""Noise fills the gaps into which a room would ring."""
_TOO_WET_FOR_VOICES_S = 0.5
"""A room colours every syllable anew, which looks like another speaker."""

_MEASURES: dict[str, Callable[[Heard], float | None]] = {
    "level": level.loudness_lufs,
    "clipping": lambda heard: level.clipped_s(heard.samples, heard.sample_rate),
    "noise": noise.snr_db,
    "hum": lambda heard: noise.hum_db(heard)[0],
    "reverb": reverb.ring_s,
    "music": music.likelihood,
    "speakers": speakers.wandering,
    "bandwidth": bandwidth.bandwidth_hz,
    "dead_channel": lambda heard: channels.softer_side_db(heard.samples),
    "mono": lambda heard: channels.lost_in_mono_db(heard.samples),
}


def _judged(samples: Samples, sample_rate: int) -> tuple[Samples, float]:
    """(what is judged, the whole's seconds)."""
    if samples.ndim != 2 or samples.shape[0] < 1 or sample_rate <= 0 or samples.shape[1] < _SHORTEST_FRAMES:
        raise UserError(
            "The recording holds no sound.", "Record 6 to 30 s of speech and upload that.", "reference_empty"
        )
    duration_s = samples.shape[1] / sample_rate
    judged = samples[:, : round(float(standard()["judged_s"]) * sample_rate)]
    if not np.isfinite(judged).all():
        raise UserError("The sound holds values that are not numbers.", "Render it again.", "not_finite")
    return judged, duration_s
