"""What the accuracy of the analysis is measured on: real files with ground truth, composed pieces, and clean files into
which a known fault was put. Every case belongs to the half its source's name falls into, for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.files import decode

Samples = NDArray[np.float32]

CUT_S = 12.0
"""Faults are put into at most this much of a file."""
_TRUE = {
    "clipping": {"clipping"}, "hiss": {"hiss"}, "hum": {"hum"}, "dc offset": {"dc_offset"},
    "low level": {"low_level"}, "silence": {"silence"}, "reverb": {"reverb"}, "dropouts": {"dropout"},
    "clicks": {"click"}, "right channel inverted": {"inverted_polarity"}, "right channel silent": {"dead_channel"},
}  # fmt: skip
_UNSAID = {
    # What nobody has checked in a file is counted neither way.
    "jfk": {"hiss", "hum", "click"}, "vinyl_hiss_snr12": {"click"}, 
    "near_silence_noise_-85dbfs": {"low_level", "hiss"}, "noise_snr0db": {"hum"}, "noise_snr10db": {"hum"},
    "noise_snr20db": {"hum"},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    id: str
    base: str
    """The file it was made from: decides the half."""
    origin: str
    """real, generated (made by the collection), injected (by us into a clean file), composed"""
    samples: Samples
    sample_rate: int
    faults: frozenset[str]
    unsaid: frozenset[str] = frozenset()

    @property
    def published(self) -> bool:
        return published(self.base)


def published(base: str) -> bool:
    """Half of all names: those whose SHA-256 is odd. The other half is for tuning."""
    return hashlib.sha256(base.encode()).digest()[-1] % 2 == 1


def manifest(media: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((media / "MANIFEST.json").read_text(encoding="utf-8"))
    return rows


def from_collection(media: Path) -> Iterator[Case]:
    """The collection's own clean and faulty files."""
    for row in manifest(media):
        truth, name = row["ground_truth"], str(row["id"])
        if row["category"] not in ("speech", "singing", "music", "stem", "mix", "defect") or row["duration_s"] is None:
            continue
        found = truth.get("defect")
        if found is not None and found not in _TRUE:
            continue  # gusty background noise, a music bed, two speakers: nothing here says anything about those
        faults = set(_TRUE.get(found, ())) | ({"reverb"} if name == "jfk" else set())
        unsaid = set(_UNSAID.get(name, ()))
        if row["category"] in ("stem", "music", "singing"):
            unsaid.add("silence")  # a stem is silent where its instrument rests
        if name.startswith("fsdd"):
            unsaid |= {"hiss", "silence", "clipping", "reverb"}  # telephone recordings, joined with pauses
        audio = decode(media / row["path"])
        origin = "real" if str(row["kind"]).startswith("real") else "generated"
        yield Case(name, base_of(row), origin, audio.samples, audio.sample_rate, frozenset(faults), frozenset(unsaid))


def base_of(row: dict[str, Any]) -> str:
    """Stems of one song and its mix stand or fall together; so do the excerpts of one speaker's chapter."""
    truth, name = row["ground_truth"], str(row["id"])
    return str(truth.get("song") or name.removesuffix("_mix") if row["category"] in ("stem", "mix") else name)


def clean(cases: list[Case]) -> list[Case]:
    """Those that a fault may be put into."""
    return [case for case in cases if not case.faults and case.origin in ("real", "composed") and case.id != "jfk"]


def injected(case: Case) -> Iterator[Case]:
    """One case for every kind of fault, its strength drawn from the file's name."""
    seed = int.from_bytes(hashlib.sha256(case.id.encode()).digest()[:4], "big")
    for kind, put in FAULTS.items():
        if kind == "reverb" and not case.base.startswith(("libri", "LJ", "too_short")):
            continue  # in music reverberation is no fault
        if kind in ("dead_channel", "inverted_polarity") and case.samples.shape[0] != 2:
            continue
        random = np.random.default_rng(seed + len(kind))
        cut = case.samples[:, : round(CUT_S * case.sample_rate)]
        if cut.shape[1] < 4 * case.sample_rate:
            return
        changed = put(cut.copy(), case.sample_rate, random).astype(np.float32)
        name = f"{case.id}+{kind}"
        unsaid = case.unsaid | {"silence": {"low_level"}, "low_level": {"silence"}}.get(kind, set())
        yield Case(name, case.base, "injected", changed, case.sample_rate, frozenset({kind}), unsaid - {kind})


