"""The embedded composer: a score written by rules, played by our own synthesiser. Free, offline, without samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.kit.errors import UserError
from core.music.types import MusicRequest
from core.providers.base import Call, Made, Output, ProviderInfo, Units

_SPANS = {
    "Composing": (0.0, 0.03),
    "Rendering notes": (0.03, 0.45),
    "Mixing": (0.45, 0.7),
    "Mastering": (0.7, 0.85),
    "Writing": (0.85, 1.0),
}
"""Where each stage lies in the whole, as measured on 120 s with a cold note bank."""
_TIMEOUT_S = 900.0
_PEAK_COLUMNS = 192
_WORKERS = 2


class ComposerProvider:
    info = ProviderInfo(
        name="composer",
        title="Workbench composer",
        kind="music",
        form="make",
        resource="cpu",
        capabilities=frozenset(
            {
                "prompt", "mood", "genre", "bpm", "key", "duration", "intensity", "instruments", "seed", "stems", "midi",
                "loopable", "ending", "sections", "draft",
            }
        ),
        licence="own-work",
    )  # fmt: skip

    def maximum(self, request: MusicRequest) -> Units:
        del request
        return {}

    def make(self, request: MusicRequest, call: Call) -> Made:
        """A mix (24-bit WAV), its stems (32-bit float WAV that add up to it) and the MIDI. Runs in a child process,
        which is killed on cancel. Needs a seed: the service draws one where the user gave none."""
        if request.seed is None:
            raise UserError("A seed is needed to compose.", "Give any whole number from 0 to 2147483647.")

        def progress(stage: str, fraction: float) -> None:
            begin, end = _SPANS[stage]
            call.progress(stage, round(begin + (end - begin) * fraction, 4))

        work = Work(request, call.folder, None if call.cache is None else call.cache / "notes")
        written: Written = call.children.run(
            produce, work, progress=progress, cancelled=call.cancelled, timeout_s=_TIMEOUT_S
        )
        outputs = tuple(Output(role, call.folder / name, kind, facts) for role, name, kind, facts in written.files)
        return Made(outputs, units={}, cost_usd=Decimal(0), facts=written.facts)


@dataclass(frozen=True)
class Work:
    """What the child needs."""

    request: MusicRequest
    folder: Path
    bank: Path | None


@dataclass(frozen=True)
class Written:
    """What the child made: (role, file name, asset kind, facts) and the facts of the whole."""

    files: tuple[tuple[str, str, str, dict[str, Any]], ...]
    facts: dict[str, Any]


def produce(work: Work, progress: Progress) -> Written:
    """The child's side."""
    from core.audio.files import encode, peaks
    from core.music.composer.compose import compose
    from core.music.composer.midi import to_midi
    from core.music.composer.synth import render
    from core.music.composer.synth.excerpt import excerpt

    request = work.request
    progress("Composing", 0.0)
    score = compose(request)
    if request.draft:
        score = excerpt(score)
    progress("Composing", 1.0)
    music = render(score, bank=work.bank, workers=_WORKERS, progress=progress)
    progress("Writing", 0.0)

    rate = music.sample_rate
    sounds = [("primary", "mix.wav", "music", music.mix, "wav24")]
    if request.stems and not request.draft:
        sounds += [(f"stem:{name}", f"stem-{name}.wav", "stem", x, "wav32f") for name, x in music.stems.items()]
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        written = [pool.submit(encode, work.folder / name, x, rate, form) for _, name, _, x, form in sounds]
        columns = list(pool.map(lambda sound: peaks(sound[3], _PEAK_COLUMNS), sounds))
        for n, job in enumerate(written):
            job.result()
            progress("Writing", (n + 1) / (len(written) + 1))

    shared = {
        "bpm": score.bpm,
        "key": score.key,
        "genre": score.genre,
        "mood": score.mood,
        "intensity": score.intensity,
        "seed": request.seed,
        "duration_s": music.mix.shape[1] / rate,
        "sample_rate": rate,
        "channels": 2,
    }
    instruments = sorted({part.instrument for part in score.parts if part.notes})
    sections = list(music.sections)
    whole = {
        "title": score.title,
        "instruments": instruments,
        "lufs": round(music.lufs, 2),
        "true_peak_dbtp": round(music.dbtp, 2),
        "sections": sections,
        "progression": _progression(sections),
    }
    files: list[tuple[str, str, str, dict[str, Any]]] = []
    for (role, name, kind, _, _), waveform in zip(sounds, columns, strict=True):
        facts = dict(shared, peaks=waveform)
        if role == "primary":
            facts |= whole
        else:
            stem = role.partition(":")[2]
            facts["instruments"] = sorted({part.instrument for part in score.parts if part.stem == stem and part.notes})
        files.append((role, name, kind, facts))
    if not request.draft:
        (work.folder / "score.mid").write_bytes(to_midi(score))
        files.append(
            ("midi", "score.mid", "midi", {name: shared[name] for name in ("bpm", "key", "genre", "mood", "seed")})
        )
    progress("Writing", 1.0)
    made_by = {
        "model": "composer", "ending": score.ending, "loopable": score.loopable, "drum_pattern": score.drum_pattern,
        "reading": dict(score.reading), "draft": request.draft, "distinct_notes": music.distinct_notes,
        "rendered_notes": music.rendered_notes,
    }  # fmt: skip
    return Written(tuple(files), shared | whole | made_by)


def _progression(sections: list[dict[str, object]]) -> list[object]:
    """The chords of the fullest section: what the piece turns on."""
    best: list[object] = []
    energy = -1.0
    for section in sections:
        chords, level = section["chords"], section["energy"]
        if isinstance(chords, list) and chords and isinstance(level, float | int) and level > energy:
            best, energy = chords, float(level)
    return best
