"""The answer of /v1/audio/speech: sound as it is, or events with sound in base64 and the bill at the end.

Whatever is not a whole sound raises OutcomeUnknown: the service has answered 200, and may bill it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from core.kit.errors import Cancelled, OutcomeUnknown
from core.providers.refusals import lost

TITLE = "OpenAI"
EVENTS = "text/event-stream"
_SOUNDS = ("audio/", "application/octet-stream", "binary/octet-stream")
_CHUNK = 1 << 16
_WIDEST_BYTES = 48_000 * 2 * 2
"""Of a second of sound, in any form that the service sends."""
_OPEN_ENDED = 0x7FFF0000
"""A size from here on is written by a server that did not know it yet."""


def receive(
    response: Any, folder: Path, longest_s: float, cancelled: Callable[[], bool]
) -> tuple[float, dict[str, Decimal]]:
    """Write `speech.wav` (PCM 16) and answer its seconds and what was billed, as far as the service says. `response` is
    the SDK's open answer. The transport's own errors pass through."""
    stated = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    room = int(longest_s * _WIDEST_BYTES) + _CHUNK
    part = folder / "answer.part"
    units: dict[str, Decimal] = {}
    try:
        with part.open("wb") as file:
            if stated == EVENTS:
                _save(_sound_of(response.iter_lines(), units), file, room, cancelled)
            elif stated.startswith(_SOUNDS):
                _save(response.iter_bytes(_CHUNK), file, room, cancelled)
            else:
                raise lost(TITLE, f"it sent {stated or 'something unnamed'} instead of sound")
        return _as_wav(part, folder / "speech.wav"), units
    finally:
        part.unlink(missing_ok=True)


def _save(chunks: Iterator[bytes], file: BinaryIO, room: int, cancelled: Callable[[], bool]) -> None:
    for chunk in chunks:
        if cancelled():
            raise Cancelled
        room -= len(chunk)
        if room < 0:
            raise lost(TITLE, "it sends more sound than the text can have")
        file.write(chunk)


def _sound_of(lines: Iterator[str], units: dict[str, Decimal]) -> Iterator[bytes]:
    """The sound of the events; fills `units` from the last of them. A stream without its end was cut."""
    for line in lines:
        if not line.startswith("data:"):
            yield b""
            continue
        event = _event(line.removeprefix("data:").strip())
        if event.get("type") == "speech.audio.done":
            units.update(_usage(event.get("usage")))
            return
        if event.get("type") == "error" or event.get("error"):
            raise lost(TITLE, "it broke off with an error of its own")
        if event.get("type") == "speech.audio.delta":
            try:
                yield base64.b64decode(event["audio"], validate=True)
            except (KeyError, TypeError, binascii.Error):
                raise _garbled() from None
    raise lost(TITLE, "the answer ended too early")


def _event(data: str) -> Mapping[str, Any]:
    if data == "[DONE]":
        return {}
    try:
        event = json.loads(data)
    except ValueError:
        raise _garbled() from None
    if not isinstance(event, dict):
        raise _garbled()
    return event


def _garbled() -> OutcomeUnknown:
    return lost(TITLE, "an event of its answer cannot be read")


def _usage(usage: Any) -> dict[str, Decimal]:
    """What it leaves out is booked at its maximum (core.calls.metered)."""
    given = usage if isinstance(usage, dict) else {}
    counts = {"text_tokens": given.get("input_tokens"), "audio_tokens": given.get("output_tokens")}
    return {unit: Decimal(count) for unit, count in counts.items() if type(count) is int and count >= 0}


def _as_wav(part: Path, path: Path) -> float:
    """Written anew, since the service sends headers without a length. Seconds."""
    import soundfile

    with part.open("rb") as file:
        head = file.read(12)
    said = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and said < _OPEN_ENDED and said + 8 > part.stat().st_size + 1:
        raise lost(TITLE, "the sound ended too early")
    try:
        with soundfile.SoundFile(part) as sound:
            frames, rate = 0, int(sound.samplerate)
            with soundfile.SoundFile(path, "w", rate, sound.channels, "PCM_16", format="WAV") as wav:
                for block in sound.blocks(_CHUNK, dtype="float32"):
                    wav.write(block)
                    frames += len(block)
    except soundfile.LibsndfileError:
        path.unlink(missing_ok=True)
        raise lost(TITLE, "what it sent is no sound") from None
    if frames == 0:
        path.unlink(missing_ok=True)
        raise lost(TITLE, "the sound is empty")
    return frames / rate
