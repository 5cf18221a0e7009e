"""What every speech engine owes the studio, as checks of what came out: for engines asked directly, for stand-ins on
loopback, and for the live services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.audio import files


def sounds(path: Path) -> float:
    """One sound that can be played; its seconds."""
    audio = files.decode(path)
    assert abs(audio.samples).max() > 0.05
    return audio.seconds


def words_fit(text: str, words: Sequence[tuple[int, int, float, float]], seconds: float) -> None:
    """Words as core.voice.engine has them lie in the text, in order, and in the sound."""
    assert [text[start:end].strip(".,! ") for start, end, _, _ in words] == [each.strip(".,!") for each in text.split()]
    times = [time for _, _, begins, ends in words for time in (begins, ends)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= seconds + 0.05


def bills_no_more(used: Mapping[str, Decimal], most: Mapping[str, Decimal]) -> None:
    assert all(used[unit] <= most[unit] for unit in used)
    assert set(used) <= set(most)


def told_in_words(error: Any) -> None:
    """A refusal is a sentence, and is known to have cost nothing where a service spoke it."""
    assert error.message.endswith(".")
    assert getattr(error, "cost_nothing", True)
