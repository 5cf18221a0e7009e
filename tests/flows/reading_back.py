"""A book as a player sees it: marks, tags and cover by ffmpeg's own reading, loudness of each chapter."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.audio import ffmpeg, files, meters


@dataclass(frozen=True)
class ReadBack:
    titles: list[str]
    starts_s: list[float]
    ends_s: list[float]
    tags: dict[str, str]
    duration_s: float
    lufs: list[float]
    """Of each chapter."""
    dbtp: float
    said: str
    """What ffmpeg tells of the streams."""

    @property
    def has_cover(self) -> bool:
        return re.search(r"Video: (mjpeg|png).*attached pic", self.said) is not None


def read_back(path: Path, ends_in: str) -> ReadBack:
    copy = path.with_name(f"read.{ends_in}") if path.suffix else path
    done = subprocess.run(
        [ffmpeg.executable(), "-hide_banner", "-i", str(copy if copy.exists() else path), "-f", "ffmetadata", "-"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    head, *marks = done.stdout.split("[CHAPTER]\n")
    found = [dict(line.split("=", 1) for line in mark.splitlines()) for mark in marks]
    audio = files.decode(path)
    starts = [int(mark["START"]) / float(mark["TIMEBASE"].split("/")[1]) for mark in found]
    ends = [int(mark["END"]) / float(mark["TIMEBASE"].split("/")[1]) for mark in found]
    heard = [
        meters.integrated_lufs(
            audio.samples[:, round(a * audio.sample_rate) : round(b * audio.sample_rate)], audio.sample_rate
        )
        for a, b in zip(starts, ends, strict=True)
    ]
    peak = meters.true_peak_dbtp(audio.samples, audio.sample_rate)
    assert peak is not None
    return ReadBack(
        [mark["title"].replace("\\", "") for mark in found], starts, ends,
        dict(line.split("=", 1) for line in head.splitlines() if "=" in line),
        audio.samples.shape[1] / audio.sample_rate, [each or -99.0 for each in heard], peak, done.stderr,
    )  # fmt: skip
