"""Pieces, good and spoilt, for the music score: composed ones and real recordings, and each with one known fault put in.

Every base belongs to the half its name falls into, for ever (tests.bench.cases.published)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import stereo
from core.audio.files import decode
from core.music.composer.keys import SHARP_NAMES, parse_key
from core.music.quality.types import Asked
from tests.bench.cases import manifest, published
from tests.bench.quality_pieces import Piece, pieces

Samples = NDArray[np.float32]
Random = np.random.Generator


@dataclass(frozen=True)
class Case:
    id: str
    origin: str
    """composed or real"""
    samples: Samples
    sample_rate: int
    asked: Asked
    fault: str = ""
    """What was done to it; empty: nothing."""
    parts: frozenset[str] = frozenset()
    """The parts of which at least one has to be flagged."""
    unsaid: frozenset[str] = frozenset()
    """Parts this case counts neither for nor against."""


# Excerpts stop where they were cut, which is asked for here. Single tracks and loops are what they are: one voice, one bar.
_REAL: dict[str, tuple[dict[str, Any], set[str]]] = {
    "sorohanro_trumpet_F_90bpm": ({"bpm": 90.0}, {"width", "treble"}),
    "hungarian_dance5_usarmy_20s": ({}, set()),
    "macleod_vibe_ace_20s": ({}, set()),
    "loop_amen_full_x3": ({"bpm": 140.0}, {"width", "clipping", "peak"}),  # it is mono, and mastered over full scale
    "loop_drone_g_97_x3": (
        {"bpm": 97.0},
        {"repetition", "seam"},
    ),  # it is one chord, three times, with a corner where it starts again
    "spleeter_audio_example": ({}, {"clipping", "peak"}),
    "lithium_mix": ({"bpm": 124.0, "key": "G minor"}, set()),
    "potassium_submix": ({"bpm": 90.0, "key": "C major"}, set()),
}
_LOOPS = {"loop_amen_full_x3": 16 * 60 / 140, "loop_drone_g_97_x3": 8 * 60 / 97}


def made(media: Path | None, folder: Path, *, half: bool, every: int = 1) -> Iterator[Case]:
    """`folder` keeps the composed pieces. `every`: only each so manieth fault of each piece, in turn, so that all faults
    have their share; clean pieces all."""
    composed = list(pieces(folder))
    goods = chain(_composed(composed, half), real(media, half) if media else ())
    for number, good in enumerate(goods):
        yield good
        yield from islice(faulty(good, composed), number % every, None, every)


def _composed(composed: list[Piece], half: bool) -> Iterator[Case]:
    for piece in composed:
        if published(piece.id) is half:
            asked = Asked.of(piece.request.model_dump() | {"instrumental": True})
            yield Case(piece.id, "composed", piece.samples, piece.sample_rate, asked)


def real(media: Path, half: bool) -> Iterator[Case]:
    for row in manifest(media):
        name = Path(row["path"]).stem
        if name not in _REAL or published(name) is not half:
            continue
        audio = decode(media / row["path"])
        asked, unsaid = _REAL[name]
        told = Asked(ending="cut", seconds=round(audio.samples.shape[1] / audio.sample_rate, 1), **asked)
        yield Case(name, "real", audio.samples, audio.sample_rate, told, unsaid=frozenset(unsaid))
        if name in _LOOPS:
            once = audio.samples[:, : round(_LOOPS[name] * audio.sample_rate)]
            told = Asked(bpm=told.bpm, loopable=True, seconds=round(_LOOPS[name], 1))
            yield Case(f"{name}-once", "real", once, audio.sample_rate, told, unsaid=frozenset(unsaid))


def faulty(good: Case, composed: list[Piece]) -> Iterator[Case]:
    for fault, (named, needs, put) in FAULTS.items():
        if not needs(good):
            continue
        seed = int.from_bytes(hashlib.sha256(f"{good.id}+{fault}".encode()).digest()[:4], "big")
        random = np.random.default_rng(seed)
        changed = put(good, random) if fault != "chaos" else _chaos(good, composed, random)
        unsaid = good.unsaid | set(_BESIDE.get(fault, ()))
        yield replace(
            changed, id=f"{good.id}+{fault}", samples=changed.samples.astype(np.float32), fault=fault,
            parts=frozenset(named), unsaid=frozenset(unsaid - set(named)),
        )  # fmt: skip


def _with(case: Case, samples: NDArray[Any]) -> Case:
    return replace(case, samples=samples)


def _clipped(case: Case, random: Random) -> Case:
    over = 10 ** (random.uniform(4, 10) / 20) / float(np.abs(case.samples).max())
    return _with(case, np.clip(case.samples * over, -1, 1) * random.choice((1.0, 0.7)))


def _cut(case: Case, random: Random) -> Case:
    """Broken off where it sounds, at 55 to 80 %; the asked ending is a resolved one."""
    rate, count = case.sample_rate, case.samples.shape[1]
    level = np.sqrt(np.convolve(np.square(case.samples).mean(axis=0), np.ones(rate // 20) / (rate // 20), mode="same"))
    first, last = round(0.55 * count), round(0.8 * count)
    loud = first + np.flatnonzero(level[first:last] > np.quantile(level, 0.6))
    at = int(random.choice(loud)) if loud.size else last
    asked = replace(case.asked, ending="resolve", seconds=None, loopable=False)
    return replace(case, samples=case.samples[:, :at], asked=asked)


def _hole(case: Case, random: Random) -> Case:
    at = round(random.uniform(0.35, 0.65) * case.samples.shape[1])
    gap = np.zeros((case.samples.shape[0], 2 * case.sample_rate))
    return _with(case, np.concatenate([case.samples[:, :at], gap, case.samples[:, at:]], axis=1))


def _tempo(case: Case, random: Random) -> Case:
    assert case.asked.bpm is not None
    return replace(case, asked=replace(case.asked, bpm=case.asked.bpm * float(random.choice((0.85, 1.15)))))


def _key(case: Case, random: Random) -> Case:
    """Asked for a key 2, 3, 4, 6 or 8 semitones away in the same mode: neither a fifth nor a relative."""
    key = parse_key(str(case.asked.key))
    other = SHARP_NAMES[(key.tonic + int(random.choice((2, 3, 4, 6, 8)))) % 12]
    return replace(case, asked=replace(case.asked, key=f"{other} {key.mode}"))


def _mono(case: Case, _random: Random) -> Case:
    return _with(case, np.repeat(case.samples.mean(axis=0, keepdims=True), 2, axis=0))


def _hum(case: Case, random: Random) -> Case:
    """50 or 60 Hz and harmonics, 12 to 24 dB under the programme."""
    time = np.arange(case.samples.shape[1]) / case.sample_rate
    mains = float(random.choice((50.0, 60.0)))
    wave = sum(strength * np.sin(2 * np.pi * mains * times * time + random.uniform(0, 6))
               for times, strength in ((1, 1.0), (2, 0.8), (3, 0.8), (4, 0.5), (5, 0.5), (6, 0.4)))  # fmt: skip
    gain = np.sqrt(np.square(case.samples).mean() / np.square(wave).mean()) * 10 ** (-random.uniform(12, 24) / 20)
    return _with(case, case.samples + gain * np.asarray(wave)[None])


def _hiss(case: Case, random: Random) -> Case:
    noise = random.standard_normal(case.samples.shape)
    gain = np.sqrt(np.square(case.samples).mean()) * 10 ** (-random.uniform(14, 24) / 20)
    return _with(case, case.samples + gain * noise)


def _one_bar(case: Case, random: Random) -> Case:
    """One bar that sounds, sixteen times, with a breath of noise."""
    assert case.asked.bpm is not None
    bar = round(240 / case.asked.bpm * case.sample_rate)
    starts = np.arange(0, case.samples.shape[1] - bar, bar)
    power = [float(np.square(case.samples[:, at : at + bar]).mean()) for at in starts]
    at = int(starts[int(random.choice(np.flatnonzero(np.asarray(power) >= np.median(power))))])
    again = np.tile(case.samples[:, at : at + bar], (1, 16))
    asked = replace(case.asked, seconds=None, ending="cut", loopable=False)
    return replace(case, samples=again + 1e-4 * random.standard_normal(again.shape), asked=asked)


def _torn(case: Case, random: Random) -> Case:
    """A loop cut up to half a beat early, where the wave stands away from its beginning."""
    assert case.asked.bpm is not None
    beat = round(60 / case.asked.bpm * case.sample_rate)
    last = np.arange(case.samples.shape[1] - beat // 2, case.samples.shape[1] - beat // 8)
    away = np.abs(case.samples[:, last] - case.samples[:, :1]).max(axis=0)
    far = last[away >= np.quantile(away, 0.9)]
    return _with(case, case.samples[:, : int(random.choice(far)) + 1])


def _click(case: Case, random: Random) -> Case:
    """At the loop's seam: its last sample stands 0.15 to 0.4 away."""
    changed = case.samples.copy()
    changed[:, -1] += random.uniform(0.15, 0.4) * (-1 if float(changed[0, -1]) > 0 else 1)
    return _with(case, changed)


