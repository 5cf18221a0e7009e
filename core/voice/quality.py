"""Is a take what was asked for? Measured on the sound the engine gave, before anything is done to it.

A finding is told only where the accuracy card (data/reference/take_card.json, on material that no threshold was chosen on)
vouches for its check; the others read "not assessed".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.kit.paths import published
from core.voice.languages import estimate_seconds
from core.voice.take_measures import Figures, figures, last_said
from core.voice.vouching import good_enough

Samples = NDArray[np.float32]
State = Literal["good", "doubtful", "failed", "not assessed"]
Timed = tuple[int, int, float, float]

LONGEST_S = 600.0
"""Longer takes are not assessed: their parts were, where an engine is asked piece by piece."""
SHORTEST_TEXT = 12
"""Characters under which a duration says nothing about the text."""
_LETTERS = 0.85
"""Of the text: digits and signs are short to write and long to say."""

QUIET_LUFS, LOUD_LUFS = -38.0, -6.0
LEAD_S, TRAIL_S, GAP_S = 1.2, 1.5, 1.5
FAST, SLOW = 2.0, 0.4
"""Pace over the language's usual one."""
SHORT, LONG = 0.5, 2.2
"""Duration over the expected one."""
END_DB = -30.0
REPEAT_DB = 2.6
SAID = 0.85
SPEECH = 0.5


@dataclass(frozen=True)
class Finding:
    name: str
    measured: float | None
    threshold: float
    unit: str
    sentence: str
    fatal: bool
    """The take cannot be used as it is."""


@dataclass(frozen=True)
class TakeQuality:
    state: State
    findings: tuple[Finding, ...]
    not_assessed: tuple[str, ...]
    """Checks that are not right often enough, or that this take gives nothing to go by for."""
    figures: dict[str, float | int | None]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class AssessRequest:
    path: Path
    text: str
    language: str
    speed: float
    words: tuple[Timed, ...] | None = None
    asked_pause_s: float = 0.0


def assess_file(request: AssessRequest, progress: Callable[[str, float], None]) -> TakeQuality:
    """For a child process. A file that cannot be played has failed; one that is too long is not assessed."""
    from core.audio import files

    progress("assessing", 0.0)
    try:
        said = files.probe(request.path)
        if said.duration_s is None or said.duration_s > LONGEST_S:
            return TakeQuality("not assessed", (), tuple(CHECKS), {})
        audio = files.decode(request.path)
    except UserError as error:
        return TakeQuality("failed", (Finding("unplayable", None, 0.0, "", error.message, fatal=True),), (), {})
    return assess(
        audio.samples, audio.sample_rate, request.text, request.language, request.words, request.speed,
        asked_pause_s=request.asked_pause_s,
    )  # fmt: skip


def assess(
    samples: Samples,
    sample_rate: int,
    text: str,
    language: str = "en",
    words: Sequence[Timed] | None = None,
    speed: float = 1.0,
    *,
    asked_pause_s: float = 0.0,
) -> TakeQuality:
    """`samples` (channels, frames), finite. `text` as spoken, "" where it is not known; `words` as the engine timed them;
    `speed` at which the engine was asked to speak; `asked_pause_s`: the longest pause the text asks for."""
    heard = figures(samples, sample_rate, text, last_said(words))
    told = suspicions(heard, text, language, speed, asked_pause_s)
    kept = tuple(finding for name, finding in told.items() if finding is not None and vouched(name))
    unknown = tuple(name for name in CHECKS if name not in told or not vouched(name))
    state: State = "failed" if any(each.fatal for each in kept) else "doubtful" if kept else "good"
    return TakeQuality(state, kept, unknown, {k: _rounded(v) for k, v in asdict(heard).items()})


def suspicions(
    heard: Figures, text: str, language: str, speed: float, asked_pause_s: float
) -> dict[str, Finding | None]:
    """Every check that can be made, whatever it is worth: its finding, or None where there is nothing to say."""
    found: dict[str, Finding | None] = {"no_speech": _no_speech(heard)}
    if found["no_speech"] is not None:
        return found
    found["clipping"] = _if(heard.clipped > 0, "clipping", heard.clipped, 0, "places",
                            f"Peaks are cut off in {heard.clipped} place{'s' if heard.clipped > 1 else ''}.")  # fmt: skip
    found["level"] = _level(heard)
    found["silence"] = _silence(heard, asked_pause_s)
    ratio = expected_ratio(heard, text, language, speed)
    if ratio is not None:
        found["rate"] = _rate(ratio)
    found["truncated"] = _truncated(heard, ratio)
    if heard.repeat_db is not None:
        found["looped"] = _if(
            heard.repeat_db < REPEAT_DB, "looped", heard.repeat_db, REPEAT_DB, "dB",
            "A stretch of it is heard twice, though the text says it once.", fatal=True,
        )  # fmt: skip
    return found


