"""Consent of the person whose voice it is: what was said, by whom, when, and for what. Without it no voice is made."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.kit.clock import now, today
from core.kit.errors import RightsError, UserError
from core.kit.words import one_line
from core.rights import licences

How = Literal["typed", "spoken"]
_SHORTEST, _LONGEST = 20, 2000
_ONLY_PRIVATE = "not for commercial use"


@dataclass(frozen=True)
class Consent:
    speaker: str
    """The name of the person whose voice it is."""
    statement: str
    """As typed, or as it was to be read aloud."""
    how: How
    commercial: bool
    """Whether the voice may be used commercially."""
    given_at: str
    """ISO 8601, UTC."""
    recorded_by: str
    """Id of the user who entered it."""
    sha256: str
    """Of the statement's UTF-8 text, or of the recording's bytes."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def licence(self) -> dict[str, Any]:
        return licences.record("consented-voice", note=f"Consent of {self.speaker}, {self.given_at[:10]}.") | {
            "commercial": self.commercial
        }


def statement(speaker: str, voice: str, *, commercial: bool = True) -> str:
    """The text proposed to a speaker, to be typed or read aloud."""
    use = "including commercial use" if commercial else f"but {_ONLY_PRIVATE}"
    return (
        f"I, {speaker or '(name)'}, agree that a synthetic voice named {voice or '(voice)'} is made from these recordings "
        f"of my voice and used to speak texts, {use}. I may withdraw this at any time."
    )


def given(
    speaker: str, words: str, *, commercial: bool, recorded_by: str, recording_sha256: str = ""
) -> Consent:  # fmt: skip
    """A spoken statement comes with the hash of its recording. RightsError where nobody consents."""
    speaker, words = one_line(speaker), " ".join(words.split())
    if not speaker or not words:
        raise RightsError(
            "Nobody has consented to this voice being copied.",
            "Give the speaker's name and statement, typed or as a recording; the page proposes the words.",
            "no_consent",
        )
    if not _SHORTEST <= len(words) <= _LONGEST or len(speaker) > 120:
        raise UserError(
            "This is no statement of consent.",
            f"The speaker's name takes at most 120 characters, the statement {_SHORTEST} to {_LONGEST}.",
            "bad_consent",
        )
    if not names(words, speaker):
        raise UserError(
            f"The statement does not name {speaker!r}.", "It has to say who consents: “I, NAME, agree that …”.", "bad_consent"
        )  # fmt: skip
    if commercial and _ONLY_PRIVATE in words.casefold():
        raise UserError(
            "The statement does not allow commercial use.", "Take the permission away, or have another statement.", "bad_consent"
        )  # fmt: skip
    how: How = "spoken" if recording_sha256 else "typed"
    sha256 = recording_sha256 or hashlib.sha256(words.encode()).hexdigest()
    return Consent(speaker, words, how, commercial, now().isoformat(), recorded_by, sha256)


def names(words: str, speaker: str) -> bool:
    return speaker.casefold() in words.casefold()


def withdrawn(licence: dict[str, Any]) -> dict[str, Any]:
    """What the voice may be used for once its speaker took the consent back: nothing that others see or that earns."""
    return licence | {"publish": False, "commercial": False, "withdrawn": today().isoformat()}
