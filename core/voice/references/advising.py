"""What a set of samples is good for, in plain words.

How much of a voice is covered is put as 1 - 2^(-t / 20 s), t being the seconds of clean speech: every further 20 s halve
what is missing. It is a rule of thumb for deciding whether another sample is worth the trouble, not a measured likeness;
it agrees with what the services ask for (XTTS from 6 s, ElevenLabs from 60 s).
"""

from __future__ import annotations

from core.voice.references.report import ReferenceReport
from core.voice.references.standard import standard

_TYPICAL_S = 10.0
_WORTH = 0.03


def clean_speech_s(reports: tuple[ReferenceReport, ...]) -> float:
    """Seconds of speech of the usable samples; what is less than clean counts in proportion to its score."""
    clean = float(standard()["clean_score"])
    return sum(report.speech_s * min(1.0, report.score / clean) for report in reports if report.usable)


def coverage(seconds: float) -> float:
    return float(1 - 2 ** (-seconds / float(standard()["half_gain_s"])))


def advice(reports: tuple[ReferenceReport, ...]) -> tuple[str, ...]:
    """Lines for the page, most important first: how many samples, what another would gain, why points are lost."""
    low, high = standard()["recommended"]
    good = [report for report in reports if report.usable]
    seconds = clean_speech_s(tuple(good))
    if not reports:
        return (
            f"Record {low} to {high} samples of 6 to 30 s each, in a quiet room, in the way the voice shall speak.",
        )
    refused = len(reports) - len(good)
    lines = [f"{_samples(len(good))} usable, {seconds:.0f} s of clean speech; {low} to {high} are recommended."]
    if refused:
        lines.append(f"{_samples(refused)} cannot be used; replace {'it' if refused == 1 else 'them'}.")
    lines.append(_another(good, seconds, high))
    for number, report in enumerate(reports, start=1):
        lines += [
            f"Sample {number}: {check.reason} {_cost(check.points_lost)} {check.remedy}" for check in report.problems
        ]
    return tuple(lines)


def _another(good: list[ReferenceReport], seconds: float, enough: int) -> str:
    next_s = sum(report.speech_s for report in good) / len(good) if good else _TYPICAL_S
    now, then = coverage(seconds), coverage(seconds + next_s)
    if len(good) >= int(standard()["most"]):
        return "No further sample can be added: replace the one with the lowest score instead."
    if len(good) >= enough or then - now < _WORTH:
        return f"Another sample would gain little (coverage {100 * now:.0f} % to {100 * then:.0f} %)."
    return f"Another sample of {next_s:.0f} s would raise the coverage from {100 * now:.0f} % to {100 * then:.0f} %."


def _cost(points_lost: float) -> str:
    lost = round(100 * points_lost)
    return "It costs all of 100 points." if lost >= 100 else f"It costs {lost} of 100 points."


def _samples(count: int) -> str:
    return f"{count} sample{'' if count == 1 else 's'}"
