"""What lies beside a book: captions of the whole, and its chapters as players and podcast hosts read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.audio.chaptering import Bound
from core.providers.base import Output
from core.voice.captions import as_json, srt, vtt
from core.voice.types import Caption, WordTime


def whole_captions(folder: Path, parts: Sequence[Path], bound: Bound, language: str) -> list[Output]:
    """`parts`: the chapters' caption files (JSON), in order; their times move by their chapter's exact start."""
    words: list[WordTime] = []
    found: list[Caption] = []
    for path, mark in zip(parts, bound.marks, strict=True):
        told = json.loads(path.read_text(encoding="utf-8"))
        at = mark.start_s
        words += [WordTime(word["word"], at + word["start_s"], at + word["end_s"]) for word in told["words"]]
        found += [Caption(at + each["start_s"], at + each["end_s"], each["text"]) for each in told["captions"]]
    texts = {"json": as_json(found, words, language, bound.duration_s), "srt": srt(found), "vtt": vtt(found)}
    outputs = []
    for ending, text in texts.items():
        path = folder / f"captions.{ending}"
        path.write_text(text, encoding="utf-8")
        about = {"duration_s": round(bound.duration_s, 4)}
        outputs.append(Output("captions" if ending == "json" else f"captions:{ending}", path, "captions", about))
    return outputs


def chapter_marks(folder: Path, title: str, author: str, bound: Bound) -> Output:
    """JSON chapters as the Podcast Namespace defines them, version 1.2.0."""
    told = {
        "version": "1.2.0", "title": title, "author": author,
        "chapters": [
            {"startTime": round(mark.start_s, 3), "endTime": round(mark.end_s, 3), "title": mark.title}
            for mark in bound.marks
        ],
    }  # fmt: skip
    path = folder / "chapters.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Output("captions:chapters", path, "captions", {"duration_s": round(bound.duration_s, 4)})
