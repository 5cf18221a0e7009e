"""Chapters bound into one file with marks, title and cover: M4B, or MP3 with ID3 chapters. In blocks: a book of ten
hours takes the memory of half a minute. Runs in a child process.

Each chapter gets one gain, so that all are equally loud and none changes in itself, and a true-peak limiter for the few
peaks that this lifts. What was written is decoded and measured; an encoder that overshoots gets a lower ceiling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio import ffmpeg, files, meters, r128, streaming
from core.audio.flowing import Limited, Resampled
from core.kit.errors import StudioError, UserError

Progress = Callable[[str, float], None]
CEILING_DBTP = -1.0
BLOCK_S = 30.0
_ENCODER_ROOM_DB = 0.7
_TRIES = 3
_MAX_SECONDS = 200 * 3600.0
_MAX_BYTES = 2**40
_COLUMNS_PER_S = 20
_PEAKS = 192
_MEASURED, _WRITTEN = 0.3, 0.75
"""Where the progress stands when the chapters are measured, and when the book is written."""
FORMATS: dict[str, tuple[str, ...]] = {
    "m4b": ("-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", "-f", "ipod"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "128k", "-id3v2_version", "3", "-f", "mp3"),
}
_RATES = (44_100, 48_000)
_ENCODER_GAIN = {"m4b": 1.0, "mp3": 0.95}
"""LAME turns mono of these bit rates down by this factor, before it encodes."""


@dataclass(frozen=True)
class Source:
    path: Path
    title: str


@dataclass(frozen=True)
class Book:
    """What is to be bound."""

    sources: tuple[Source, ...]
    out: Path
    format: str
    title: str
    author: str
    cover: Path | None
    """JPEG or PNG, from the studio's own hand: ffmpeg copies it as it is."""
    lufs: float
    pause_s: float
    """Silence between chapters; it belongs to the chapter before it."""
    ceiling_dbtp: float = CEILING_DBTP


@dataclass(frozen=True)
class Mark:
    title: str
    start_s: float
    end_s: float
    gain_db: float
    lufs: float | None
    """As made, before the gain."""


@dataclass(frozen=True)
class Bound:
    marks: tuple[Mark, ...]
    duration_s: float
    sample_rate: int
    lufs: float | None
    dbtp: float | None
    """Loudness and true peak of the file as a listener decodes it."""
    peaks: tuple[int, ...]


@dataclass(frozen=True)
class _Measured:
    frames: int
    sample_rate: int
    lufs: float | None


def bind(book: Book, progress: Progress) -> Bound:
    """UserError when a chapter cannot be read, StudioError when the encoder fails."""
    measured = []
    for index, source in enumerate(book.sources):
        progress("Measuring", _MEASURED * index / len(book.sources))
        measured.append(_measure(source.path))
    rate = max(each.sample_rate for each in measured)
    pause = round(book.pause_s * rate)
    edges = [0]
    for index, each in enumerate(measured):
        frames = round(each.frames * rate / each.sample_rate)
        edges.append(edges[-1] + frames + (pause if index + 1 < len(measured) else 0))
    marks = tuple(
        Mark(source.title, start / rate, end / rate, 0.0 if each.lufs is None else book.lufs - each.lufs, each.lufs)
        for source, each, start, end in zip(book.sources, measured, edges, edges[1:], strict=False)
    )
    ceiling = book.ceiling_dbtp - _ENCODER_ROOM_DB
    for attempt in range(_TRIES):
        _write(book, marks, measured, rate, edges, ceiling, progress)
        heard = _listen(book.out, edges[-1] / rate, progress)
        if heard[1] is None or heard[1] <= book.ceiling_dbtp or attempt + 1 == _TRIES:
            break
        ceiling -= heard[1] - book.ceiling_dbtp + 0.1
    lufs, dbtp, peaks, out_rate = heard
    return Bound(marks, edges[-1] / rate, out_rate, lufs, dbtp, peaks)


def _measure(path: Path) -> _Measured:
    power: r128.Powers | None = None
    frames = rate = 0

    def take(block: NDArray[np.float32], sample_rate: int) -> None:
        nonlocal power, frames, rate
        rate = sample_rate
        power = power or r128.Powers(sample_rate)
        mono = files.to_mono(block)
        frames += mono.shape[1]
        power.feed(mono)

    streaming.stream(path, take, _MAX_SECONDS, max_bytes=_MAX_BYTES, block_s=BLOCK_S)
    assert power is not None  # stream() refuses a file without sound
    return _Measured(frames, rate, r128.integrated(power.tens))


