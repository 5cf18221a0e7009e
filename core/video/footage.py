"""What a clip is, from its header, and its pictures one after the other: small, upright, at an even rate.

A file from a stranger goes to ffmpeg as core.audio.ffmpeg hands it over: by descriptor, never guessed by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from core.audio import ffmpeg, files
from core.kit.errors import UserError

Frame = NDArray[np.uint8]
"""(height, width, 3), blue green red."""
See = Callable[[int, Frame], None]
"""Called with the number of the frame, from 0, and the frame: only good until the next one."""

SIDE = 256
"""Points along the longer side of what is looked at. Cuts were found exactly on it in all of the tests' clips."""
FASTEST_FPS = 61.0
_TOGETHER_S = 0.025
"""Sound and picture that begin within this begin together: codecs announce their own delay as a start."""
_HINT = "Use an MP4, MOV, WebM or MKV file with a picture; export it again if it is damaged."
_SIZE = re.compile(r"\b(\d{1,5})x(\d{1,5})\b")
_ASPECT = re.compile(r"SAR (\d+):(\d+)")
_RATE = re.compile(r"([\d.]+)(k?) (fps|tbr)\b")
_HDR = ("smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class Footage:
    width: int
    height: int
    """As seen, after turning it upright; points need not be square."""
    fps: float
    """Frames a second at which it is looked at: its own, or the nearest even rate where that varies."""
    varies: bool
    """Its frames do not come at an even rate."""
    rotated: bool
    hdr: bool
    codec: str
    container: str
    announced_s: float | None
    sounds: bool
    """It has an audio stream."""
    wide: int
    high: int
    """Size of the frames that `watch` gives."""
    sound_start_s: float = 0.0
    """When its sound begins. A picture that begins later is seen from the start: `watch` gives its first frame until then."""
    captions: tuple[str, ...] = ()
    """Codecs of its subtitles."""


def probe(path: str | Path, *, max_seconds: float, max_bytes: int = files.MAX_BYTES) -> Footage:
    """UserError when it holds no moving picture, or says that it is longer."""
    with files.open_file(path, max_bytes) as source:
        messages, _ = ffmpeg.read_with(source, ["-t", "0.01", "-f", "null", "-"], lambda pipe: None, time_limit_s=30)
    name = files.name_of(path)
    if not messages.picture:
        raise _unseen(path, messages)
    size = _SIZE.search(messages.picture)
    if size is None or min(int(size[1]), int(size[2])) < 1:
        raise _unseen(path, messages)
    if messages.announced_s is not None and messages.announced_s > max_seconds:
        raise _too_long(name, max_seconds)
    width, height = int(size[1]), int(size[2])
    square = _ASPECT.search(messages.picture)
    wide, high = float(width), float(height)
    if square is not None and int(square[1]) and int(square[2]):
        wide *= int(square[1]) / int(square[2])
    if rotated := round(messages.rotation / 90) % 2 == 1:
        width, height, wide, high = height, width, high, wide
    fps, varies = _rate(messages.picture)
    scale = SIDE / max(wide, high)
    late = messages.sound_starts_s - messages.starts_s if messages.codec else 0.0
    return Footage(
        width=width, height=height, fps=fps, varies=varies, rotated=rotated or messages.rotation != 0,
        hdr=any(word in messages.picture for word in _HDR), codec=messages.picture.split(",")[0].split(" ")[0],
        container=messages.container, announced_s=messages.announced_s, sounds=bool(messages.codec),
        wide=max(2, round(wide * scale / 2) * 2), high=max(2, round(high * scale / 2) * 2),
        sound_start_s=late if late >= _TOGETHER_S else 0.0, captions=tuple(messages.captions),
    )  # fmt: skip


def watch(
    path: str | Path,
    footage: Footage,
    see: See,
    *,
    max_seconds: float,
    max_bytes: int = files.MAX_BYTES,
    only_s: float | None = None,
) -> tuple[int, tuple[str, ...]]:
    """(how many frames there were, warnings about damage that was survived). UserError when there are none, or too many.
    `only_s`: no more than its beginning."""
    seen = 0
    size = footage.wide * footage.high * 3
    name = files.name_of(path)

    def take(pipe: IO[bytes]) -> None:
        nonlocal seen
        while len(raw := pipe.read(size)) == size:
            if seen >= max_seconds * footage.fps:
                raise _too_long(name, max_seconds)
            see(seen, np.frombuffer(raw, np.uint8).reshape(footage.high, footage.wide, 3))
            seen += 1

    drawn = f"fps={footage.fps:.6f},scale={footage.wide}:{footage.high}:flags=area"
    # One thread to make pictures small: several take a fifth more processor time, and are no sooner done.
    arguments = ["-filter_threads", "1"] + ([] if only_s is None else ["-t", f"{only_s}"])
    arguments += ["-map", "0:V:0", "-an", "-sn", "-dn", "-vf", drawn, "-pix_fmt", "bgr24", "-f", "rawvideo", "pipe:1"]
    with files.open_file(path, max_bytes) as source:
        messages, late = ffmpeg.read_with(source, arguments, take, time_limit_s=60 + max_seconds)
    if late:
        raise files.too_slow(path)
    if seen == 0:
        raise _unseen(path, messages)
    return seen, _damage(name, seen / footage.fps, messages) if only_s is None else ()


def _rate(said: str) -> tuple[float, bool]:
    """(frames a second to look at it with, whether its own rate varies)."""
    found = {kind: float(number) * (1000 if thousands else 1) for number, thousands, kind in _RATE.findall(said)}
    mean, base = found.get("fps", 0.0), found.get("tbr", 0.0)
    varies = bool(mean and base) and abs(mean - base) > 0.01 * base
    chosen = base if 1 <= base <= FASTEST_FPS else mean
    return min(max(chosen or 25.0, 1.0), FASTEST_FPS), varies


def _damage(name: str, seconds: float, messages: ffmpeg.Messages) -> tuple[str, ...]:
    said = messages.announced_s
    if said is not None and seconds < 0.9 * said - 0.5:
        return (f"“{name}” says it is {said:.1f} s long; its picture ends after {seconds:.1f} s.",)
    return (f"“{name}” is damaged in places; what could be seen was used.",) if messages.errors else ()


def _too_long(name: str, max_seconds: float) -> UserError:
    return UserError(
        f"“{name}” is longer than {max_seconds / 60:g} minutes.",
        "Cut it into parts, or raise STUDIO_MAX_VIDEO_MINUTES.", "too_long",
    )  # fmt: skip


def _unseen(path: str | Path, messages: ffmpeg.Messages) -> UserError:
    name = files.name_of(path)
    if "moov atom not found" in " ".join(messages.errors):
        cause = f"“{name}” was never finished: its index (moov) is missing."
    elif messages.picture:
        cause = f"“{name}” has no picture that can be read: its header names one, but there are no frames."
    elif messages.codec:
        cause = f"“{name}” holds sound and no picture."
    else:
        cause = f"“{name}” is no video file, or is damaged beyond reading."
    return UserError(cause, _HINT, "unreadable")
