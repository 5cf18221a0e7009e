"""Sound in: any file the shipped ffmpeg reads, as float32 samples of shape (channels, frames).

The content decides, never the name. libsndfile reads the plain formats, where it is exact and quick; everything else,
and everything it stumbles over, goes to ffmpeg. Damage is either one clear UserError or what could be saved plus a
warning; limits hold while decoding, so a header that lies cannot fill the memory.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.audio import ffmpeg
from core.audio.encoding import FORMATS, Format, encode, file_format
from core.kit.errors import UserError
from core.kit.words import one_line

__all__ = [
    "FORMATS",
    "Audio",
    "AudioFacts",
    "Format",
    "decode",
    "decode_stereo",
    "encode",
    "file_format",
    "peaks",
    "probe",
    "to_mono",
    "to_stereo",
]

Samples = NDArray[np.float32]

MAX_SECONDS = 7200.0
MAX_BYTES = 2 * 1024**3
MAX_DECODED_BYTES = 3 * 1024**3 // 2
_CHUNK_BYTES = 1 << 20
_PLAIN = (b"RIFF", b"RF64", b"riff", b"FORM", b"fLaC")
_UNKNOWN_FRAMES = 2**62
_PLAIN_SUBTYPES = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_READABLE_HINT = "Use a WAV, FLAC, MP3, OGG, Opus, M4A or video file with sound; export it again if it is damaged."


@dataclass(frozen=True)
class AudioFacts:
    """What a header announces; `duration_s` is None where only decoding can tell."""

    duration_s: float | None
    sample_rate: int
    channels: int
    format: str
    codec: str
    bytes: int


@dataclass(frozen=True)
class Audio:
    samples: Samples
    """(channels, frames), full scale 1.0; may go beyond in float files and after a downmix"""
    sample_rate: int
    format: str = ""
    codec: str = ""
    warnings: tuple[str, ...] = ()
    """Sentences for the user: what was damaged and what was done about it."""

    @property
    def seconds(self) -> float:
        return float(self.samples.shape[1] / self.sample_rate)

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])


@dataclass
class Limits:
    name: str
    seconds: float

    def check(self, frames: int, channels: int, sample_rate: int) -> None:
        if frames > self.seconds * sample_rate:
            raise UserError(
                f"“{self.name}” is longer than {_spoken(self.seconds)}.",
                f"At most {_spoken(self.seconds)} can be read at once: cut the file into parts.",
                "too_long",
            )
        if frames * channels * 4 > MAX_DECODED_BYTES:
            raise UserError(
                f"“{self.name}” needs too much memory: {channels} channels at {sample_rate} Hz.",
                "Cut it into parts." if channels <= 2 else "Mix it down to stereo at 48 kHz, or cut it into parts.",
                "too_large",
            )


def probe(path: str | Path) -> AudioFacts:
    """What the file says of itself, without decoding it. UserError when it holds no sound."""
    with open_file(path, MAX_BYTES) as source:
        size = os.fstat(source.fileno()).st_size
        plain = open_plain(source)
        if plain is not None:
            with plain:
                if plain.frames > 0:
                    seconds = plain.frames / plain.samplerate
                    codec = plain_codec(plain)
                    return AudioFacts(seconds, plain.samplerate, plain.channels, plain.format.lower(), codec, size)
        source.seek(0)
        header = WavReader(Limits(name_of(path), MAX_SECONDS), header_only=True)
        messages, _ = ffmpeg.read_with(source, [*TO_FLOAT[:-1], "-t", "0.1", "pipe:1"], header.take, time_limit_s=30)
        if header.channels == 0 or not messages.codec:
            raise unreadable(path, messages)
        return AudioFacts(
            messages.announced_s, header.sample_rate, header.channels, messages.container, messages.codec, size
        )


def decode(
    path: str | Path,
    *,
    sample_rate: int | None = None,
    mono: bool = False,
    max_seconds: float = MAX_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> Audio:
    """The file's first audio track. Channels as they are, unless `mono`; resampled only when `sample_rate` is given.

    Raises UserError: no such file, no sound in it, damaged beyond reading, NaN samples, over a limit.
    """
    limits = Limits(name_of(path), max_seconds)
    with open_file(path, max_bytes) as source:
        audio = _decode_plain(source, limits)
        if audio is None:
            source.seek(0)
            audio = _decode_ffmpeg(source, path, limits, max_seconds)
    check_samples(audio.samples, path)
    samples = to_mono(audio.samples) if mono else audio.samples
    rate = audio.sample_rate
    if sample_rate is not None and sample_rate != rate:
        from core.audio.effects import resample

        samples, rate = resample(samples, rate, sample_rate), sample_rate
    return Audio(samples, rate, audio.format, audio.codec, audio.warnings)


def decode_stereo(path: str | Path, *, sample_rate: int | None = None, max_seconds: float = MAX_SECONDS) -> Audio:
    """Decoded and brought to two channels: mono doubled, surround mixed down."""
    audio = decode(path, max_seconds=max_seconds)
    samples, rate = to_stereo(audio.samples), audio.sample_rate
    if sample_rate is not None and sample_rate != rate:
        from core.audio.effects import resample

        samples, rate = resample(samples, rate, sample_rate), sample_rate
    return Audio(samples, rate, audio.format, audio.codec, audio.warnings)


def to_mono(samples: Samples) -> Samples:
    """The mean of left and right; surround goes through the stereo downmix first."""
    if samples.shape[0] == 1:
        return samples
    return np.asarray(to_stereo(samples).mean(axis=0, keepdims=True), dtype=np.float32)


_HALF = 2**-0.5
_DOWNMIX: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {
    # Left and right weights in WAVE channel order, after ITU-R BS.775; the LFE is left out, as it is there.
    3: ((1, 0, _HALF), (0, 1, _HALF)),
    4: ((1, 0, _HALF, 0), (0, 1, 0, _HALF)),
    5: ((1, 0, _HALF, _HALF, 0), (0, 1, _HALF, 0, _HALF)),
    6: ((1, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF)),
    7: ((1, 0, _HALF, 0, 0.5, _HALF, 0), (0, 1, _HALF, 0, 0.5, 0, _HALF)),
    8: ((1, 0, _HALF, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF, 0, _HALF)),
}


def to_stereo(samples: Samples) -> Samples:
    """Two channels of any layout up to 7.1. Not scaled down: float keeps what goes over, mastering sets the level."""
    channels = samples.shape[0]
    if channels == 2:
        return samples
    if channels == 1:
        return np.repeat(samples, 2, axis=0)
    if channels in _DOWNMIX:
        return np.asarray(_DOWNMIX[channels], dtype=np.float32) @ samples
    raise UserError(f"A file of {channels} channels cannot be mixed down.", "Use at most 8 channels (7.1).")


def peaks(samples: Samples, n: int) -> list[int]:
    """`n` columns of a waveform, each the loudest sample in it, 0 to 100 (100 is full scale)."""
    frames = samples.shape[1]
    if n <= 0 or frames == 0:
        return [0] * max(n, 0)
    loudest = np.abs(samples).max(axis=0)
    edges = np.minimum(np.arange(n) * frames // n, frames - 1)
    columns = np.maximum.reduceat(loudest, edges)
    return [int(value) for value in np.rint(np.clip(np.nan_to_num(columns), 0.0, 1.0) * 100)]


# --- libsndfile -------------------------------------------------------------------------------------------------------


def open_plain(source: FileIO) -> Any | None:
    """The file opened by libsndfile, or None when ffmpeg should read it."""
    head = source.read(12)
    source.seek(0)
    if not head.startswith(_PLAIN):
        return None
    import soundfile

    try:
        opened = soundfile.SoundFile(os.dup(source.fileno()), closefd=True)
    except (soundfile.LibsndfileError, RuntimeError, TypeError):
        return None
    # A FLAC written to a pipe announces no length; libsndfile then says 2^63 - 1.
    if opened.subtype.startswith(_PLAIN_SUBTYPES) and opened.frames < _UNKNOWN_FRAMES:
        return opened
    opened.close()
    return None


def plain_codec(opened: Any) -> str:
    return "flac" if opened.format == "FLAC" else str(opened.subtype).lower()


def _decode_plain(source: FileIO, limits: Limits) -> Audio | None:
    import soundfile

    opened = open_plain(source)
    if opened is None:
        return None
    total = 0
    with opened:
        rate, channels, announced = opened.samplerate, opened.channels, opened.frames
        limits.check(announced, channels, rate)  # before hours of silence are unpacked from a small file
        samples = np.empty((channels, announced), dtype=np.float32)
        step = max(1, _CHUNK_BYTES // (4 * channels)) * 8
        try:
            while len(block := opened.read(step, dtype="float32", always_2d=True)):
                samples[:, total : total + len(block)] = block.T
                total += len(block)
        except soundfile.LibsndfileError:
            return None  # ffmpeg may save more of it
        if total == 0 or (total < announced and opened.format == "FLAC"):
            return None
        container, codec = opened.format.lower(), plain_codec(opened)
    warnings = wav_warnings(source, limits.name) if container in ("wav", "wavex") else ()
    return Audio(np.ascontiguousarray(samples[:, :total]), rate, container, codec, warnings)


def wav_warnings(source: FileIO, name: str) -> tuple[str, ...]:
    """libsndfile quietly reads what is there; the user should know when the header promised more."""
    size = os.fstat(source.fileno()).st_size
    source.seek(12)
    while len(head := source.read(8)) == 8:
        chunk, length = struct.unpack("<4sI", head)
        if chunk == b"data":
            if length == 0xFFFFFFFF or length <= size - source.tell():
                return ()
            share = (size - source.tell()) / length
            return (f"“{name}” breaks off early: {share:.0%} of the sound its header announces is there.",)
        source.seek(length + length % 2, os.SEEK_CUR)
    return ()


# --- ffmpeg -----------------------------------------------------------------------------------------------------------

TO_FLOAT = ["-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn"]
TO_FLOAT += ["-bitexact", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"]


class WavReader:
    """Reads the float WAV that ffmpeg writes to its pipe: a header, then samples without an end known before."""

    def __init__(self, limits: Limits, *, header_only: bool = False) -> None:
        self.limits = limits
        self.header_only = header_only
        self.channels = 0
        self.sample_rate = 0
        self.data = bytearray()

    def take(self, pipe: IO[bytes]) -> None:
        if len(pipe.read(12)) < 12:
            return
        while len(head := pipe.read(8)) == 8:
            chunk, length = struct.unpack("<4sI", head)
            if chunk == b"data":
                break
            body = pipe.read(length + length % 2)
            if chunk == b"fmt ":
                self.channels, self.sample_rate = struct.unpack("<HI", body[2:8])
        if self.header_only or self.channels == 0:
            return
        while block := pipe.read(_CHUNK_BYTES):
            self.data += block
            self.limits.check(len(self.data) // (4 * self.channels), self.channels, self.sample_rate)

    def samples(self) -> Samples:
        frames = len(self.data) // (4 * self.channels)
        flat = np.frombuffer(self.data, dtype="<f4", count=frames * self.channels)
        return np.ascontiguousarray(flat.reshape(frames, self.channels).T)


def _decode_ffmpeg(source: FileIO, path: str | Path, limits: Limits, max_seconds: float) -> Audio:
    reader = WavReader(limits)
    messages, late = ffmpeg.read_with(source, TO_FLOAT, reader.take, time_limit_s=30 + max_seconds / 10)
    if late:
        raise too_slow(path)
    if reader.channels == 0 or not reader.data:
        raise unreadable(path, messages)
    samples = reader.samples()
    warnings = damage(limits.name, samples.shape[1] / reader.sample_rate, messages)
    return Audio(samples, reader.sample_rate, messages.container, messages.codec, warnings)


def damage(name: str, seconds: float, messages: ffmpeg.Messages) -> tuple[str, ...]:
    """Warnings for the user about a file of which so much could be read."""
    found: list[str] = []
    announced = messages.announced_s
    if announced is not None and seconds < announced - max(0.25, 0.02 * announced):
        found.append(f"“{name}” breaks off early: {seconds:.1f} s of the {announced:.1f} s it announces could be read.")
    if any("wav data size" in line for line in messages.complaints):
        found.append(f"“{name}” does not say how long it is; everything in it was read.")
    elif messages.errors or any("CRC mismatch" in line for line in messages.complaints):
        found.append(f"“{name}” is damaged: the broken parts were skipped.")
    return tuple(found)


# --- refusals ---------------------------------------------------------------------------------------------------------


def open_file(path: str | Path, max_bytes: int) -> FileIO:
    name = name_of(path)
    try:
        if not os.path.exists(path):
            raise UserError(f"There is no file “{name}”.", "Check the name and the folder.", "not_found")
        if not os.path.isfile(path):
            raise UserError(f"“{name}” is not a file.", "Choose a sound or video file.")
        # Unbuffered: libsndfile and ffmpeg continue at the descriptor's own position.
        source = open(path, "rb", buffering=0)  # noqa: SIM115 - every caller closes it with `with`
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"“{name}” cannot be opened: {reason}.", "Check the name and its permissions.") from error
    size = os.fstat(source.fileno()).st_size
    if size == 0:
        source.close()
        raise UserError(f"“{name}” is empty (0 bytes).", "Export or download it again.", "unreadable")
    if size > max_bytes:
        source.close()
        raise UserError(
            f"“{name}” is {size / 1e6:.0f} MB; at most {max_bytes / 1e6:.0f} MB are read.",
            "Export it as FLAC or MP3, or cut it into parts.",
            "too_large",
        )
    return source


def unreadable(path: str | Path, messages: ffmpeg.Messages) -> UserError:
    name = name_of(path)
    said = " ".join(messages.errors)
    if "moov atom not found" in said:
        cause = f"“{name}” was never finished: its index (moov) is missing."
    elif "matches no streams" in said:
        cause = f"“{name}” holds no sound."
    elif messages.codec:
        cause = f"“{name}” holds no sound: its header is fine, but there are no samples."
    else:
        cause = f"“{name}” is not a sound file, or is damaged beyond reading."
    return UserError(cause, _READABLE_HINT, "unreadable")


def too_slow(path: str | Path) -> UserError:
    return UserError(f"Reading “{name_of(path)}” took too long and was stopped.", _READABLE_HINT, "unreadable")


def check_samples(samples: Samples, path: str | Path) -> None:
    if not np.isfinite(samples).all():
        raise UserError(
            f"“{name_of(path)}” holds values that are not numbers (NaN or infinite).",
            "Render it again in the program it came from; a plug-in there went wrong.",
            "not_finite",
        )


def name_of(path: str | Path) -> str:
    return one_line(Path(path).name, 255) or str(path)


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"