def _write(
    book: Book, marks: Sequence[Mark], measured: Sequence[_Measured], rate: int, edges: Sequence[int], ceiling: float,
    progress: Progress,
) -> None:  # fmt: skip
    facts = book.out.with_suffix(".ffmeta")
    facts.write_text(metadata(book, marks, edges, rate), encoding="utf-8")
    try:
        with ffmpeg.writing(_arguments(book, facts, rate)) as pipe:
            written = 0

            def give(samples: NDArray[np.float32]) -> None:
                nonlocal written
                written += samples.shape[1]
                pipe.write((samples[0] / np.float32(_ENCODER_GAIN[book.format])).astype("<f4").tobytes())
                progress("Binding", _MEASURED + (_WRITTEN - _MEASURED) * written / edges[-1])

            limited = Limited(rate, ceiling, give)
            for source, mark, each, start, end in zip(book.sources, marks, measured, edges, edges[1:], strict=False):
                flow = Resampled(each.sample_rate, rate, end - start, limited.feed)
                take = _raised(flow, 10 ** (mark.gain_db / 20))
                streaming.stream(source.path, take, _MAX_SECONDS, max_bytes=_MAX_BYTES, block_s=BLOCK_S)
                flow.close()
            limited.close()
    except OSError as error:
        raise StudioError(
            f"The book could not be written: {error.strerror or error}.", "Check that the disk has room, then retry it.",
            "storage_failed",
        ) from error  # fmt: skip
    finally:
        facts.unlink(missing_ok=True)


def _raised(flow: Resampled, factor: float) -> streaming.Take:
    def take(block: NDArray[np.float32], _sample_rate: int) -> None:
        flow.feed(files.to_mono(block) * np.float32(factor))

    return take


def _arguments(book: Book, facts: Path, rate: int) -> list[str]:
    out_rate = rate if rate in _RATES else next((known for known in _RATES if known > rate), _RATES[-1])
    arguments = ["-f", "f32le", "-ar", str(rate), "-ac", "1", "-i", "pipe:0", "-f", "ffmetadata", "-i", f"file:{facts}"]
    if book.cover is not None:
        codec = "jpeg_pipe" if book.cover.read_bytes()[:2] == b"\xff\xd8" else "png_pipe"
        arguments += ["-f", codec, "-i", f"file:{book.cover}", "-map", "0:a", "-map", "2:v", "-c:v", "copy",
                      "-disposition:v:0", "attached_pic", "-metadata:s:v", "title=Cover",
                      "-metadata:s:v", "comment=Cover (front)"]  # fmt: skip
    arguments += ["-map_metadata", "1", "-map_chapters", "1", "-bitexact", "-ar", str(out_rate)]
    return [*arguments, *FORMATS[book.format], "-y", f"file:{book.out}"]


def metadata(book: Book, marks: Sequence[Mark], edges: Sequence[int], rate: int) -> str:
    """ffmpeg's own format, exact to the frame."""
    told = {
        "title": book.title, "album": book.title, "artist": book.author, "album_artist": book.author,
        "genre": "Audiobook", "media_type": "2",
    }  # fmt: skip
    lines = [";FFMETADATA1", *(f"{name}={_escaped(value)}" for name, value in told.items() if value)]
    for mark, start, end in zip(marks, edges, edges[1:], strict=False):
        lines += ["[CHAPTER]", f"TIMEBASE=1/{rate}", f"START={start}", f"END={end}", f"title={_escaped(mark.title)}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    text = text.replace("\\", "/")  # at the end of a line its reader loses count of them
    return "".join(f"\\{character}" if character in "=;#\n" else character for character in text)


def _listen(path: Path, seconds: float, progress: Progress) -> tuple[float | None, float | None, tuple[int, ...], int]:
    """Loudness, true peak, waveform and rate of the written file."""
    power: r128.Powers | None = None
    highest, heard, rate = 0.0, 0, 0
    columns: list[NDArray[np.float32]] = []

    def take(block: NDArray[np.float32], sample_rate: int) -> None:
        nonlocal power, highest, heard, rate
        rate = sample_rate
        power = power or r128.Powers(sample_rate)
        mono = files.to_mono(block)
        power.feed(mono)
        loudest = float(np.abs(mono).max(initial=0.0))
        between = meters.oversampled_peaks(mono, max(highest, loudest))
        highest = max(highest, loudest, float(between.max(initial=0.0)))
        step = sample_rate // _COLUMNS_PER_S
        columns.append(np.maximum.reduceat(np.abs(mono[0]), np.arange(0, mono.shape[1], step)))
        heard += mono.shape[1]
        progress("Listening to it", _WRITTEN + (1 - _WRITTEN) * min(1.0, heard / sample_rate / max(seconds, 0.001)))

    try:
        streaming.stream(path, take, _MAX_SECONDS, max_bytes=_MAX_BYTES, block_s=BLOCK_S)
    except UserError as error:
        raise StudioError(
            "The finished book cannot be played.", f"Report this with the job's id. {error.message}"
        ) from error
    assert power is not None
    dbtp = 20 * float(np.log10(highest)) if highest > 0 else None
    peaks = files.peaks(np.concatenate(columns)[None, :], _PEAKS)
    return r128.integrated(power.tens), dbtp, tuple(peaks), rate
