"""Takes, good and spoilt: real speech and speech of the embedded engine with one known fault put into each.

Every base belongs to the half its name falls into, for ever (tests.bench.cases.published)."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.files import decode
from core.kit.children import Children
from core.providers.base import Call
from core.voice.engine import Utterance
from core.voice.providers.espeak import EspeakProvider
from core.voice.take_measures import says_twice
from tests.bench.cases import manifest, published

Samples = NDArray[np.float32]

TEXTS = {
    "en-us": ("The harbour wakes before the town does, and a rope creaks somewhere in the dark.",
              "Bring two cups of flour, a pinch of salt and as much patience as you can find.",
              "Nobody had told her that the last train left at nine, so she walked home along the canal."),
    "en-gb": ("In the spring the river rises quickly; by June you can cross it without getting wet.",
              "Our next guest has spent eleven years looking for a bird that may no longer exist."),
    "fr": ("Le vieux port se réveille avant la ville, et quelque part une corde grince dans la nuit.",
           "Ajoutez deux tasses de farine, une pincée de sel et beaucoup de patience."),
    "de": ("Der Hafen erwacht vor der Stadt, und irgendwo knarrt ein Seil in der Dunkelheit.",
           "Niemand hatte ihr gesagt, dass der letzte Zug um neun fährt, also ging sie zu Fuß."),
    "es": ("El puerto despierta antes que la ciudad y una cuerda cruje en la oscuridad.",
           "Nadie le había dicho que el último tren salía a las nueve, así que volvió caminando."),
    "hi": ("शहर से पहले बंदरगाह जागता है और कहीं अंधेरे में एक रस्सी चरमराती है।",),
    "it": ("Il porto si sveglia prima della città e da qualche parte una corda scricchiola nel buio.",),
}  # fmt: skip
VARIANTS = {"en-us": ("", "+f2", "+m3", "+f4"), "en-gb": ("", "+f1", "+m7"), "fr": ("", "+f3"), "de": ("", "+m2"),
            "es": ("", "+f5"), "hi": ("", "+f2"), "it": ("", "+f3")}  # fmt: skip
SPOKEN = {
    # What the collection, or the corpus itself, says of the words.
    "LJ001-0001": "Printing, in the only sense with which we are at present concerned, differs from most if not from all "
    "the arts and crafts represented in the Exhibition",
    "jfk": "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.",
}
_DRAWS = 3
_CUT_S = 15.0


@dataclass(frozen=True)
class Case:
    id: str
    base: str
    samples: Samples
    sample_rate: int
    text: str
    """Empty where nobody wrote it down: what needs it is then not counted."""
    language: str
    faults: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    """What this case counts neither for nor against."""


def made(media: Path | None, *, half: bool) -> Iterator[Case]:
    for case in [*spoken(half), *(real(media, half) if media else ())]:
        yield case
        yield from faulty(case)


def real(media: Path, half: bool) -> Iterator[Case]:
    for row in manifest(media):
        name = str(row["id"])
        if row["category"] != "speech" or published(name) is not half:
            continue
        audio = decode(media / row["path"])
        samples = audio.samples[:, : round(_CUT_S * audio.sample_rate)]
        if samples.shape[1] < 3 * audio.sample_rate:
            continue
        cut = audio.samples.shape[1] > samples.shape[1]
        unsaid = {"truncated"} if cut or name.startswith("libri") else set()  # the corpus cuts its books anywhere
        # Digits by telephone, joined with pauses, some of them very soft as they are.
        text = "" if cut else SPOKEN.get(name, "")
        unsaid |= {"looped"} if says_twice(text) else set()  # said to be unknown there, and so it is
        unsaid |= {"silence", "clipping", "looped", "level"} if name.startswith("fsdd") else set()
        yield Case(name, name, samples, audio.sample_rate, text, "en", unsaid=frozenset(unsaid))


def spoken(half: bool) -> Iterator[Case]:
    engine, children = EspeakProvider(), Children()
    with tempfile.TemporaryDirectory() as scratch:
        for code, texts in TEXTS.items():
            for variant in VARIANTS[code]:
                for number, text in enumerate(texts):
                    name = f"espeak-{code}{variant}-{number}"
                    if published(name) is not half:
                        continue
                    folder = Path(scratch) / name
                    folder.mkdir()
                    call = Call(name, folder, children)
                    made = engine.make(Utterance(text, f"{code}{variant}", engine.default_model), call)
                    audio = decode(made.outputs[0].path)
                    yield Case(name, name, audio.samples, audio.sample_rate, text, code)
    children.close()


def faulty(good: Case) -> Iterator[Case]:
    for draw in range(_DRAWS):
        random = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{good.id}+{draw}".encode()).digest()[:4], "big"))
        for fault, put in (("truncated", _cut), ("looped", _looped), ("silence", _paused), ("clipping", _clipped),
                           ("level", _quiet), ("no_speech", _nothing), ("rate", _hurried)):  # fmt: skip
            if (fault == "rate" and not good.text) or fault in good.unsaid & {"level", "silence", "looped"}:
                continue
            samples = put(good.samples, good.sample_rate, random)
            # What one fault does to another's figures is nobody's mistake.
            unsaid = {"truncated": {"rate", "silence"}, "looped": {"rate", "truncated"}, "silence": {"truncated"},
                      "level": {"clipping"}, "clipping": {"level"}, "rate": {"truncated", "looped"},
                      "no_speech": set(_ALL)}[fault]  # fmt: skip
            unsaid = (set(unsaid) | set(good.unsaid)) - {fault}
            yield Case(f"{good.id}+{fault}{draw}", good.base, samples.astype(np.float32), good.sample_rate, good.text,
                       good.language, frozenset({fault}), frozenset(unsaid))  # fmt: skip


_ALL = ("clipping", "level", "silence", "rate", "truncated", "looped")


def _cut(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    return samples[:, : round(random.uniform(0.4, 0.9) * samples.shape[1])]


def _looped(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """The last 1 to 3 s once or twice more, a little softer or louder, with a breath of noise."""
    ending = samples[:, -round(random.uniform(1.2, 3.0) * rate) :]
    again = [ending * 10 ** (random.uniform(-2, 2) / 20) for _ in range(int(random.integers(1, 3)))]
    whole = np.concatenate([samples, *again], axis=1)
    return np.asarray(whole + random.standard_normal(whole.shape) * 1e-4)


def _paused(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    at = round(random.uniform(0.2, 0.8) * samples.shape[1])
    gap = np.zeros((samples.shape[0], round(random.uniform(1.8, 3.0) * rate)), dtype=np.float32)
    return np.concatenate([samples[:, :at], gap, samples[:, at:]], axis=1)


def _clipped(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    over = 10 ** (random.uniform(6, 12) / 20) / float(np.abs(samples).max())
    return np.clip(samples * over, -1, 1)


def _quiet(samples: Samples, _rate: int, random: np.random.Generator) -> Samples:
    return samples * 10 ** (-random.uniform(26, 40) / 20)


def _nothing(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """Silence, noise, or a tone."""
    time = np.arange(samples.shape[1]) / rate
    kind = int(random.integers(0, 3))
    if kind == 0:
        return np.zeros_like(samples)
    if kind == 1:
        return random.standard_normal(samples.shape) * 10 ** (random.uniform(-60, -25) / 20)
    return np.repeat(0.2 * np.sin(2 * np.pi * random.uniform(150, 900) * time)[None], samples.shape[0], axis=0)


def _hurried(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """Three times as fast or as slow."""
    from core.audio.effects import time_stretch

    return time_stretch(samples, rate, speed=float(random.choice([0.27, 3.3])))