CHECKS = ("no_speech", "clipping", "level", "silence", "rate", "truncated", "looped")


def expected_ratio(heard: Figures, text: str, language: str, speed: float) -> float | None:
    """Spoken seconds over those expected of the text; None where the text is unknown or too short to say."""
    plain = text.strip()
    letters = sum(character.isalpha() or character.isspace() or category(character) == "Mn" for character in plain)
    if len(plain) < SHORTEST_TEXT or letters < _LETTERS * len(plain):
        return None
    expected = estimate_seconds(text, language or "en", speed, 0, 0)
    return heard.spoken_s / expected if expected > 0 else None


def _no_speech(heard: Figures) -> Finding | None:
    silent = heard.lufs is None or heard.spoken_s == 0
    mute = heard.speech is not None and heard.speech < SPEECH
    return _if(silent or mute, "no_speech", 0.0 if silent else heard.speech, SPEECH, "likelihood",
               "Nothing is spoken in it.", fatal=True)  # fmt: skip


def _level(heard: Figures) -> Finding | None:
    lufs = heard.lufs if heard.lufs is not None else -70.0
    if lufs > LOUD_LUFS:
        return _if(True, "level", lufs, LOUD_LUFS, "LUFS", f"It came very loud ({lufs:.1f} LUFS).")
    return _if(lufs < QUIET_LUFS, "level", lufs, QUIET_LUFS, "LUFS",
               f"It came very quiet ({lufs:.1f} LUFS): brought to level, its noise comes up with it.")  # fmt: skip


def _silence(heard: Figures, asked_pause_s: float) -> Finding | None:
    for seconds, most, sentence in (
        (heard.gap_s, GAP_S + asked_pause_s, "It stops for {:.1f} s between two words."),
        (heard.lead_s, LEAD_S + asked_pause_s, "It begins with {:.1f} s of silence."),
        (heard.trail_s, TRAIL_S + asked_pause_s, "It ends with {:.1f} s of silence."),
    ):
        if seconds > most:
            return _if(True, "silence", seconds, most, "s", sentence.format(seconds))
    return None


def _rate(ratio: float) -> Finding | None:
    pace = 1 / max(ratio, 1e-3)
    if pace > FAST:
        return _if(True, "rate", pace, FAST, "times the usual", f"It is spoken {pace:.1f} times as fast as usual.")
    return _if(pace < SLOW, "rate", pace, SLOW, "times the usual", f"It takes {ratio:.1f} times as long as usual.")


def _truncated(heard: Figures, ratio: float | None) -> Finding | None:
    if heard.said is not None and heard.said < SAID:
        sentence = f"Only {100 * heard.said:.0f} % of the text were spoken."
        return _if(True, "truncated", heard.said, SAID, "of the text", sentence, fatal=True)
    if ratio is not None and ratio < SHORT:
        sentence = f"It is over after {100 * ratio:.0f} % of the time its text takes."
        return _if(True, "truncated", ratio, SHORT, "of the expected time", sentence, fatal=True)
    if heard.end_db is None:
        return None
    return _if(heard.end_db > END_DB, "truncated", heard.end_db, END_DB, "dB", "It breaks off while somebody is still speaking.",
               fatal=True)  # fmt: skip


def _if(
    wrong: bool, name: str, measured: float | None, threshold: float, unit: str, sentence: str, *, fatal: bool = False
) -> Finding | None:
    return Finding(name, _rounded(measured), threshold, unit, sentence, fatal) if wrong else None


def _rounded(value: float | int | None) -> float | None:
    return None if value is None else round(float(value), 3)


def better(first: TakeQuality, second: TakeQuality) -> bool:
    """Whether the second is to be taken: only where it is clearly the better one."""
    order = {"good": 0, "doubtful": 1, "not assessed": 1, "failed": 2}
    return (order[second.state], len(second.findings)) < (order[first.state], len(first.findings))


def card() -> dict[str, Any]:
    return published("take_card")


def vouched(name: str) -> bool:
    return good_enough(card(), name)
