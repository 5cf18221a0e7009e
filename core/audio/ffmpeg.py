"""The ffmpeg of the wheel as a decoder and an encoder of raw samples, behind one narrow door.

A file from a stranger is handed over as an open descriptor: ffmpeg gets no path (so an odd name cannot become an
option), may open nothing else (the only protocols are that descriptor and the pipe), and never guesses by extension.
Playlists and other formats that point at further files are not on the list of formats it may read.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from io import FileIO
from typing import IO

from core.kit.errors import SetupError

READABLE = (
    "wav,w64,aiff,au,caf,flac,mp3,ogg,aac,mov,mp4,m4a,3gp,3g2,matroska,webm,asf,avi,flv,mpegts,mpeg,mxf,nut,"
    "ac3,eac3,dts,truehd,amr,ape,wv,tta,tak,mpc,mpc8,dsf,iff,voc,oma,rm,qoa"
)
"""Containers that hold their own sound; hls, dash, concat, sdp, image lists and devices are left out on purpose."""

_KEPT_MESSAGES = 400
_LINE = re.compile(r"^(?:\[[^\]]*@[^\]]*\] ?)*\[(info|warning|error|fatal|panic)\] (.*)$")
_DURATION = re.compile(r"^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_INPUT = re.compile(r"^Input #0, ([\w,]+), from")
_STREAM = re.compile(r"^\s*Stream #0:\d+\S*: Audio: (\w+)(?:.*?, (\d+) Hz)?")
_PICTURE = re.compile(r"^\s*Stream #0:\d+\S*: Video: (.*)$")
_CAPTIONS = re.compile(r"^\s*Stream #0:\d+\S*: Subtitle: (\w+)")
_START = re.compile(r", start:? (-?\d+(?:\.\d+)?)\b")
_ROTATION = re.compile(r"rotation of (-?\d+(?:\.\d+)?) degrees")


@dataclass
class Messages:
    """What ffmpeg said about the input: its header as announced, and its complaints."""

    container: str = ""
    codec: str = ""
    sample_rate: int = 0
    announced_s: float | None = None
    """None where the container announces nothing, or ffmpeg only estimated it from the bit rate."""
    picture: str = ""
    """What is announced of the first moving picture: codec, size, rate. A cover is none."""
    rotation: float = 0.0
    """Degrees, counter-clockwise, that a player turns it by."""
    starts_s: float = 0.0
    sound_starts_s: float = 0.0
    """When the whole begins by the file's own clock, and when its first sound does."""
    captions: list[str] = field(default_factory=list)
    """Codecs of its subtitle streams, in order."""
    complaints: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        match = _LINE.match(line)
        if match is None:
            return
        level, text = match.groups()
        if level == "info":
            self._facts(text)
        elif "Estimating duration from bitrate" in text:
            self._estimated = True
        elif len(self.complaints) < _KEPT_MESSAGES:
            self.complaints.append(text.strip())
            if level != "warning":
                self.errors.append(text.strip())

    _estimated: bool = False
    _told: bool = False

    def _facts(self, text: str) -> None:
        if (found := _INPUT.match(text)) is not None:
            self.container = found.group(1).split(",")[0]
        elif (found := _DURATION.match(text)) is not None and not self._estimated:
            hours, minutes, seconds = found.groups()
            self.announced_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            self.starts_s = _started(text)
        elif not self.codec and (found := _STREAM.match(text)) is not None:
            self.codec = found.group(1)
            self.sample_rate = int(found.group(2) or 0)
            self.sound_starts_s = _started(text)
        elif (found := _CAPTIONS.match(text)) is not None and not self._told:
            self.captions.append(found.group(1))
        elif not self.picture and (found := _PICTURE.match(text)) is not None and "attached pic" not in text:
            self.picture = found.group(1)
        elif self.picture and (found := _ROTATION.search(text)) is not None:
            self.rotation = float(found.group(1))
        elif text.startswith("Output #"):
            self._told = True  # what follows is of the file that is written


def _started(text: str) -> float:
    found = _START.search(text)
    return 0.0 if found is None else float(found.group(1))


@cache
def executable() -> str:
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise SetupError(
            "The ffmpeg that belongs to the studio is missing.", "Run: pip install --force-reinstall imageio-ffmpeg"
        ) from error


def read_with(
    source: FileIO, arguments: list[str], take: Callable[[IO[bytes]], None], *, time_limit_s: float
) -> tuple[Messages, bool]:
    """Feed an open file to ffmpeg and let `take` read what comes out. (messages, True when the time ran out).

    When `take` raises, the process is killed first and the error goes on: that is how limits are enforced.
    """
    command = [executable(), "-hide_banner", "-nostats", "-loglevel", "level+info"]
    command += ["-protocol_whitelist", "fd,pipe", "-format_whitelist", READABLE, "-i", "fd:", *arguments]
    process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    messages = Messages()
    errors = process.stderr
    late = threading.Event()

    def listen() -> None:
        for line in errors:
            messages.read(line.decode("utf-8", "replace").rstrip("\r\n"))

    def stop() -> None:
        late.set()
        process.kill()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    timer = threading.Timer(time_limit_s, stop)
    timer.daemon = True
    timer.start()
    try:
        take(process.stdout)
        process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        listener.join(timeout=5)
        process.stdout.close()
        process.stderr.close()
    return messages, late.is_set()


def write_with(samples: bytes, arguments: list[str], *, time_limit_s: float) -> str:
    """Feed raw samples to ffmpeg, which writes the file named in `arguments`. Returns "" or what went wrong."""
    command = [executable(), "-hide_banner", "-nostats", "-loglevel", "error", *arguments]
    try:
        done = subprocess.run(command, input=samples, capture_output=True, timeout=time_limit_s, check=False)
    except subprocess.TimeoutExpired:
        return "it took too long"
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return said[-1] if said else f"ffmpeg ended with {done.returncode}"
    return ""


@contextmanager
def writing(arguments: list[str]) -> Iterator[IO[bytes]]:
    """A pipe for raw samples that are too many to hold; ffmpeg writes the file named in `arguments`. OSError with what
    went wrong when it could not."""
    command = [executable(), "-hide_banner", "-nostats", "-loglevel", "error", *arguments]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        assert process.stdin is not None
        try:
            try:
                yield process.stdin
                process.stdin.close()
            except BrokenPipeError:
                pass  # it left early: its own words say why
            if process.wait() != 0:
                said.seek(0)
                lines = said.read().decode("utf-8", "replace").strip().splitlines()
                raise OSError(0, lines[-1] if lines else f"ffmpeg ended with {process.returncode}")
        finally:
            process.kill()
            process.wait()
            with suppress(OSError):
                process.stdin.close()