def _clicks(case: Case, random: Random) -> Case:
    changed = case.samples.copy()
    for at in random.integers(case.sample_rate, changed.shape[1] - case.sample_rate, 8):
        changed[:, at : at + 2] += random.uniform(0.3, 0.9) * random.choice((-1, 1))
    return _with(case, np.clip(changed, -1, 1))


def _quiet(case: Case, random: Random) -> Case:
    rms = float(np.sqrt(np.square(case.samples).mean()))
    return _with(case, case.samples * (10 ** (-random.uniform(34, 46) / 20) / rms))


def _dull(case: Case, _random: Random) -> Case:
    from scipy.signal import cheby2, sosfiltfilt

    sections = cheby2(12, 60, 4000, output="sos", fs=case.sample_rate)
    return _with(case, sosfiltfilt(sections, case.samples, axis=1))


def _tilted(case: Case, random: Random) -> Case:
    """Boomy or shrill: 5 dB an octave from 1 kHz down or up."""
    spectrum = np.fft.rfft(case.samples, axis=1)
    hertz = np.maximum(np.fft.rfftfreq(case.samples.shape[1], 1 / case.sample_rate), 20.0)
    slope = float(random.choice((-5.0, 5.0)))
    changed = np.fft.irfft(spectrum * 10 ** (slope * np.log2(hertz / 1000) / 20), case.samples.shape[1], axis=1)
    return _with(case, changed * (np.sqrt(np.square(case.samples).mean()) / np.sqrt(np.square(changed).mean())))


