"""A film with another sound. The picture is copied as it is wherever an MP4 may hold it, captions and chapters with it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.audio import ffmpeg, files
from core.kit.children import Progress
from core.kit.errors import ProviderError, SetupError, StudioError
from core.video import footage
from core.video.footage import Footage

COPIED = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
"""Codecs an MP4 may hold and players know there."""
_TEXT = frozenset({"mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text"})
"""Captions that an MP4 can hold as text; pictures of text it cannot."""
_SDR = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
_HDR = ("-c:v", "libx265", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-x265-params", "log-level=error")  # fmt: skip
_MARGIN_BYTES = 2**20
_FULL = "No space left"
_UNREADABLE = "what was written cannot be read back whole"


@dataclass(frozen=True)
class Muxed:
    copied: bool
    """Whether the picture is the film's own, bit for bit."""
    frames: int
    fps: float
    captions: int = 0
    left_out: tuple[str, ...] = ()
    """What an MP4 cannot hold, in words."""


def mux_in_child(request: tuple[str, str, str, float], progress: Progress) -> Muxed:
    """(film, sound as an M4A, MP4 to write, longest seconds). The film is a stranger's and goes by descriptor. SetupError
    where the disk is full; the MP4 is looked through before it is answered."""
    film, sound, out, max_seconds = request
    found = footage.probe(film, max_seconds=max_seconds)
    _check_room(Path(out), Path(film).stat().st_size + Path(sound).stat().st_size)
    said = ""
    for copied in (True, False):
        if copied and found.codec not in COPIED:
            continue
        progress("Copying the picture" if copied else "Encoding the picture", 0.1)
        said = _run(film, sound, out, found, copied=copied, max_seconds=max_seconds)
        if not said:
            progress("Checking the film", 0.8)
            frames, fps, said = _looked_through(out, max_seconds)
        if not said:
            kept = [codec in _TEXT for codec in found.captions]
            lost = tuple(f"captions as pictures ({codec})" for codec in found.captions if codec not in _TEXT)
            return Muxed(copied, frames, fps, sum(kept), lost)
        # A picture that is damaged, or that its container tells wrongly, may be drawn anew where it cannot be copied.
        Path(out).unlink(missing_ok=True)
        if _FULL in said:
            break
    raise _failed(said)


def _run(film: str, sound: str, out: str, found: Footage, *, copied: bool, max_seconds: float) -> str:
    """What went wrong, or ""."""
    picture = ["-c:v", "copy", *(("-tag:v", "hvc1") if found.codec == "hevc" else ())]
    if not copied:
        picture = [*(_HDR if found.hdr else _SDR), "-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"]
    captions = [["-map", f"0:s:{number}"] for number, codec in enumerate(found.captions) if codec in _TEXT]
    arguments = [
        "-protocol_whitelist", "file", "-i", sound, "-map", "0:V:0",
        "-map", "1:a:0", *(word for each in captions for word in each), *picture, "-c:a", "copy", "-c:s", "mov_text",
        "-map_metadata", "0", "-movflags", "+faststart", "-f", "mp4", "-y", out,
    ]  # fmt: skip
    try:
        with files.open_file(film, 2**40) as source:
            messages, late = ffmpeg.read_with(source, arguments, lambda pipe: None, time_limit_s=120 + 6 * max_seconds)
    except OSError as error:
        return error.strerror or str(error)
    if late:
        return "it took too long"
    full = [text for text in messages.errors if _FULL in text]
    if full:
        return full[0]
    written = Path(out)
    if not written.is_file() or written.stat().st_size == 0:
        return messages.errors[-1] if messages.errors else "ffmpeg wrote nothing"
    return next((text for text in messages.errors if "Error writing trailer" in text), "")


def _looked_through(out: str, max_seconds: float) -> tuple[int, float, str]:
    """(frames, how many a second, what is wrong with it or "")"""
    try:
        made = footage.probe(out, max_seconds=max_seconds + 60)
        frames, damage = footage.watch(out, made, lambda number, frame: None, max_seconds=max_seconds + 60)
    except StudioError as error:
        return 0, 0.0, f"{_UNREADABLE} ({error.message.rstrip('.')})"
    return frames, made.fps, _UNREADABLE if damage or not made.sounds else ""


def _check_room(out: Path, needed: int) -> None:
    if shutil.disk_usage(out.parent).free < needed + _MARGIN_BYTES:
        raise _failed(_FULL)


def _failed(said: str) -> StudioError:
    if _FULL in said:
        return SetupError(
            "The disk is full: the film could not be written.",
            "Make room, then retry the job: what was made for it is kept.", "disk_full",
        )  # fmt: skip
    if said.startswith(_UNREADABLE):
        return ProviderError(f"The film could not be written: {said}.", "Try again; report it if it stays.")
    return SetupError(
        f"The film could not be written: {said}.", "Export the clip as H.264 MP4 and try again.", "mux_failed"
    )
