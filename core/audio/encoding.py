"""Sound out: every export format in one table, written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio import ffmpeg
from core.kit.errors import SetupError, StudioError, UserError

Samples = NDArray[np.float32]

_DITHER_SEED = 1961  # fixed, so that the same samples always give the same file


@dataclass(frozen=True)
class Format:
    name: str
    label: str
    extension: str
    mime: str
    lossy: bool
    rates: tuple[int, ...] = ()
    """Sample rates the codec takes, ascending; empty: any."""
    subtype: str = ""
    """libsndfile's name of the sample format, for what it writes."""
    arguments: tuple[str, ...] = ()
    """ffmpeg's codec and container, for what it writes."""

    def rate_for(self, sample_rate: int) -> int:
        """The rate a file of this format will have: unchanged where allowed, else the next one up."""
        if not self.rates or sample_rate in self.rates:
            return sample_rate
        return next((rate for rate in self.rates if rate >= sample_rate), self.rates[-1])


_RATES = (44100, 48000)  # lossy codecs are at home here; speech at 16 kHz would lose its upper end in some
FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("wav16", "WAV 16-bit", ".wav", "audio/wav", False, subtype="PCM_16"),
        Format("wav24", "WAV 24-bit", ".wav", "audio/wav", False, subtype="PCM_24"),
        Format("wav32f", "WAV 32-bit float", ".wav", "audio/wav", False, subtype="FLOAT"),
        Format("flac", "FLAC (lossless, 24-bit)", ".flac", "audio/flac", False, subtype="PCM_24"),
        Format(
            "mp3", "MP3 320 kb/s", ".mp3", "audio/mpeg", True, _RATES,
            arguments=("-c:a", "libmp3lame", "-b:a", "320k", "-f", "mp3"),
        ),
        Format(
            "ogg", "OGG Vorbis", ".ogg", "audio/ogg", True, _RATES,
            arguments=("-c:a", "libvorbis", "-q:a", "7", "-f", "ogg"),
        ),
        Format(
            "opus", "Opus", ".opus", "audio/ogg; codecs=opus", True, (48000,),
            arguments=("-c:a", "libopus", "-b:a", "192k", "-f", "opus"),
        ),
        Format(
            "m4a", "M4A (AAC 256 kb/s)", ".m4a", "audio/mp4", True, _RATES,
            arguments=("-c:a", "aac", "-b:a", "256k", "-movflags", "+faststart", "-f", "ipod"),
        ),
    )
}  # fmt: skip

_BY_EXTENSION = {"wav": "wav16", "mp4": "m4a", "aac": "m4a", "oga": "ogg"}


def file_format(name: str) -> Format:
    """By name, or by extension ('wav' is 16-bit). UserError names what there is."""
    wanted = name.lower().lstrip(".")
    found = FORMATS.get(wanted) or FORMATS.get(_BY_EXTENSION.get(wanted, ""))
    if found is None:
        raise UserError(f"There is no export format “{name}”.", f"Formats: {', '.join(FORMATS)}.", "unknown_format")
    return found


def encode(path: str | Path, samples: Samples, sample_rate: int, format: str) -> Path:
    """Write the samples; the name keeps whatever extension it has. Atomic: a reader never sees half a file.

    Resamples where the codec cannot take the rate (Format.rate_for). UserError when the folder cannot be written.
    """
    chosen = file_format(format)
    target = Path(path)
    if samples.ndim != 2 or samples.shape[1] == 0:
        raise UserError("There is no sound to write.", "The piece must be longer than 0 seconds.")
    if samples.shape[0] > 2 and chosen.lossy:
        raise UserError(f"{chosen.label} is written in mono or stereo only.", "Mix it down, or choose WAV or FLAC.")
    if not np.isfinite(samples).all():
        raise StudioError("The sound to write holds values that are not numbers.", "Report this with the job's id.")
    rate = chosen.rate_for(sample_rate)
    if rate != sample_rate:
        from core.audio.effects import resample

        samples = resample(samples, sample_rate, rate)
    with _whole(target) as temporary:
        if chosen.subtype:
            _write_plain(temporary, samples, rate, chosen)
        else:
            _write_lossy(temporary, samples, rate, chosen)
    return target


