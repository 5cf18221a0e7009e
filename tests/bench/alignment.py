"""How exact the word times are that core/voice/aligning.py finds, and whether its confidence knows when they are wrong.

Exact word times exist only for the embedded engine, so the made cases are its own other voices, changed in speed, pitch
and coding: that flatters, since the reader speaks with the same rules. Real voices come from a collection with a
MANIFEST.json (STUDIO_BENCH_MEDIA): spoken digits cut together with digital silence, whose starts are exact, and three
read sentences whose starts were found by another aligner (pocketsphinx 5.1.1, en-us), itself exact to a few 10 ms.

Constants were chosen on the texts of even number and on those real sentences and digits; the figures are those of the
texts of odd number (the few words: of languages not tuned on). Of the real recordings only the wrong texts are new.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import time_stretch
from core.audio.encoding import encode
from core.audio.files import decode
from core.voice.aligning import TRUSTED, align
from core.voice.providers.espeak_process import SAMPLE_RATE
from core.voice.reading import USUAL_RATE, engine_voice, read
from tests.bench.cases import manifest
from tests.bench.rows import Row, timed

Samples = NDArray[np.float32]

MEAN_GATE_MS, FALSE_TRUST_GATE, FALSE_DISTRUST_GATE = 40.0, 0.03, 0.05
CHANGES = (
    "f3", "Annie", "m3", "croak", "f3 slow", "m3 fast", "f3 noise", "m3 noise", "f3 mp3", "+6", "-6", "m3 +6 formants",
)  # fmt: skip
TEXTS = {
    "en": (
        "The harbour was quiet that morning, and the boats lay still. Nobody had told the fishermen that the market would "
        "be closed! So they sat on the wall, smoking, and waited for the sun.",
        "Welcome back to the channel. Today we look at five small cameras that cost less than two hundred dollars, and I "
        "will tell you which one I would buy.",
        "In 1969, three men flew to the moon; two of them walked on it. What would you have taken with you? A book, "
        "perhaps, or a photograph of someone you love.",
        "Mix the flour, the sugar and a pinch of salt. Add the eggs one by one, stir until smooth, and leave the dough to "
        "rest for half an hour.",
    ),
    "fr": (
        "Le train partait à huit heures, mais personne n'était encore arrivé sur le quai. On entendait seulement la pluie, "
        "et au loin un chien qui aboyait.",
        "Bonjour à tous et bienvenue. Aujourd'hui, nous allons préparer une tarte aux pommes, simple, rapide et "
        "délicieuse. Il vous faut quatre pommes et un peu de beurre.",
    ),
    "hi": (
        "नमस्ते दोस्तों, आज हम एक नई कहानी सुनेंगे। एक गाँव में एक बूढ़ा किसान रहता था, जिसके चार बेटे थे। वे हमेशा आपस में लड़ते रहते थे।",
        "दिल्ली भारत की राजधानी है। यहाँ हर साल लाखों लोग घूमने आते हैं, और पुरानी इमारतें देखते हैं।",
    ),
    "de": (
        "Der Zug fuhr pünktlich um acht Uhr ab, obwohl es seit Stunden schneite. Im Abteil saß nur ein alter Mann, der "
        "schweigend eine Zeitung las.",
        "Heute zeige ich euch, wie man einen Garten ohne viel Arbeit anlegt. Zuerst braucht ihr gute Erde, dann etwas "
        "Geduld, und vor allem Wasser.",
    ),
    "es": (
        "El barco salió del puerto al amanecer, cargado de naranjas y de vino. Nadie sabía cuándo volvería, pero todos "
        "saludaban desde la orilla.",
        "Hola y bienvenidos. Hoy vamos a hablar de tres libros que cambiaron mi vida, y de uno que no pude terminar nunca.",
    ),
}
_FOUND_BY_ANOTHER = {
    "jfk": (
        "0.29 0.63 0.97 1.24 1.63 3.25 3.99 5.37 5.60 5.85 6.43 6.66 6.91 7.05 8.15 8.53 8.83 9.20 9.37 9.62 9.78 9.99"
    ),
    "LJ001-0001": (
        "0.00 0.87 0.99 1.15 1.47 1.95 2.12 2.37 2.55 2.71 2.90 3.27 4.41 5.05 5.22 5.65 5.81 6.11 6.31 6.65 "
        "6.79 7.09 7.23 7.76 8.53 8.66 8.79"
    ),
    "libri_1688-142285-0000": (
        "0.51 0.79 1.14 1.30 2.12 2.25 2.47 2.59 3.99 4.17 4.20 4.48 4.58 4.83 5.24 5.42 6.76 6.97 7.78 7.94 "
        "8.22 8.42 8.95 10.39 10.63 10.80 10.86 11.21 11.50 12.07 12.17 14.09"
    ),
}
"""Second at which each word of the transcript begins."""
_RATES = {"slow": 0.7, "fast": 1.5}
_CLIP_GAP_S = 0.1


@dataclass(frozen=True)
class Case:
    name: str
    language: str
    text: str
    samples: Samples
    sample_rate: int
    starts_s: tuple[float, ...]


def made(*, published: bool) -> Iterator[Case]:
    """The embedded voices reading TEXTS, changed."""
    for language, texts in TEXTS.items():
        for number, text in enumerate(texts):
            if (number % 2 == 1) is published:
                for change in CHANGES:
                    yield changed(language, text, change)


def changed(language: str, text: str, change: str) -> Case:
    words = change.split()
    variant = f"+{words[0]}" if words[0][0].isalpha() else ""
    rate = next((factor for name, factor in _RATES.items() if name in words), 1.0)
    reading = read(text, engine_voice(language) + variant, round(USUAL_RATE * rate))
    samples = reading.mono[None]
    semitones = next((float(word) for word in words if word[0] in "+-"), 0.0)
    if semitones:
        samples = time_stretch(samples, SAMPLE_RATE, semitones=semitones, voice="formants" not in words)
    if "noise" in words:
        samples = samples + noise(samples, 20.0)
    sample_rate = SAMPLE_RATE
    if "mp3" in words:
        with tempfile.TemporaryDirectory() as folder:
            audio = decode(encode(Path(folder) / "speech.mp3", samples, SAMPLE_RATE, "mp3"))
        samples, sample_rate = audio.samples, audio.sample_rate
    starts = tuple(begins for _, _, begins, _ in reading.words)
    return Case(change, language, text, np.asarray(samples, dtype=np.float32), sample_rate, starts)


def noise(samples: Samples, under_db: float) -> Samples:
    white = np.random.default_rng(4).standard_normal(samples.shape).astype(np.float32)
    return white * np.float32(np.sqrt(np.square(samples).mean()) * 10 ** (-under_db / 20))


def spoken(media: Path) -> Iterator[Case]:
    """Real voices with a transcript; `starts_s` is empty where nobody knows."""
    for row in manifest(media):
        truth, name = row["ground_truth"], str(row["id"])
        if row["category"] == "speech" and truth.get("transcript"):
            audio = decode(media / row["path"])
            starts = tuple(float(second) for second in _FOUND_BY_ANOTHER.get(name, "").split())
            kind = "digits" if name.startswith("fsdd") else "read"
            if kind == "digits":
                starts = clips(audio.samples[0], audio.sample_rate)
            yield Case(kind, "en", str(truth["transcript"]), audio.samples, audio.sample_rate, starts)


def clips(mono: Samples, sample_rate: int) -> tuple[float, ...]:
    """Where sound begins after digital silence, and at the start."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (mono == 0).astype(np.int8), [0]]))).reshape(-1, 2)
    gaps = [last for first, last in edges if last - first >= _CLIP_GAP_S * sample_rate and last < mono.size]
    return (0.0, *(float(last / sample_rate) for last in gaps))