def _inverted(case: Case, _random: Random) -> Case:
    return _with(case, np.stack([case.samples[0], -case.samples[1]]))


def _shifted(case: Case, random: Random) -> Case:
    return _with(case, np.clip(case.samples * 0.8 + random.uniform(0.04, 0.15), -1, 1))


def _short(case: Case, random: Random) -> Case:
    assert case.asked.seconds is not None
    return replace(case, asked=replace(case.asked, seconds=case.asked.seconds * float(random.choice((0.6, 1.6)))))


def _chaos(case: Case, composed: list[Piece], random: Random) -> Case:
    """Half a second to one and a half of two dozen pieces, one after the other, cut anywhere."""
    rate, bits = case.sample_rate, []
    for _ in range(24):
        piece = composed[int(random.integers(len(composed)))]
        at = int(random.integers(0, piece.samples.shape[1] - 2 * rate))
        bits.append(piece.samples[:, at : at + round(random.uniform(0.5, 1.5) * rate)])
    return replace(case, samples=np.concatenate(bits, axis=1), asked=Asked(ending="cut"), sample_rate=rate)


def _always(_case: Case) -> bool:
    return True


def _beat(case: Case) -> bool:
    return case.asked.bpm is not None and not case.id.endswith("-once")


def _keyed(case: Case) -> bool:
    return case.asked.key is not None


