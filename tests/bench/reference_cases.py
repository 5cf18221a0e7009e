"""Recordings to clone a voice from, good and spoilt: real speech of several speakers, with known faults put in.

Every case belongs to the half its SPEAKER falls into, for ever; so do the pieces of music that are laid under them.
No threshold was chosen on anything in the published half.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.audio.effects import resample
from core.audio.files import decode
from tests.bench.cases import manifest, published
from tests.bench.reference_sounds import (
    Mono,
    Samples,
    Sounds,
    as_frames,
    encoded,
    level,
    noise,
    room,
    sounds,
    speaking_power,
    under,
)  # fmt: skip

CHECKS = (
    "length", "level", "clipping", "noise", "reverb", "hum", "music", "speakers", "bandwidth", "speech_share", "silence",
    "dead_channel", "mono",
)  # fmt: skip
AT_ONCE = "speakers_at_once"
"""Heard by the check of the speakers, but counted apart: it is made for people who speak in turn."""
_DRAWS = 3


@dataclass(frozen=True)
class Case:
    id: str
    speaker: str
    samples: Samples
    sample_rate: int
    faults: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    """What this case counts neither for nor against."""
    snr_db: float | None = None
    """Of what was mixed in, against the speaking parts."""

    @property
    def published(self) -> bool:
        return published(self.speaker)


def made(media: Path, half: bool) -> Iterator[Case]:
    yield from of(sounds(media, half))
    yield from collected(media, half)


def of(heard: Sounds) -> Iterator[Case]:
    for name, speaker, mono, rate in heard.speech:
        yield from clean(name, speaker, mono, rate, heard)
        yield from faulty(name, speaker, mono, rate, heard)


def _random(name: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big"))


def clean(name: str, speaker: str, mono: Mono, rate: int, heard: Sounds) -> Iterator[Case]:
    """As it is, and as people deliver good recordings: another level, rate, length, a codec, a dry room, a faint floor."""
    random = _random(name)

    def case(kind: str, samples: Mono, rate: int = rate) -> Case:
        return Case(f"{name}+{kind}", speaker, as_frames(samples), rate)

    yield case("as_is", mono)
    yield case("turned_down", mono * 10 ** (-random.uniform(2, 6) / 20))
    # How much of an excerpt is speech nobody has counted.
    yield replace(case("first_seconds", mono[: round(random.uniform(4.5, 6.5) * rate)]), unsaid=frozenset({"length"}))
    yield case("cd_stereo", np.repeat(resample(as_frames(mono), rate, 44100), 2, axis=0).astype(np.float64), 44100)
    yield case("dry_room", room(mono, rate, random, rt60=(0.12, 0.22), wet_db=(-12, -6)))
    yield case("faint_floor", under(mono, noise("pink", mono.size, rate, random, heard), random.uniform(40, 45), rate))
    yield case("mp3", encoded(mono, rate))
    same = [other for _, who, other, its in heard.speech if who == speaker and its == rate and other is not mono]
    if same:
        gap = np.zeros(round(0.4 * rate))
        yield case("two_takes", np.concatenate([level(mono), gap, level(same[0])]))


def faulty(name: str, speaker: str, mono: Mono, rate: int, heard: Sounds) -> Iterator[Case]:
    for kind, put in FAULTS.items():
        for draw in range(_DRAWS):
            random = _random(f"{name}+{kind}+{draw}")
            yield from put(f"{name}+{kind}{draw}", speaker, mono, rate, random, heard)


def with_music(heard: Sounds, draws: int) -> Iterator[Case]:
    """More of one kind, to fit on."""
    for name, speaker, mono, rate in heard.speech:
        for draw in range(draws):
            yield from _with_music(f"{name}+bed{draw}", speaker, mono, rate, _random(f"{name}+bed{draw}"), heard)


Made = Iterator[Case]
Put = Callable[[str, str, Mono, int, np.random.Generator, Sounds], Made]


def _short(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """0.3 to 2.5 s cut out of the middle."""
    size = round(random.uniform(0.3, 2.5) * rate)
    at = int(random.integers(0, mono.size - size))
    yield Case(
        name,
        speaker,
        as_frames(mono[at : at + size]),
        rate,
        frozenset({"length"}),
        frozenset({"speech_share", "level"}),
    )


def _quiet(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """RMS of -48 to -60 dBFS, as 16 bits hold it."""
    soft = level(mono, 10 ** (random.uniform(-60, -48) / 20))
    yield Case(
        name,
        speaker,
        as_frames(np.rint(soft * 32767) / 32767),
        rate,
        frozenset({"level"}),
        frozenset({"silence", "noise"}),
    )


def _clipped(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """0.3 to 6 % of the samples cut; half of them turned down by 3 to 12 dB afterwards."""
    limit = float(np.quantile(np.abs(mono), 1 - np.exp(random.uniform(np.log(0.003), np.log(0.06)))))
    quieter = random.uniform(3, 12) if random.random() < 0.5 else 0.0
    cut = np.clip(mono / limit, -1, 1) * 10 ** (-quieter / 20)
    yield Case(
        name, speaker, as_frames(np.rint(cut * 32767) / 32767), rate, frozenset({"clipping"}), frozenset({"level"})
    )


def _noisy(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, heard: Sounds) -> Made:
    """5 to 15 dB is a fault, 26 to 40 dB is none; nobody argues about what lies between."""
    kind = str(random.choice(("white", "pink", "brown", "fan", "babble")))
    for grade, (low, high) in {"bad": (5.0, 15.0), "fine": (26.0, 40.0)}.items():
        db = random.uniform(low, high)
        mixed = under(mono, noise(kind, mono.size, rate, random, heard), db, rate)
        faults = frozenset({"noise"}) if grade == "bad" else frozenset[str]()
        unsaid = frozenset({"fan": {"hum"}, "babble": {"speakers", "speech_share"}}.get(kind, set()))
        yield Case(f"{name}_{kind}_{db:.0f}dB", speaker, as_frames(mixed), rate, faults, unsaid, db)


def _ringing(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """A room that rings for 0.6 to 1.2 s, from 3 dB under the direct sound to 5 dB over it."""
    wet = room(mono, rate, random, rt60=(0.6, 1.2), wet_db=(-3, 5))
    yield Case(name, speaker, as_frames(wet), rate, frozenset({"reverb"}), frozenset({"noise"}))


def _humming(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """50 or 60 Hz with four harmonics, 12 to 28 dB under the voice."""
    time = np.arange(mono.size) / rate
    mains = random.choice((50.0, 60.0)) * random.uniform(0.999, 1.001)
    strengths = ((1, 1.0), (2, 0.6), (3, 0.7), (4, 0.3), (5, 0.4))
    wave = sum(a * np.sin(2 * np.pi * mains * h * time + random.uniform(0, 6)) for h, a in strengths)
    mixed = under(mono, np.asarray(wave), random.uniform(12, 28), rate)
    yield Case(name, speaker, as_frames(mixed), rate, frozenset({"hum"}), frozenset({"noise", "music"}))


def _with_music(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, heard: Sounds) -> Made:
    """A piece of the collection 0 to 15 dB under the voice."""
    title, piece, its_rate = heard.music[int(random.integers(0, len(heard.music)))]
    bed = resample(as_frames(piece), its_rate, rate)[0].astype(np.float64)
    at = int(random.integers(0, bed.size))
    bed = np.tile(np.roll(bed, -at), -(-mono.size // bed.size))[: mono.size]
    mixed = under(mono, bed, random.uniform(0, 15), rate)
    unsaid = frozenset({"noise", "hum", "speakers", "speech_share", "length", "reverb"})
    yield Case(f"{name}_{title}", speaker, as_frames(mixed), rate, frozenset({"music"}), unsaid)


def _two(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, heard: Sounds) -> Made:
    """Another speaker of the same half in turn, 3 to 5 s each, or all the time, up to 8 dB softer."""
    others = [(other, its) for _, who, other, its in heard.speech if who != speaker]
    other, its_rate = others[int(random.integers(0, len(others)))]
    other = resample(as_frames(other), its_rate, rate)[0].astype(np.float64)
    mono, other = level(mono), level(other) * 10 ** (random.uniform(-3, 3) / 20)
    gap = np.zeros(round(0.35 * rate))
    turns, at = [], 0
    while at < min(mono.size, other.size) and at < 14 * rate:
        size = round(random.uniform(3, 5) * rate)
        turns += [mono[at : at + size], gap, other[at : at + size], gap]
        at += size
    yield Case(f"{name}_turns", speaker, as_frames(np.concatenate(turns)), rate, frozenset({"speakers"}))
    size = min(mono.size, other.size)
    both = mono[:size] + other[:size] * 10 ** (-random.uniform(0, 8) / 20)
    unsaid = frozenset({"noise", "reverb", "music", "speakers"})
    yield Case(f"{name}_at_once", speaker, as_frames(both), rate, frozenset({AT_ONCE}), unsaid)


def _narrow(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """A telephone: 8 kHz, half of them with 300 to 3,400 Hz and mu-law, then upsampled to 16, 22.05 or 44.1 kHz; or left."""
    from scipy.signal import butter, sosfilt

    low = resample(as_frames(mono), rate, 8000)[0].astype(np.float64)
    if random.random() < 0.5:
        low = sosfilt(butter(4, (300, 3400), "band", fs=8000, output="sos"), low)
        low = low / np.abs(low).max() * 0.9
        coded = np.rint(np.sign(low) * np.log1p(255 * np.abs(low)) / np.log(256) * 127) / 127
        low = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    up = int(random.choice((8000, 16000, 22050, 44100)))
    wave = resample(as_frames(low), 8000, up)
    unsaid = frozenset({"noise", "level"})
    yield Case(f"{name}_{up}", speaker, np.rint(wave * 32767) / np.float32(32767), up, frozenset({"bandwidth"}), unsaid)


def _sparse(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, heard: Sounds) -> Made:
    """15 to 35 % of the file is speech, the rest room tone 45 to 60 dB under the voice."""
    kept = mono[: round(min(6.0, mono.size / rate) * rate)]
    size = round(kept.size * (1 / random.uniform(0.15, 0.35)))
    tone = noise("pink", size, rate, random, heard)
    tone *= np.sqrt(speaking_power(kept, rate) / np.square(tone).mean()) * 10 ** (-random.uniform(45, 60) / 20)
    middle = kept.size // 2
    first, second = round(0.2 * size), min(round(0.7 * size), size - (kept.size - middle))
    tone[first : first + middle] += kept[:middle]
    tone[second : second + kept.size - middle] += kept[middle:]
    yield Case(name, speaker, as_frames(tone), rate, frozenset({"speech_share"}), frozenset({"silence", "length"}))


def _silent(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """1.5 to 4 s of silence at the start, the end or in the middle: digital, or noise at -85 dBFS."""
    still = np.zeros(round(random.uniform(1.5, 4.0) * rate))
    if random.random() < 0.5:
        still = random.standard_normal(still.size) * 10 ** (-85 / 20)
    at = int(random.choice((0, mono.size // 2, mono.size)))
    joined = np.concatenate([mono[:at], still, mono[at:]])
    yield Case(name, speaker, as_frames(joined), rate, frozenset({"silence"}), frozenset({"speech_share"}))


def _one_sided(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """Stereo of which one side is empty, or the bare noise of its input at -75 to -90 dBFS."""
    other = np.zeros(mono.size)
    if random.random() < 0.5:
        other = random.standard_normal(mono.size) * 10 ** (-random.uniform(75, 90) / 20)
    sides = [mono, other] if random.random() < 0.5 else [other, mono]
    yield Case(name, speaker, as_frames(np.stack(sides)), rate, frozenset({"dead_channel"}))


def _inverted(name: str, speaker: str, mono: Mono, rate: int, random: np.random.Generator, _heard: Sounds) -> Made:
    """Near-mono stereo of which one side was soldered the wrong way round."""
    side = np.roll(mono, round(0.0004 * rate)) * random.uniform(0.0, 0.15)
    yield Case(name, speaker, as_frames(np.stack([mono + side, side - mono])), rate, frozenset({"mono"}))


FAULTS: dict[str, Put] = {
    "length": _short, "level": _quiet, "clipping": _clipped, "noise": _noisy, "reverb": _ringing, "hum": _humming,
    "music": _with_music, "speakers": _two, "bandwidth": _narrow, "speech_share": _sparse, "silence": _silent,
    "dead_channel": _one_sided, "mono": _inverted,
}  # fmt: skip


_COLLECTED = {
    "clean_control": set(), "clip_hard_0dbfs": {"clipping"}, "clip_hard_then_minus9db": {"clipping"},
    "noise_snr0db": {"noise"}, "hum_50hz": {"hum"}, "very_low_level": {"level"},
    "silence_lead_gap_trail": {"silence"}, "digital_silence_10s": {"silence", "length"}, "reverb_rt60_0.79": {"reverb"},
    "two_speakers_overlap": {AT_ONCE}, "two_speakers_turns": {"speakers"}, "stereo_polarity_inverted": {"mono"},
    "stereo_right_dead": {"dead_channel"}, "vinyl_hiss_snr12": {"noise"}, "speech_over_music_snr8": {"music"},
    "too_short_libri_367-130732-0000": {"length"}, "jfk": {"reverb"},
    "fsdd_jackson_0": {"bandwidth"}, "fsdd_jackson_1": {"bandwidth"}, "fsdd_theo_0": {"bandwidth"},
    "fsdd_theo_1": {"bandwidth"},
}  # fmt: skip
_COLLECTED_UNSAID = {
    "clip_hard_0dbfs": {"level"},
    "hum_50hz": {"noise", "music"}, "noise_snr0db": {"hum", "speech_share", "length"}, "very_low_level": {"noise", "silence"},
    "silence_lead_gap_trail": {"speech_share"}, "digital_silence_10s": set(CHECKS) - {"silence", "length"},
    "reverb_rt60_0.79": {"noise"}, "two_speakers_overlap": {"noise", "reverb", "music", "speakers"},
    "stereo_right_dead": {"mono"}, "speech_over_music_snr8": {"noise", "hum", "speakers", "speech_share", "reverb"},
    "too_short_libri_367-130732-0000": {"speech_share"}, "jfk": {"noise", "bandwidth", "speakers", "hum", "level"},
    **{name: {"noise", "reverb", "clipping", "silence", "speakers", "level", "length", "speech_share"}
       for name in ("fsdd_jackson_0", "fsdd_jackson_1", "fsdd_theo_0", "fsdd_theo_1")},
}  # fmt: skip
_MADE_OF = "ls3080"
"""The speaker of the collection's own faulty files."""


def collected(media: Path, half: bool) -> Iterator[Case]:
    """The collection's own faulty files, with what is said of them there."""
    for row in manifest(media):
        name = str(row["id"])
        speaker = str(row["ground_truth"].get("speaker_id") or _MADE_OF)
        if name in _COLLECTED and published(speaker) is half:
            audio = decode(media / row["path"])
            unsaid = frozenset(_COLLECTED_UNSAID.get(name, set()))
            yield Case(name, speaker, audio.samples, audio.sample_rate, frozenset(_COLLECTED[name]), unsaid)
