"""A file of one's own and the licence paper that came with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from core.kit.clock import today
from tests.library.sounds import wav

PAPER = (
    "Certificate No.: {title}-1\nTrack title: {title}\nComposer: Ada Moor\nStart date: 2026-01-01\nExpiry date: {ends}\n"
    "Territory: Worldwide\nPlatforms: YouTube\nCommercial use: Yes\n"
)


def with_paper(folder: Path, title: str, hertz: float) -> tuple[Path, Path]:
    """(the sound, what its paper says: good on YouTube, for money, for 300 days)"""
    paper = folder / f"{title} licence.txt"
    paper.write_text(PAPER.format(title=title, ends=today() + timedelta(days=300)))
    return wav(folder / f"{title}.wav", seconds=3.0, hertz=hertz), paper
