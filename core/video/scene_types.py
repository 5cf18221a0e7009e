"""What kind of scene it is, by the stated rules of data/reference/scenes.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from core.kit.paths import reference
from core.video.types import Features, SceneType

_WORDS = {
    "speech": "speech {:.0%} of the time", "motion": "motion {:.1f}", "energy": "sound energy {:.1f}",
    "brightness": "brightness {:.1f}", "cuts_per_minute": "{:.0f} cuts a minute", "face": "a face in {:.0%} of the looks",
    "face_height": "a face of {:.0%} of the height", "flat": "{:.0%} of the picture in one tone",
    "saturation": "saturation {:.1f}", "contrast": "contrast {:.1f}",
}  # fmt: skip


def rules() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", reference("scenes"))


def classify(features: Features) -> tuple[SceneType, float, str]:
    """(type, confidence 0 to 1, why in words). Confidence is how far the type is ahead of the next likeliest, and no more
    than its own score: two that are as likely give 0."""
    found = scores(features)
    order = sorted(found, key=lambda name: -found[name])
    best, second = order[0], order[1]
    ahead = found[best] - found[second]
    confidence = min(found[best], 2 * ahead)
    return cast("SceneType", best), round(confidence, 3), _why(best, features)


def scores(features: Features) -> dict[str, float]:
    """How well the conditions of each type hold, 0 to 1."""
    return {name: _score(rule, features) for name, rule in rules()["types"].items()}


def _score(rule: Mapping[str, Any], features: Features) -> float:
    wants = [_ramp(getattr(features, name), *span) for name, span in rule.get("wants", {}).items()]
    score = sum(wants) / len(wants) if wants else 1.0
    for name, span in rule.get("must", {}).items():
        score *= _ramp(getattr(features, name), *span)
    return score


def _ramp(value: float, start: float, end: float) -> float:
    return min(1.0, max(0.0, (value - start) / (end - start)))


def _why(name: str, features: Features) -> str:
    """The conditions that speak for it, as they were measured."""
    rule = rules()["types"][name]
    spans = {**rule.get("wants", {}), **rule.get("must", {})}
    holds = [each for each in spans if _ramp(getattr(features, each), *spans[each]) >= 0.5]
    return f"{rule['says']}: " + ", ".join(_WORDS[each].format(getattr(features, each)) for each in holds)