def encode_blocks(path: str | Path, blocks: Iterable[Samples], sample_rate: int, channels: int, format: str) -> Path:
    """The same file of sound that is too long to hold, at a rate that the format takes."""
    chosen, target = file_format(format), Path(path)
    with _whole(target) as temporary:
        if chosen.subtype == "FLOAT":
            _write_floats(temporary, blocks, sample_rate, channels)
        elif chosen.subtype:
            _write_blocks(temporary, blocks, sample_rate, channels, chosen)
        else:
            temporary.touch()
            with ffmpeg.writing(_lossy(temporary, sample_rate, channels, chosen)) as pipe:
                for block in blocks:
                    pipe.write(np.ascontiguousarray(block.T, dtype="<f4").tobytes())
    return target


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A temporary file that takes the target's place when it is written to its end."""
    # The name of a temporary file is ours alone: a name of the user's at full length would not leave room for more.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield temporary
        os.replace(temporary, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            raise SetupError(
                "The disk is full: the sound could not be written.",
                "Make room, then retry the job: what was made for it is kept.", "disk_full",
            ) from error  # fmt: skip
        reason = error.strerror or str(error)
        raise UserError(
            f"“{target.name}” cannot be written: {reason}.", "Check that the folder exists, is writable and has room."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_plain(path: Path, samples: Samples, sample_rate: int, chosen: Format) -> None:
    import soundfile

    data: NDArray[np.float32] | NDArray[np.int16] = samples.T
    if chosen.subtype == "PCM_16":
        data = _dithered(samples).T
    if chosen.subtype == "FLOAT":
        # libsndfile stamps float files with the time of writing; the same samples must give the same bytes.
        from scipy.io import wavfile

        wavfile.write(path, sample_rate, np.ascontiguousarray(data, dtype=np.float32))
        return
    container = "FLAC" if chosen.name == "flac" else "WAV"
    with path.open("wb") as out:
        try:
            soundfile.write(out, data, sample_rate, format=container, subtype=chosen.subtype)
        except soundfile.LibsndfileError as error:
            raise UserError(
                f"{chosen.label} cannot hold {samples.shape[0]} channels at {sample_rate} Hz.", "Choose WAV."
            ) from error


def _dithered(samples: Samples) -> NDArray[np.int16]:
    """16 bits with triangular dither of two steps peak to peak; exact silence stays exact silence."""
    random = np.random.default_rng(_DITHER_SEED)
    shape = samples.shape
    noise = random.random(shape, dtype=np.float32) - random.random(shape, dtype=np.float32)
    noise[samples == 0] = 0
    return np.clip(np.rint(samples * 32767 + noise), -32768, 32767).astype(np.int16)


def _write_lossy(path: Path, samples: Samples, sample_rate: int, chosen: Format) -> None:
    raw = np.ascontiguousarray(samples.T, dtype="<f4").tobytes()
    arguments = _lossy(path, sample_rate, samples.shape[0], chosen)
    seconds = samples.shape[1] / sample_rate
    path.touch()  # raises the OSError that ffmpeg would only print
    if said := ffmpeg.write_with(raw, arguments, time_limit_s=60 + seconds):
        raise OSError(0, f"the {chosen.label} encoder failed ({said})")


def _lossy(path: Path, sample_rate: int, channels: int, chosen: Format) -> list[str]:
    arguments = ["-f", "f32le", "-ar", str(sample_rate), "-ac", str(channels), "-i", "pipe:0"]
    return [*arguments, "-map_metadata", "-1", "-bitexact", *chosen.arguments, "-y", f"file:{path}"]


def _write_blocks(path: Path, blocks: Iterable[Samples], sample_rate: int, channels: int, chosen: Format) -> None:
    import soundfile

    container = "FLAC" if chosen.name == "flac" else "WAV"
    try:
        with soundfile.SoundFile(path, "w", sample_rate, channels, chosen.subtype, format=container) as out:
            for block in blocks:
                out.write(block.T)
    except (soundfile.LibsndfileError, AssertionError) as error:  # it asserts that all of a block was written
        raise OSError(errno.ENOSPC, "No space left on device") from error


def _write_floats(path: Path, blocks: Iterable[Samples], sample_rate: int, channels: int) -> None:
    """As scipy writes them in one go; the lengths in the header come last."""
    with path.open("wb") as out:
        out.write(_float_header(0, sample_rate, channels))
        frames = 0
        for block in blocks:
            out.write(np.ascontiguousarray(block.T, dtype="<f4").tobytes())
            frames += block.shape[1]
        out.seek(0)
        out.write(_float_header(frames, sample_rate, channels))


def _float_header(frames: int, sample_rate: int, channels: int) -> bytes:
    size = 4 * channels * frames
    said = struct.pack("<HHIIHHH", 3, channels, sample_rate, 4 * channels * sample_rate, 4 * channels, 32, 0)
    body = b"WAVEfmt " + struct.pack("<I", len(said)) + said + b"fact" + struct.pack("<II", 4, frames)
    body += b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(body) + size) + body
