"""Captions of a sound that begins later or earlier than it did: every time in the file moves, nothing else does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_STAMP = re.compile(r"(\d{2,}):(\d\d):(\d\d)([,.])(\d{3})")
_ARROW = "-->"
_EVENT = re.compile(r"^(Dialogue: \d+,)(\d+):(\d\d):(\d\d)\.(\d\d),(\d+):(\d\d):(\d\d)\.(\d\d)(,.*)$")


def shifted(text: str, format: str, seconds: float, duration_s: float) -> str:
    """`format`: srt, vtt, json or ass, as core.voice.captions writes them. No time goes below 0 or past the new end."""
    move = _mover(seconds, duration_s)
    if format == "json":
        return _json(text, move, duration_s)
    if format == "ass":
        return "".join(_event(line, move) for line in text.splitlines(keepends=True))
    return "".join(_cue(line, move) if _ARROW in line else line for line in text.splitlines(keepends=True))


def _mover(seconds: float, duration_s: float) -> Callable[[float], float]:
    def move(at_s: float) -> float:
        return min(max(0.0, at_s + seconds), duration_s)

    return move


def _json(text: str, move: Callable[[float], float], duration_s: float) -> str:
    document: dict[str, Any] = json.loads(text)
    for rows in (document.get(name, ()) for name in ("words", "estimated_words", "captions")):
        for row in rows:
            row["start_s"], row["end_s"] = round(move(row["start_s"]), 3), round(move(row["end_s"]), 3)
    document["duration_s"] = round(duration_s, 3)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _cue(line: str, move: Callable[[float], float]) -> str:
    def moved(found: re.Match[str]) -> str:
        hours, minutes, seconds, mark, thousandths = found.groups()
        at = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths) / 1000
        whole, rest = divmod(round(move(at) * 1000), 1000)
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{rest:03d}"

    return _STAMP.sub(moved, line)


def _event(line: str, move: Callable[[float], float]) -> str:
    ended = line.rstrip("\r\n")
    found = _EVENT.match(ended)
    if found is None:
        return line
    lead, *times, rest = found.groups()
    numbers = [int(each) for each in times]
    start, end = (h * 3600 + m * 60 + s + c / 100 for h, m, s, c in (numbers[:4], numbers[4:]))
    return f"{lead}{_hundredths(move(start))},{_hundredths(move(end))}{rest}{line[len(ended) :]}"


def _hundredths(seconds: float) -> str:
    whole, rest = divmod(round(seconds * 100), 100)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:02d}"
