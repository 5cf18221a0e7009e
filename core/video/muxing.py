"""A film with another sound. The picture is copied as it is wherever an MP4 may hold it, captions and chapters with it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.audio import ffmpeg, files
from core.kit.children import Progress
from core.kit.errors import ProviderError, SetupError
from core.video import footage

COPIED = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
"""Codecs an MP4 may hold and players know there."""
_MARGIN_BYTES = 2**20


@dataclass(frozen=True)
class Muxed:
    copied: bool
    """Whether the picture is the film's own, bit for bit."""
    frames: int
    fps: float


def mux_in_child(request: tuple[str, str, str, float], progress: Progress) -> Muxed:
    """(film, sound as an M4A, MP4 to write, longest seconds). The film is a stranger's and goes by descriptor. SetupError
    where the disk is full; the MP4 is looked through before it is answered."""
    film, sound, out, max_seconds = request
    found = footage.probe(film, max_seconds=max_seconds)
    _check_room(Path(out), Path(film).stat().st_size + Path(sound).stat().st_size)
    for copied in (found.codec in COPIED, False):
        progress("Copying the picture" if copied else "Encoding the picture", 0.1)
        said = _run(film, sound, out, copied=copied, max_seconds=max_seconds)
        if not said:
            break
        Path(out).unlink(missing_ok=True)
        if "No space left" in said or not copied:
            raise _failed(said)
    progress("Checking the film", 0.8)
    made = footage.probe(out, max_seconds=max_seconds + 60)
    frames, damage = footage.watch(out, made, lambda number, frame: None, max_seconds=max_seconds + 60)
    if damage or not made.sounds:
        raise ProviderError("The film that was written cannot be read back whole.", "Try again; report it if it stays.")
    return Muxed(copied, frames, made.fps)


def _run(film: str, sound: str, out: str, *, copied: bool, max_seconds: float) -> str:
    """What went wrong, or ""."""
    picture = ["-c:v", "copy"]
    if not copied:
        even = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
        picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", "-vf", even]
    arguments = [
        "-protocol_whitelist", "file", "-i", sound, "-map", "0:V:0", "-map", "1:a:0", "-map", "0:s?", *picture,
        "-c:a", "copy", "-c:s", "mov_text", "-map_metadata", "0", "-movflags", "+faststart", "-f", "mp4", "-y", out,
    ]  # fmt: skip
    with files.open_file(film, 2**40) as source:
        messages, late = ffmpeg.read_with(source, arguments, lambda pipe: None, time_limit_s=120 + 6 * max_seconds)
    if late:
        return "it took too long"
    written = Path(out)
    if not written.is_file() or written.stat().st_size == 0:
        return messages.errors[-1] if messages.errors else "ffmpeg wrote nothing"
    full = [text for text in messages.errors if "No space left" in text or "Error writing trailer" in text]
    return full[0] if full else ""


def _check_room(out: Path, needed: int) -> None:
    if shutil.disk_usage(out.parent).free < needed + _MARGIN_BYTES:
        raise _failed("No space left on device")


def _failed(said: str) -> SetupError:
    if "No space left" in said:
        return SetupError(
            "The disk is full: the film could not be written.",
            "Make room, then retry the job: what was made for it is kept.", "disk_full",
        )  # fmt: skip
    return SetupError(
        f"The film could not be written: {said}.", "Export the clip as H.264 MP4 and try again.", "mux_failed"
    )
