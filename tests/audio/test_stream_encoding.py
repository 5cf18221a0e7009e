"""Sound in pieces to the bytes of a file: every form, nothing piled up, nothing left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.audio.files import decode
from core.audio.stream_encoding import FORMATS, Encoder, Wave, stream_format
from core.kit.errors import ProviderError, UserError
from core.voice.stream_level import StreamLevel

RATE = 22_050


def tone(seconds: float, level: float = 0.3) -> Wave:
    frames = np.arange(round(seconds * RATE))
    return (level * np.sin(frames * 2 * np.pi * 220 / RATE)).astype(np.float32)[None, :], RATE


def everything(encoder: Encoder) -> bytes:
    found = b""
    while (chunk := encoder.read(10.0)) is not None:
        found += chunk
    encoder.close()
    return found


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_form_holds_the_whole_sound(name: str, tmp_path: Path) -> None:
    data = everything(Encoder(iter([tone(0.5), tone(0.25), tone(0.75)]), stream_format(name)))
    if name == "pcm":
        seconds = len(data) / 2 / 24_000
    else:
        path = tmp_path / f"sound.{name}"
        path.write_bytes(data)
        seconds = decode(path).seconds
    assert seconds == pytest.approx(1.5, abs=0.13), name


def test_a_form_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="wma"):
        stream_format("wma")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_is_made_is_heard_before_what_is_not(name: str) -> None:
    """Half a second of sound is out while the source holds the rest back."""
    more = threading.Event()

    def waves() -> Iterator[Wave]:
        yield tone(1.0)
        assert more.wait(90)
        yield tone(1.0)

    encoder = Encoder(waves(), stream_format(name))
    before = 0
    until = time.monotonic() + 60
    while before < 3000 and time.monotonic() < until:
        before += len(encoder.read(0.1) or b"")
    assert before >= 3000, "nothing was heard of the first second"
    more.set()
    assert len(everything(encoder)) > 0.5 * before


def test_a_reader_who_does_not_read_stops_the_source() -> None:
    pulled: list[int] = []
    ended = threading.Event()

    def endless() -> Iterator[Wave]:
        try:
            while True:
                pulled.append(1)
                yield tone(1.0)
        finally:
            ended.set()

    encoder = Encoder(endless(), stream_format("wav"))
    assert encoder.read(10.0)
    held = -1
    while held != len(pulled):  # until it stands still
        held = len(pulled)
        time.sleep(0.5)
    assert held < 40, "an hour of it would fill the memory"
    encoder.close()
    assert ended.is_set(), "the source goes on for nobody"
    assert encoder._process is not None
    assert encoder._process.poll() is not None, "its encoder was left behind"


def test_what_breaks_is_told_after_what_was_made() -> None:
    def breaking() -> Iterator[Wave]:
        yield tone(0.5)
        raise ProviderError("It broke.")

    encoder = Encoder(breaking(), stream_format("pcm"))
    found: list[bytes] = []
    with pytest.raises(ProviderError, match="It broke"):
        found.extend(iter(lambda: encoder.read(10.0) or b"", b""))
    encoder.close()
    assert len(b"".join(found)) / 2 / 24_000 == pytest.approx(0.5, abs=0.02)


def test_nothing_at_all_is_an_end_too() -> None:
    assert everything(Encoder(iter(()), stream_format("mp3"))) == b""


def test_each_voice_keeps_its_gain_and_no_peak_passes_the_ceiling() -> None:
    level = StreamLevel(0.0)
    quiet, loud = tone(1.0, 0.05)[0], tone(1.0, 0.2)[0]
    first = level.levelled("a", quiet, RATE)
    again = level.levelled("a", tone(1.0, 0.025)[0], RATE)
    other = level.levelled("b", loud, RATE)
    assert np.abs(first).max() == pytest.approx(2 * np.abs(again).max(), rel=0.01)
    assert np.abs(other).max() == pytest.approx(np.abs(first).max(), rel=0.01)
    shouted = level.levelled("a", tone(1.0, 0.9)[0], RATE)
    assert np.abs(shouted).max() <= 10 ** (-1 / 20) + 1e-4
    silence = np.zeros((1, RATE), dtype=np.float32)
    assert not level.levelled("c", silence, RATE).any()
    assert np.abs(level.levelled("c", loud, RATE)).max() == pytest.approx(np.abs(first).max(), rel=0.01)