def _stereo(case: Case) -> bool:
    found = stereo.measure(case.samples, case.sample_rate)
    return found is not None and stereo.image(found)["width"] > 0.005


def _looped(case: Case) -> bool:
    return case.asked.loopable


def _long(case: Case) -> bool:
    return case.samples.shape[1] >= 10 * case.sample_rate


def _asked_genre(case: Case) -> bool:
    from core.music.quality.image import reference_for

    return reference_for(case.asked.genre) is not None


def _bright(case: Case) -> bool:
    """Something lies above 4 kHz that a filter could take."""
    from core.audio import spectrum
    from core.audio.mono import heard

    found = spectrum.measure(heard(case.samples), case.sample_rate)
    above = float(found.power[found.hertz > 4500].sum())
    return 10 * np.log10(above / float(found.power.sum()) + 1e-12) > -35


def _some(case: Case) -> bool:
    """One composed piece in four: what is made of many pieces need not be made of each."""
    return case.origin == "composed" and case.id.endswith("-0")


Put = Callable[[Case, Random], Case]
FAULTS: dict[str, tuple[tuple[str, ...], Callable[[Case], bool], Put]] = {
    "clipped": (("clipping",), _always, _clipped),
    "broken off": (("ending",), _long, _cut),
    "2 s of silence": (("silence",), _always, _hole),
    "tempo 15 % off": (("tempo",), _beat, _tempo),
    "another key": (("key",), _keyed, _key),
    "mono": (("width",), _stereo, _mono),
    "hum": (("noise",), _long, _hum),
    "hiss": (("noise",), _long, _hiss),
    "one bar 16 times": (("repetition",), _beat, _one_bar),
    "loop cut short": (("seam",), _looped, _torn),
    "click at the seam": (("seam", "clicks"), _looped, _click),
    "clicks": (("clicks",), _long, _clicks),
    "too quiet": (("loudness",), _always, _quiet),
    "nothing above 4 kHz": (("treble",), _bright, _dull),
    "boomy or shrill": (("balance",), _asked_genre, _tilted),
    "one side inverted": (("fold_down",), _stereo, _inverted),
    "shifted from zero": (("offset",), _always, _shifted),
    "another length": (("length",), lambda case: case.asked.seconds is not None, _short),
    "chaos": (("order",), _some, _chaos),
}  # fmt: skip
_BESIDE: dict[str, tuple[str, ...]] = {
    # What one fault does to another part's figure is nobody's mistake.
    "clipped": ("dynamics", "peak", "loudness", "noise", "clicks", "seam"), "broken off": ("length", "seam"), "2 s of silence": ("tempo", "length", "seam", "key", "clicks"),
    "tempo 15 % off": ("length", "repetition", "seam"), "mono": ("fold_down",), "hum": ("balance", "key", "silence", "seam", "talking"), "hiss": ("balance", "talking", "silence", "ending", "seam"),
    "one bar 16 times": ("key", "tempo", "clicks", "length", "order", "talking", "silence", "noise", "balance"), "loop cut short": ("length", "clicks"), "clicks": ("peak", "seam"),
    "too quiet": ("noise", "clicks", "silence"), "nothing above 4 kHz": ("balance", "talking"), "boomy or shrill": ("peak", "key", "loudness", "noise", "talking", "clicks", "treble", "fold_down", "width", "ending"),
    "one side inverted": ("width", "key", "tempo", "balance", "talking", "noise", "repetition", "treble", "order", "seam"), "shifted from zero": ("silence", "clipping", "balance", "noise", "ending", "peak", "seam", "fold_down", "width"),
    "chaos": ("clicks", "balance", "noise", "talking", "silence"), "click at the seam": ("ending",),
}  # fmt: skip
