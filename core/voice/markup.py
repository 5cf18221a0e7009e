"""The words of the script markup: what a tag, a heading and its settings may say, and where they are when they are wrong.

core.voice.text explains the markup to a reader and puts it together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import get_args

from core.kit.errors import UserError
from core.voice.types import Emotion

MAX_PAUSE_MS = 60_000
EMOTIONS: tuple[str, ...] = tuple(name for name in get_args(Emotion) if name)
RANGES = {"speed": (0.25, 4.0), "pitch": (-24.0, 24.0), "range": (0.0, 4.0)}
TAG = re.compile(r"\\(?P<escaped>[\[\]\\#])|\[(?P<close>/?)(?P<name>[^\s\[\]/]*)(?P<value>[^\[\]\n]*)\]")
HEADING = re.compile(r"^#{1,6} +(?P<title>.+)$")
BULLET = re.compile(r"^[-*•–] +")
TAGS = (
    "[pause 500ms], [speed 0.8]…[/speed], [pitch -2]…[/pitch], [range 0.5]…[/range], [voice Emma]…[/voice], "
    "[emotion sad]…[/emotion]"
)
SETTINGS = "{voice: Emma, speed: 0.9, pitch: -2, range: 1.2, emotion: sad, pause: 1s}"
_SETTINGS = re.compile(r"^(?P<title>.*?) *\{(?P<settings>[^{}]*)\}$")


@dataclass(frozen=True)
class Style:
    """What the open tags, the speaker and the section add to the request."""

    speed: float = 1.0
    pitch: float = 0.0
    range: float = 1.0
    voice: str = ""
    emotion: Emotion = ""

    def under(self, name: str, value: str) -> Style:
        """With one more setting: speed and range multiply, pitch adds, the others replace. ValueError says what is
        allowed."""
        if name == "voice":
            if not value:
                raise ValueError("Name a voice, for example Emma.")
            return replace(self, voice=value)
        if name == "emotion":
            found: Emotion | None = next((one for one in get_args(Emotion) if one and one == value.lower()), None)
            if found is None:
                raise ValueError(f"emotion is one of: {', '.join(EMOTIONS)}.")
            return replace(self, emotion=found)
        low, high = RANGES[name]
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise ValueError(f"{name} takes a number from {low:g} to {high:g}.")
        if name == "pitch":
            return replace(self, pitch=self.pitch + number)
        if name == "speed":
            return replace(self, speed=self.speed * number)
        return replace(self, range=self.range * number)


STYLED = ("speed", "pitch", "range", "voice", "emotion")
"""Tags that are closed again, and settings of a section."""


@dataclass(frozen=True)
class Heading:
    title: str
    style: Style = Style()
    pause_ms: int = 0
    """Silence before the section."""


def heading(line: str, number: int) -> Heading | None:
    """None where the line is no heading. UserError for settings in braces that cannot be meant."""
    found = HEADING.match(line)
    if found is None:
        return None
    title = found["title"].strip()
    braces = _SETTINGS.match(title)
    if braces is None:
        return Heading(title)
    style, pause_ms = Style(), 0
    seen: set[str] = set()
    at = line.rindex("{") + 1
    for one in braces["settings"].split(","):
        column = at + len(one) - len(one.lstrip()) + 1
        at += len(one) + 1
        name, colon, value = (part.strip() for part in one.partition(":"))
        name = name.lower()
        if not colon or name not in (*STYLED, "pause") or name in seen:
            twice = " twice" if name in seen else ""
            raise UserError(
                f"{one.strip()[:40]!r} {place(number, column)} is no setting of a section{twice}.",
                f"Write for example {SETTINGS}, each at most once. A title itself has no braces at its end.", "markup",
            )  # fmt: skip
        seen.add(name)
        try:
            if name == "pause":
                pause_ms = milliseconds(value)
            else:
                style = style.under(name, value)
        except ValueError as error:
            raise UserError(
                f"{name}: {value[:40]!r} {place(number, column)} cannot be used.", str(error), "markup"
            ) from None
    return Heading(braces["title"], style, pause_ms)


def milliseconds(value: str) -> int:
    """Of a pause. ValueError says what is allowed."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|)", value.lower())
    result = round(float(match[1]) * (1000 if match[2] == "s" else 1)) if match else -1
    if not 0 <= result <= MAX_PAUSE_MS:
        raise ValueError("Write a pause as 500ms or 1.5s, at most 60 s.")
    return result


def place(line: int, column: int) -> str:
    """Both counted from 1, in the text as it was cleaned."""
    return f"on line {line}, column {column}"