def _clip(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    """0.2 to 5 % of the samples cut; half of the files are turned down by 3 to 12 dB afterwards."""
    share = float(np.exp(random.uniform(np.log(0.002), np.log(0.05))))
    limit = float(np.quantile(np.abs(samples), 1 - share))
    cut = np.clip(samples / max(limit, 1e-6), -1, 1)
    quieter = random.uniform(3, 12) if random.random() < 0.5 else 0.0
    return np.asarray(np.rint(cut * 10 ** (-quieter / 20) * 32767) / 32767)


def _click(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """3 to 15 impulses of one to three samples, 0.15 to 0.9 of full scale."""
    for at in random.integers(rate // 4, samples.shape[1] - rate // 4, random.integers(3, 16)):
        length = int(random.integers(1, 4))
        samples[:, at : at + length] += random.uniform(0.15, 0.9) * random.choice((-1, 1)) * 0.7 ** np.arange(length)
    return np.clip(samples, -1, 1)


def _drop(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """3 to 12 holes of 10 to 80 ms where something sounds."""
    level = np.sqrt(np.convolve(np.square(samples).max(axis=0), np.ones(rate // 20) / (rate // 20), mode="same"))
    loud = np.flatnonzero(level > 0.5 * np.quantile(level, 0.9))
    loud = loud[(loud > rate // 4) & (loud < samples.shape[1] - rate // 4)]
    for at in random.choice(loud, random.integers(3, 13)):
        samples[:, at : at + round(random.uniform(0.010, 0.080) * rate)] = 0
    return samples


def _hum(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """50 or 60 Hz with four harmonics, 15 to 40 dB under the programme."""
    time = np.arange(samples.shape[1]) / rate
    mains = random.choice((50.0, 60.0))
    wave = sum(
        strength * np.sin(2 * np.pi * mains * harmonic * time + random.uniform(0, 6))
        for harmonic, strength in ((1, 1.0), (2, 0.6), (3, 0.7), (4, 0.3), (5, 0.4))
    )
    return _under(samples, np.asarray(wave)[None], random.uniform(15, 40))


def _hiss(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    """White noise, or noise rising or falling by 3 dB an octave, 10 to 25 dB under the programme."""
    white = np.fft.rfft(random.standard_normal(samples.shape))
    slope = random.choice((-0.5, 0.0, 0.5))
    shape = np.maximum(np.arange(white.shape[1]), 1.0) ** slope
    noise = np.fft.irfft(white * shape, samples.shape[1])
    return _under(samples, noise, random.uniform(10, 25))


def _under(samples: Samples, noise: NDArray[np.float64], db: float) -> Samples:
    gain = np.sqrt(np.square(samples).mean() / max(float(np.square(noise).mean()), 1e-12)) * 10 ** (-db / 20)
    return np.asarray(samples + gain * noise)


def _shift(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    return np.asarray(np.clip(samples * 0.7 + random.uniform(0.03, 0.2) * random.choice((-1, 1)), -1, 1))


def _dead(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    samples[int(random.integers(0, 2))] = 0
    return samples


def _inverted(samples: Samples, _rate: int, _random: np.random.Generator) -> Samples:
    """A near-mono recording of which one side was soldered the wrong way round."""
    middle = samples.mean(axis=0)
    side = (samples[0] - samples[1]) / 2 * 0.1
    return np.stack([middle + side, -(middle - side)])


def _silence(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """1.5 to 4 s of silence at the start, the end or in the middle: digital, or noise at -85 dBFS."""
    still = np.zeros((samples.shape[0], round(random.uniform(1.5, 4.0) * rate)))
    if random.random() < 0.5:
        still = random.standard_normal(still.shape) * 10 ** (-85 / 20)
    at = random.choice((0, samples.shape[1] // 2, samples.shape[1]))
    return np.concatenate([samples[:, :at], still, samples[:, at:]], axis=1)


def _quiet(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    """To -52 … -65 dBFS RMS."""
    rms = float(np.sqrt(np.square(samples).mean()))
    return np.asarray(samples * (10 ** (random.uniform(-65, -53) / 20) / max(rms, 1e-9)))


def _room(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """A room that rings 0.6 to 1.2 s: decaying noise, as loud as the direct sound or 6 dB louder."""
    from scipy.signal import fftconvolve

    rt60 = random.uniform(0.6, 1.2)
    time = np.arange(round(rt60 * rate)) / rate
    tail = random.standard_normal(time.size) * 10 ** (-3 * time / rt60)
    tail[: round(0.005 * rate)] = 0
    tail *= 10 ** (random.uniform(0, 6) / 20) / np.sqrt(np.square(tail).sum())
    wet = samples + np.stack([fftconvolve(channel, tail)[: channel.size] for channel in samples])
    return np.asarray(wet * (np.abs(samples).max() / np.abs(wet).max()))


FAULTS = {
    "clipping": _clip, "click": _click, "dropout": _drop, "hum": _hum, "hiss": _hiss, "dc_offset": _shift,
    "dead_channel": _dead, "inverted_polarity": _inverted, "silence": _silence, "low_level": _quiet, "reverb": _room,
}  # fmt: skip


_NOT_WHOLLY_SPEECH = ("silence", "digital", "near_silence", "very_low", "stereo")


def spoken_or_not(media: Path) -> Iterator[tuple[bool, Case]]:
    """(whether it is speech, the case): singing is not, sung stems are not, nor is any music."""
    kinds = {str(row["id"]): row["category"] for row in manifest(media)}
    for case in from_collection(media):
        if not case.id.startswith(_NOT_WHOLLY_SPEECH):
            yield kinds[case.id] in ("speech", "defect"), case
