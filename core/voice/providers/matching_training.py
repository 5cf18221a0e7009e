"""Learning a voice for voice matching: figures from the recordings, on this machine, without weights."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.voice.cloning.engine import KIND, PROFILE, Lesson
from core.voice.matching.characteristics import Characteristics
from core.voice.matching.likeness import LABEL, Likeness
from core.voice.providers.xtts_encoder import NAME, XttsEncoder

if TYPE_CHECKING:
    from core.voice.matching.training import TrainedProfile

MEASURES = (
    ("pitch_semitones", "Pitch", "semitones"), ("spread_semitones", "Liveliness", "semitones"),
    ("spectrum_db", "Timbre", "dB"), ("tract_percent", "Resonance", "%"),
)  # fmt: skip
_TIMEOUT_S = 600.0


class MatchingTraining:
    info = ProviderInfo(
        name="matching", title="Voice matching (not a clone)", kind=KIND, resource="cpu", models=("world-1",),
        idempotent=True,
    )  # fmt: skip

    def __init__(self, encoder: XttsEncoder | None = None) -> None:
        """`encoder`: tells speakers apart, where one is installed."""
        self._encoder = encoder

    def maximum(self, request: Lesson) -> Units:
        return {}

    def make(self, request: Lesson, call: Call) -> Made:
        from core.voice.matching.training import Training, training

        paths = tuple(Path(path) for path in request.recordings)
        with tempfile.TemporaryDirectory(dir=call.folder) as name:
            asked = Training(paths, call.folder / "profile.json", call.cache, Path(name) if self._encoder else None)
            learned: TrainedProfile = call.children.run(
                training, asked, cancelled=call.cancelled, progress=call.progress, timeout_s=_TIMEOUT_S
            )
            similarity = self._similarity(learned, Path(name), call)
        facts = {
            "characteristics": characteristics_fact(learned.characteristics), "quality_score": learned.quality_score,
            "likeness": _likeness(learned.likeness, learned.quality_basis) | similarity, "base": learned.base,
        }  # fmt: skip
        return Made((Output(PROFILE, learned.path, KIND),), facts=facts)

    def _similarity(self, learned: TrainedProfile, samples: Path, call: Call) -> dict[str, Any]:
        if self._encoder is None:
            return {}
        found = self._encoder.similarities(learned.against, (samples / "before.wav", samples / "after.wav"), call)
        if found is None:
            return {}
        return {"similarity": {"encoder": NAME, "before": found[0], "after": found[1]}}


def characteristics_fact(found: Characteristics) -> dict[str, dict[str, Any]]:
    """{name: {value, confidence}}; what is unknown is left out."""
    told = {
        "gender": (found.gender.value, found.gender.confidence),
        "age_range": (found.age_range.value, found.age_range.confidence),
        "pitch_hz": (found.pitch_hz, found.pitch_confidence),
        "pitch_low_hz": (found.pitch_low_hz, found.pitch_confidence),
        "pitch_high_hz": (found.pitch_high_hz, found.pitch_confidence),
        "syllables_per_minute": (found.syllables_per_minute or None, found.rate_confidence),
    }
    return {
        name: {"value": value, "confidence": confidence}
        for name, (value, confidence) in told.items()
        if value not in (None, "unknown")
    }


def _likeness(found: Likeness, basis: str) -> dict[str, Any]:
    """Distances from the speaker, before and after; 0 is alike."""
    measures = []
    for field, name, unit in MEASURES:
        before, after = getattr(found.before, field), getattr(found.after, field)
        if before is not None and after is not None:
            measures.append({"name": name, "unit": unit, "before": abs(before), "after": abs(after)})
    return {"label": LABEL, "said": f"{found.sentence} {basis}", "measures": measures,
            "measured_s": found.measured_s}  # fmt: skip
