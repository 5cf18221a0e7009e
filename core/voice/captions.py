"""Words with times to captions: what a viewer can read, and the formats players take.

At most two lines of 42 characters, about 17 characters a second, no line broken where a phrase would be torn if
punctuation is near (the common ground of the BBC and Netflix guides). Captions never overlap.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.providers.base import Output
from core.voice.karaoke import ass
from core.voice.types import Caption, WordTime

LINE_CHARACTERS = 42
LINES = 2
CHARACTERS_PER_SECOND = 17.0
FASTEST_CHARACTERS_PER_SECOND = 20.0
"""Netflix, Timed Text Style Guide: English, adult programmes."""
LONGEST_SECONDS = 7.0
SHORTEST_SECONDS = 1.0
_GAP_SECONDS = 0.04
_SPLIT_AT_PAUSE_SECONDS = 0.8


def captions(words: Sequence[WordTime], duration_s: float | None = None) -> tuple[Caption, ...]:
    """Groups words so that each caption fits the screen, ends where the sentence does, and stays long enough to read.

    `duration_s` is that of the recording: no caption outlasts it."""
    groups: list[list[WordTime]] = []
    current: list[WordTime] = []
    for index, word in enumerate(words):
        if current and not _fits([*current, word]):
            cut = _best_cut(current)
            groups.append(current[:cut])
            current = current[cut:]
            if current and not _fits([*current, word]):
                groups.append(current)
                current = []
        current.append(word)
        following = words[index + 1] if index + 1 < len(words) else None
        pause = following.start_s - word.end_s if following else 0.0
        if word.breaks in ("sentence", "paragraph") or pause > _SPLIT_AT_PAUSE_SECONDS:
            groups.append(current)
            current = []
    if current:
        groups.append(current)
    return _timed(_long_enough(groups), duration_s)


def _long_enough(groups: Sequence[list[WordTime]]) -> list[list[WordTime]]:
    """What would be gone before it is read goes onto the screen with its neighbour, if both fit and nobody pauses."""
    kept: list[list[WordTime]] = []
    for index, group in enumerate(groups):
        before = kept[-1] if kept else None
        flash = before is not None and _room_s(before, group) < SHORTEST_SECONDS
        last = index == len(groups) - 1 and group[-1].end_s - group[0].start_s < SHORTEST_SECONDS
        if before is not None and (flash or last) and _together(before, group):
            kept[-1] = [*before, *group]
        else:
            kept.append(group)
    return kept


def _room_s(group: Sequence[WordTime], following: Sequence[WordTime]) -> float:
    return following[0].start_s - _GAP_SECONDS - group[0].start_s


def _together(group: Sequence[WordTime], following: Sequence[WordTime]) -> bool:
    pause = following[0].start_s - group[-1].end_s
    return pause <= _SPLIT_AT_PAUSE_SECONDS and _fits([*group, *following])


def _fits(words: Sequence[WordTime]) -> bool:
    return words[-1].end_s - words[0].start_s <= LONGEST_SECONDS and _lines(words) is not None


def _best_cut(words: Sequence[WordTime]) -> int:
    """Where to end a caption that is full: behind a comma in its later part, else where it is full."""
    for index in range(len(words) - 1, 0, -1):
        if words[index - 1].breaks == "clause" and index >= len(words) / 2:
            return index
    return len(words)


def line(words: Sequence[WordTime]) -> str:
    """The words in one line, with a blank only where the source has one (Chinese has none)."""
    text = ""
    for index, word in enumerate(words):
        previous = words[index - 1] if index else None
        touches = previous is not None and word.source >= 0 and previous.source + len(previous.word) == word.source
        text += word.word if not index or touches else f" {word.word}"
    return text


def reading_speed(caption: Caption) -> float:
    """Characters a second, blanks included, a wide one counted twice. What is spoken faster than people read cannot be
    mended without leaving words out: the JSON says how many captions that concerns."""
    return _width(caption.text.replace("\n", " ")) / max(1e-3, caption.end_s - caption.start_s)


def _width(text: str) -> int:
    """In Latin characters: a wide character takes two."""
    return sum(
        0 if unicodedata.category(character) == "Mn" else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _lines(words: Sequence[WordTime]) -> list[str] | None:
    """One or two lines, or None. Two are balanced, better broken behind a comma and with the longer one below."""
    whole = line(words)
    if _width(whole) <= LINE_CHARACTERS:
        return [whole]
    best: tuple[float, list[str]] | None = None
    for index in range(1, len(words)):
        above, below = line(words[:index]), line(words[index:])
        longer = max(_width(above), _width(below))
        if longer > LINE_CHARACTERS:
            continue
        badness = longer + (0 if words[index - 1].breaks else 6) + (3 if _width(above) > _width(below) else 0)
        if best is None or badness < best[0]:
            best = (badness, [above, below])
    if best is None and len(words) == 1:
        return [whole]  # one word longer than a line: shown as it is
    return best[1] if best else None


def _timed(groups: Sequence[Sequence[WordTime]], duration_s: float | None) -> tuple[Caption, ...]:
    found: list[Caption] = []
    for index, group in enumerate(groups):
        text = "\n".join(_lines(group) or [line(group)])
        start, end = group[0].start_s, group[-1].end_s
        # Time to read may use the pause that follows, never the next caption's time.
        wanted = max(SHORTEST_SECONDS, _width(text) / CHARACTERS_PER_SECOND)
        if index + 1 < len(groups):
            limit = groups[index + 1][0].start_s - _GAP_SECONDS
        else:
            limit = max(end, start + wanted) if duration_s is None else max(end, duration_s)
        end = min(max(end, start + wanted), limit)
        found.append(Caption(start, max(end, start + 0.001), text, tuple(group)))
    return tuple(found)


def files(
    folder: Path, words: Sequence[WordTime], language: str, duration_s: float, *, by_word: bool = True,
    spoken_by: Sequence[str] = (),
) -> list[Output]:  # fmt: skip
    """captions.json, .srt, .vtt and .ass in `folder`, as a job's outputs. `by_word`: the words' own times are known, and go
    into the JSON as measured; otherwise as estimated. `spoken_by`: names, where they are not those asked for."""
    found = captions(words, duration_s)
    texts = {
        "json": as_json(found, words, language, duration_s, spoken_by, by_word=by_word),
        "srt": srt(found),
        "vtt": vtt(found, spoken_by),
        "ass": ass(found, by_word=by_word),
    }
    outputs = []
    for ending, text in texts.items():
        path = folder / f"captions.{ending}"
        path.write_text(text, encoding="utf-8")
        role = "captions" if ending == "json" else f"captions:{ending}"
        about = {"format": ending, "duration_s": round(duration_s, 4), "language": language}
        outputs.append(Output(role, path, "captions", about))
    return outputs


def srt(found: Sequence[Caption]) -> str:
    blocks = [
        f"{number}\n{_clock(caption.start_s, ',')} --> {_clock(caption.end_s, ',')}\n{_no_arrow(caption.text)}\n"
        for number, caption in enumerate(found, start=1)
    ]
    return "\n".join(blocks)


def vtt(found: Sequence[Caption], spoken_by: Sequence[str] = ()) -> str:
    blocks = [
        f"{_clock(caption.start_s, '.')} --> {_clock(caption.end_s, '.')}\n{_escaped(caption.text)}\n"
        for caption in found
    ]
    note = [f"NOTE Spoken by {_escaped(', '.join(spoken_by))}\n"] if spoken_by else []
    return "\n".join(["WEBVTT\n", *note, *blocks])


def as_json(
    found: Sequence[Caption], words: Sequence[WordTime], language: str, duration_s: float, spoken_by: Sequence[str] = (),
    *, by_word: bool = True,
) -> str:  # fmt: skip
    """Words whose times were shared out by length are `estimated_words`, so that nobody takes them for measured."""
    document = {
        **({"spoken_by": list(spoken_by)} if spoken_by else {}),
        "language": language,
        "duration_s": round(duration_s, 3),
        "too_fast": sum(reading_speed(caption) > FASTEST_CHARACTERS_PER_SECOND for caption in found),
        "words": [_told(word) for word in words] if by_word else [],
        "captions": [
            {"start_s": round(caption.start_s, 3), "end_s": round(caption.end_s, 3), "text": caption.text}
            for caption in found
        ],
    }
    if not by_word:
        document["estimated_words"] = [_told(word) for word in words]
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _told(word: WordTime) -> dict[str, Any]:
    """`source` and `breaks` only where they are known: with them a passage of the script is found again."""
    told: dict[str, Any] = {"word": word.word, "start_s": round(word.start_s, 3), "end_s": round(word.end_s, 3)}
    return (
        told | ({"source": word.source} if word.source >= 0 else {}) | ({"breaks": word.breaks} if word.breaks else {})
    )


def read(path: Path) -> tuple[list[WordTime], bool]:
    """The words of a captions.json, and whether their times were measured."""
    document = json.loads(path.read_text(encoding="utf-8"))
    measured = bool(document["words"])
    rows = document["words"] or document.get("estimated_words", ())
    return [WordTime(**row) for row in rows], measured


def _clock(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{rest:03d}"


def _no_arrow(text: str) -> str:
    return text.replace("-->", "→")  # the one sequence that a cue's text may not hold


def _escaped(text: str) -> str:
    return _no_arrow(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
