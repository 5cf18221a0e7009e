"""What the cases of cloning references are mixed from: voices, music, noises, rooms, a codec; and at which level."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import resample
from core.audio.files import decode, to_mono
from tests.bench import cases as analysis_cases
from tests.bench.cases import manifest, published
from tests.bench.composed import pieces

Samples = NDArray[np.float32]
Mono = NDArray[np.float64]

_COMPOSED = 24


@dataclass(frozen=True)
class Sounds:
    """What a half is made of."""

    speech: list[tuple[str, str, Mono, int]]
    """(id, speaker, mono, sample rate)"""
    music: list[tuple[str, Mono, int]]


def sounds(media: Path, half: bool) -> Sounds:
    speech, music = [], []
    rows = {str(row["id"]): row for row in manifest(media)}
    for name, row in rows.items():
        truth = row["ground_truth"]
        if row["category"] == "speech" and (truth.get("usable_as_clone_reference") or truth.get("speaker_id") == "lj"):
            if published(truth["speaker_id"]) is half:
                audio = decode(media / row["path"])
                speech.append((name, truth["speaker_id"], as_mono(audio.samples), audio.sample_rate))
        elif row["category"] in ("music", "mix") and published(analysis_cases.base_of(row)) is half:
            audio = decode(media / row["path"])
            music.append((name, as_mono(audio.samples), audio.sample_rate))
    return Sounds(speech, music + list(_composed(half)))


def as_mono(samples: Samples) -> Mono:
    return to_mono(samples)[0].astype(np.float64)


def _composed(half: bool) -> Iterator[tuple[str, Mono, int]]:
    """The collection has few pieces of music; the studio's own composer has more, in twelve genres."""
    with tempfile.TemporaryDirectory() as bank:
        for piece in pieces(_COMPOSED, Path(bank)):
            if published(piece.id) is half:
                yield piece.id, as_mono(piece.samples), piece.sample_rate


def as_frames(samples: Mono) -> Samples:
    return np.atleast_2d(samples).astype(np.float32)


def level(mono: Mono, rms: float = 0.06) -> Mono:
    return np.asarray(mono * rms / np.sqrt(np.square(mono).mean()))


def above_rumble(mono: Mono, rate: int) -> Mono:
    from scipy.signal import butter, sosfiltfilt

    return np.asarray(sosfiltfilt(butter(4, 80, "high", fs=rate, output="sos"), mono))


def speaking_power(mono: Mono, rate: int) -> float:
    """Mean power of the hundredths of a second within 30 dB of the loudest: pauses do not count."""
    step = rate // 100
    frames = np.square(mono[: mono.size // step * step]).reshape(-1, step).mean(axis=1)
    return float(frames[frames > np.percentile(frames, 95) * 1e-3].mean())


def under(mono: Mono, other: Mono, db: float, rate: int) -> Mono:
    """Levels are taken above 80 Hz: good recordings of voices have rumble below that, and it is cut away."""
    voice, beside = above_rumble(mono, rate), above_rumble(other, rate)
    gain = np.sqrt(speaking_power(voice, rate) / np.square(beside).mean()) * 10 ** (-db / 20)
    mixed = mono + gain * other
    return np.asarray(mixed * min(1.0, 0.95 / np.abs(mixed).max()))


def noise(kind: str, size: int, rate: int, random: np.random.Generator, heard: Sounds) -> Mono:
    """white, pink, brown: steady; fan: brown with slow sway and a blade tone; babble: six voices of this half at once."""
    if kind == "babble":
        return np.asarray(sum(_voice(size, rate, random, heard) for _ in range(6)))
    slope = {"white": 0.0, "pink": -0.5, "brown": -1.0, "fan": -0.8}[kind]
    spectrum = np.fft.rfft(random.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    noise = np.fft.irfft(spectrum * np.maximum(hertz, 40.0) ** slope, size)
    if kind == "fan":
        time = np.arange(size) / rate
        noise = noise / noise.std() * (1 + 0.25 * np.sin(2 * np.pi * random.uniform(0.2, 0.6) * time))
        noise += 0.3 * np.sin(2 * np.pi * random.uniform(90, 240) * time)
    return noise


def _voice(size: int, rate: int, random: np.random.Generator, heard: Sounds) -> Mono:
    """Somebody of this half from somewhere on, over and over."""
    _, _, other, its_rate = heard.speech[int(random.integers(0, len(heard.speech)))]
    wave = level(resample(as_frames(other), its_rate, rate)[0].astype(np.float64))
    return np.asarray(np.tile(np.roll(wave, int(random.integers(0, wave.size))), -(-size // wave.size))[:size])


def room(
    mono: Mono, rate: int, random: np.random.Generator, rt60: tuple[float, float], wet_db: tuple[float, float]
) -> Mono:
    """Decaying noise after 3 to 12 ms, its high frequencies dying sooner, `wet_db` against the direct sound."""
    from scipy.signal import butter, fftconvolve, sosfilt

    seconds = random.uniform(*rt60)
    time = np.arange(round(1.2 * seconds * rate)) / rate
    raw = random.standard_normal(time.size)
    dull = sosfilt(butter(1, 2000, "low", fs=rate, output="sos"), raw)
    tail = dull * 10 ** (-3 * time / seconds) + (raw - dull) * 10 ** (-3 * time / (0.6 * seconds))
    tail[: round(random.uniform(0.003, 0.012) * rate)] = 0
    tail *= 10 ** (random.uniform(*wet_db) / 20) / np.sqrt(np.square(tail).sum())
    wet = mono + fftconvolve(mono, tail)[: mono.size]
    return np.asarray(wet * np.abs(mono).max() / np.abs(wet).max())


def encoded(mono: Mono, rate: int) -> Mono:
    """Through MP3 at 96 kbit/s and back."""
    import io

    import soundfile

    blob = io.BytesIO()
    soundfile.write(
        blob, mono, rate, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=0.6
    )
    blob.seek(0)
    back, _ = soundfile.read(blob)
    return np.asarray(back)
