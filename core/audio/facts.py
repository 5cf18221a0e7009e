"""What the library keeps of a recording: measured in blocks, so that hours take no more memory than seconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.audio import files, peaks, r128, streaming

BLOCK_S = 5.0
_TOPS_PER_SECOND = 500


@dataclass(frozen=True)
class Facts:
    duration_s: float
    sample_rate: int
    channels: int
    lufs: float | None
    true_peak_dbtp: float | None
    peaks: list[int]
    """Columns as files.peaks() gives them."""
    warnings: tuple[str, ...]
    format: str


def measure(path: str | Path, *, columns: int, max_seconds: float, max_bytes: int) -> Facts:
    """UserError as files.decode() raises it, short of "needs too much memory": nothing does here."""
    powers: r128.Powers | None = None
    peak = peaks.TruePeak()
    tops: list[peaks.Floats] = []
    only: files.Samples | None = None
    frames = 0

    def take(block: files.Samples, sample_rate: int) -> None:
        nonlocal powers, only, frames
        powers = powers or r128.Powers(sample_rate)
        powers.feed(block)
        peak.feed(block)
        tops.append(peaks.tops(block, sample_rate, _TOPS_PER_SECOND))
        only = block if frames == 0 else None
        frames += block.shape[1]

    audio = streaming.stream(path, take, max_seconds, max_bytes=max_bytes, block_s=BLOCK_S)
    assert powers is not None  # a file without sound was refused
    return Facts(
        duration_s=frames / audio.sample_rate,
        sample_rate=audio.sample_rate,
        channels=audio.channels,
        lufs=r128.integrated(powers.tens),
        true_peak_dbtp=peak.dbtp,
        peaks=files.peaks(np.concatenate(tops)[None] if only is None else only, columns),
        warnings=audio.warnings,
        format=audio.format,
    )
