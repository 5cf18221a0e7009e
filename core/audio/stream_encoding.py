"""Sound that is still being made, as the bytes of a file: one ffmpeg process a stream, fed and read by pipes.

Nothing piles up: the bytes wait in a short queue, behind it ffmpeg waits, and behind that the sound's source.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio import ffmpeg
from core.kit.errors import StudioError, UserError

Wave = tuple[NDArray[np.float32], int]
"""(channels, frames) and the sample rate."""


@dataclass(frozen=True)
class StreamFormat:
    mime: str
    arguments: tuple[str, ...]


FORMATS = {
    "mp3": StreamFormat("audio/mpeg", ("-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", "-f", "mp3")),
    # Its header says a length of 4 GB, as all do that were written before the end was known.
    "wav": StreamFormat("audio/wav", ("-c:a", "pcm_s16le", "-f", "wav")),
    "pcm": StreamFormat("audio/pcm", ("-c:a", "pcm_s16le", "-ar", "24000", "-f", "s16le")),
    "opus": StreamFormat(
        "audio/ogg", ("-c:a", "libopus", "-b:a", "64k", "-ar", "48000", "-page_duration", "20000", "-f", "opus")
    ),
    "flac": StreamFormat("audio/flac", ("-c:a", "flac", "-sample_fmt", "s16", "-f", "flac")),
    "aac": StreamFormat("audio/aac", ("-c:a", "aac", "-b:a", "128k", "-ar", "44100", "-f", "adts")),
}
_CHUNK = 1 << 13
_QUEUED = 32
_POLL_S = 0.1


def stream_format(name: str) -> StreamFormat:
    found = FORMATS.get(name)
    if found is None:
        raise UserError(f"Sound is not streamed as {name[:20]!r}.", f"Choose one of: {', '.join(FORMATS)}.")
    return found


class Encoder:
    """Reads `waves` in a thread of its own, all at the rate and with the channels of the first. What they raise, read() raises after every
    byte made before it."""

    def __init__(self, waves: Iterator[Wave], format: StreamFormat) -> None:
        self._waves = waves
        self._format = format
        self._bytes: queue.Queue[bytes | None] = queue.Queue(_QUEUED)
        self._error: BaseException | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._ended = False
        self._feeder = threading.Thread(target=self._feed, daemon=True, name="sound-stream")
        self._feeder.start()

    def read(self, timeout_s: float = 0.0) -> bytes | None:
        """What there is now; b"" where nothing came in time, None at the end."""
        if not self._ended:
            try:
                chunk = self._bytes.get(timeout=timeout_s) if timeout_s else self._bytes.get_nowait()
            except queue.Empty:
                return b""
            if chunk is not None:
                return chunk
            self._ended = True
        if self._error is not None:
            raise self._error
        return None

    def close(self) -> None:
        """Ends the process and the threads; the source is told by its generator's close or its own event."""
        with self._lock:
            self._closed.set()
            if self._process is not None:
                self._process.kill()
        self._feeder.join(timeout=10)
        if self._reader is not None:
            self._reader.join(timeout=10)

    def _feed(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        try:
            for samples, rate in self._waves:
                if process is None:
                    process = self._open(rate, len(samples))
                    if process is None:
                        break
                assert process.stdin is not None
                process.stdin.write(np.ascontiguousarray(samples.T, dtype="<f4").tobytes())
                process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            self._error = None if self._closed.is_set() else _broken(error)
        except BaseException as error:
            self._error = error
        finally:
            with suppress(Exception):
                self._waves.close()  # type: ignore[attr-defined]
            if process is None:
                self._put(None)
            elif process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()

    def _open(self, rate: int, channels: int) -> subprocess.Popen[bytes] | None:
        command = [
            ffmpeg.executable(), "-hide_banner", "-nostats", "-loglevel", "error", "-probesize", "32", "-analyzeduration",
            "0", "-f", "f32le", "-ar", str(rate), "-ac", str(channels), "-i", "pipe:0", "-map_metadata", "-1", "-bitexact",
            *self._format.arguments, "-flush_packets", "1", "pipe:1",
        ]  # fmt: skip
        with self._lock:
            if self._closed.is_set():
                return None
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._process = process
        self._reader = threading.Thread(target=self._collect, args=(process,), daemon=True, name="sound-encoder")
        self._reader.start()
        return process

    def _collect(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        try:
            while chunk := os.read(process.stdout.fileno(), _CHUNK):
                if not self._put(chunk):
                    return
            if process.wait() != 0 and self._error is None and not self._closed.is_set():
                self._error = _broken(None)
            self._put(None)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def _put(self, chunk: bytes | None) -> bool:
        while not self._closed.is_set():
            try:
                self._bytes.put(chunk, timeout=_POLL_S)
                return True
            except queue.Full:
                continue
        return False


def _broken(error: BaseException | None) -> StudioError:
    why = f" ({error})" if error is not None else ""
    return StudioError(f"The encoder of the stream failed{why}.", "Ask for another format, or without streaming.")