def unspoken(media: Path | None) -> Iterator[tuple[str, Samples, int]]:
    """What says none of the texts: noise, silence, a tune; of the collection music, singing, and speech without a text."""
    random = np.random.default_rng(5)
    time = np.arange(12 * SAMPLE_RATE) / SAMPLE_RATE
    yield "noise", random.standard_normal((1, time.size)).astype(np.float32) * np.float32(0.1), SAMPLE_RATE
    yield "silence", np.zeros((1, time.size), dtype=np.float32), SAMPLE_RATE
    pitches = 220 * 2 ** (random.integers(0, 13, 48) / 12)
    tune = np.sin(2 * np.pi * np.cumsum(np.repeat(pitches, time.size // 48)) / SAMPLE_RATE)
    yield (
        "tune",
        (0.3 * tune * (1 - (np.arange(tune.size) % (time.size // 48)) / (time.size // 48)))[None].astype(np.float32),
        SAMPLE_RATE,
    )
    for row in manifest(media) if media else ():
        wordless = row["category"] in ("music", "singing", "stem", "mix")
        if wordless or (row["category"] == "speech" and not row["ground_truth"].get("transcript")):
            audio = decode(media / row["path"])  # type: ignore[operator]
            yield str(row["category"]), audio.samples[:, : 20 * audio.sample_rate], audio.sample_rate


def few_words(count: int) -> tuple[list[float], list[float]]:
    """Confidence where the text has only so many words, and where they are others: (right, wrong)."""
    right, wrong = [], []
    for language in ("fr", "de", "es"):
        words = [word for text in TEXTS[language] for word in text.split()]
        texts = [" ".join(words[first : first + count]) for first in range(0, len(words) - count, 6)]
        for number, text in enumerate(texts):
            mono = read(text, engine_voice(language) + "+m3", USUAL_RATE).mono[None]
            right.append(align(mono, SAMPLE_RATE, text, language).confidence)
            wrong.append(align(mono, SAMPLE_RATE, texts[number - 3], language).confidence)
    return right, wrong


def errors_ms(case: Case) -> tuple[NDArray[np.float64], float]:
    """(of every word's start, the confidence)"""
    found = align(case.samples, case.sample_rate, case.text, case.language)
    starts = np.asarray([word[2] for word in found.words])
    if starts.size != len(case.starts_s):
        return np.zeros(0), found.confidence
    return 1000 * np.abs(starts - np.asarray(case.starts_s)), found.confidence


def measure() -> list[Row]:
    where = os.environ.get("STUDIO_BENCH_MEDIA")
    media = Path(where) if where else None
    errors: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    right: dict[str, list[float]] = defaultdict(list)
    wrong: dict[str, list[float]] = defaultdict(list)
    for case in made(published=True):
        off, confidence = errors_ms(case)
        for name in ("embedded voices", f"  {case.language}", f"  {case.name}"):
            errors[name].append(off)
        right["embedded voices"].append(confidence)
        for other in TEXTS[case.language]:
            if other != case.text and case.name in ("f3", "m3 fast", "m3 noise"):
                wrong["another text"].append(align(case.samples, case.sample_rate, other, case.language).confidence)
    for case in spoken(media) if media else ():
        off, confidence = errors_ms(case)
        errors[f"real: {case.name}"].append(off)
        right[f"real: {case.name}"].append(confidence)
        wrong["real, another text"].append(align(case.samples, case.sample_rate, TEXTS["en"][1], "en").confidence)
    for name, samples, rate in unspoken(media):
        wrong[name] += [align(samples, rate, TEXTS[language][1], language).confidence for language in ("en", "hi")]
    for count in (1, 3, 6):
        right[f"{count} words"], wrong[f"{count} words"] = few_words(count)
    rows = [_errors(name, np.concatenate(offs)) for name, offs in errors.items()]
    rows += [_share(f"alignment: distrusted although right, {name}", [c < TRUSTED for c in values], values)
             for name, values in right.items()]  # fmt: skip
    rows += [_share(f"alignment: trusted although wrong, {name}", [c >= TRUSTED for c in values], values)
             for name, values in wrong.items()]  # fmt: skip
    everything = [c >= TRUSTED for values in wrong.values() for c in values]
    rows.append(Row("alignment: trusted although wrong, all", float(np.mean(everything)), f"n={len(everything)}",
                    at_most=FALSE_TRUST_GATE))  # fmt: skip
    return [*rows, speed()]


def _errors(name: str, off: NDArray[np.float64]) -> Row:
    gate = MEAN_GATE_MS if name == "embedded voices" else None
    if not off.size:
        return Row(f"alignment: word starts, {name}", float("nan"), "no times known")
    detail = f"median {np.median(off):.0f}, p95 {np.percentile(off, 95):.0f}, worst {off.max():.0f}, n={off.size}"
    return Row(f"alignment: word starts, {name}: mean error in ms", float(off.mean()), detail, at_most=gate)


def _share(name: str, told: list[bool], values: list[float]) -> Row:
    gate = FALSE_DISTRUST_GATE if "right, embedded" in name else None
    return Row(name, float(np.mean(told)), f"confidence {min(values):.2f} to {max(values):.2f}, n={len(values)}", gate)


def speed() -> Row:
    """A minute of speech."""
    case = changed("en", " ".join(TEXTS["en"] * 2), "f3")
    seconds = case.samples.shape[1] / case.sample_rate
    took = timed(lambda: align(case.samples, case.sample_rate, case.text, case.language))
    return Row("alignment: seconds per second of speech", took / seconds, f"{took:.1f} s for {seconds:.0f} s")
