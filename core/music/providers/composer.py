"""The embedded composer: a score written by rules, played by our own synthesiser. Free, offline, without samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.kit.errors import SetupError, UserError
from core.music.composer.score import Score
from core.music.spool import Plan, Spool
from core.music.types import MusicRequest
from core.providers.base import Call, Made, Output, ProviderInfo, Units

_SPANS = {
    "Composing": (0.0, 0.03),
    "Rendering notes": (0.03, 0.45),
    "Playing": (0.03, 0.7),
    "Mixing": (0.45, 0.7),
    "Mastering": (0.7, 0.85),
    "Writing": (0.85, 1.0),
}
"""Where each stage lies in the whole, as measured on 120 s with a cold note bank. Playing: notes and mixing of what is
heard meanwhile."""
_TIMEOUT_S = 900.0
_PEAK_COLUMNS = 192
_WORKERS = 2
"""Threads of a piece that is made alone; pieces side by side have one each, which costs less than sharing the cores."""


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
                "loopable", "ending", "sections", "draft", "soundfont", "style", "stream",
            }
        ),
        licence="own-work",
        models=("composer",),
    )  # fmt: skip
    default_model = "composer"

    def lengths(self, model: str) -> tuple[float, float]:
        if model not in self.info.models:
            raise UserError(f"The composer has no model {model[:60]!r}.", "Leave the model out.")
        return 3.0, 600.0

    def told(self, request: MusicRequest) -> dict[str, Any]:
        """What is left open as the composer would fill it. UserError where an instrument or a key does not exist, or where
        nobody is left to play."""
        from core.music.composer.arrange import arrange
        from core.music.composer.plan import plan
        from core.music.styles.steering import steered

        by_style = steered(request if request.seed is not None else request.model_copy(update={"seed": 0}))
        made = plan(by_style.request)
        arrange(made)
        if request.soundfont and find_spec("tinysoundfont") is None:
            raise SetupError(
                "Playing from a SoundFont needs the package tinysoundfont.",
                "Run: pip install --no-deps -r requirements-soundfont.txt. Our own sounds work without it.", "not_installed",
            )  # fmt: skip
        return {
            "genre": made.genre, "mood": made.mood, "bpm": made.bpm, "key": made.key.label, "intensity": made.intensity,
            "seconds": request.seconds, "instruments": list(made.featured), "ending": made.ending, "seed": request.seed,
            **({"style": list(by_style.why)} if request.style else {}),
        }  # fmt: skip

    def maximum(self, request: MusicRequest) -> Units:
        del request
        return {}

    def make(self, request: MusicRequest, call: Call) -> Made:
        """A mix (24-bit WAV), its stems (32-bit float WAV that add up to it) and the MIDI. Runs in a child process,
        which is killed on cancel. Needs a seed: the service draws one where the user gave none."""
        from core.music.styles.steering import facts, steered

        if request.seed is None:
            raise UserError("A seed is needed to compose.", "Give any whole number from 0 to 2147483647.")

        def progress(stage: str, fraction: float) -> None:
            begin, end = _SPANS[stage]
            call.progress(stage, round(begin + (end - begin) * fraction, 4))

        bank = None if call.cache is None else call.cache / "notes"
        by_style = steered(request)
        workers = 1 if call.children.at_work else _WORKERS
        work = Work(by_style.request, call.folder, bank, request.material.soundfont, workers, request.material.aloud)
        written: Written = call.children.run(
            produce, work, progress=progress, cancelled=call.cancelled, timeout_s=_TIMEOUT_S
        )
        outputs = tuple(Output(role, call.folder / name, kind, facts) for role, name, kind, facts in written.files)
        return Made(outputs, units={}, cost_usd=Decimal(0), facts={**written.facts, **facts(request, by_style.why)})


@dataclass(frozen=True)
class Work:
    """What the child needs."""

    request: MusicRequest
    folder: Path
    bank: Path | None
    soundfont: Path | None = None
    """Plays the score instead of our synthesis."""
    workers: int = _WORKERS
    aloud: bool = False
    """Hands the sound over as it comes."""


@dataclass(frozen=True)
class Written:
    """What the child made: (role, file name, asset kind, facts) and the facts of the whole."""

    files: tuple[tuple[str, str, str, dict[str, Any]], ...]
    facts: dict[str, Any]


def produce(work: Work, progress: Progress) -> Written:
    """The child's side."""
    from core.audio.files import encode, peaks
    from core.music.composer.compose import COMPOSER_VERSION, compose
    from core.music.composer.midi import to_midi
    from core.music.composer.synth import render
    from core.music.composer.synth.excerpt import excerpt
    from core.music.composer.synth.soundfont import render_soundfont

    request = work.request
    progress("Composing", 0.0)
    score = compose(request)
    if request.draft:
        score = excerpt(score)
    progress("Composing", 1.0)
    aloud = Spool(work.folder, _plan(score)) if work.aloud else None
    if work.soundfont is None:
        music = render(score, bank=work.bank, workers=work.workers, progress=progress, aloud=aloud)
    else:
        music = render_soundfont(
            score, work.soundfont, bank=work.bank, workers=work.workers, progress=progress, aloud=aloud
        )
    if aloud is not None:
        aloud.close()
    progress("Writing", 0.0)

    rate = music.sample_rate
    sounds = [("primary", "mix.wav", "music", music.mix, "wav24")]
    if request.stems and not request.draft:
        sounds += [(f"stem:{name}", f"stem-{name}.wav", "stem", x, "wav32f") for name, x in music.stems.items()]
    with ThreadPoolExecutor(max_workers=work.workers) as pool:
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
        "model": "composer", "composer_version": COMPOSER_VERSION, "ending": score.ending, "loopable": score.loopable, "drum_pattern": score.drum_pattern,
        "reading": dict(score.reading), "draft": request.draft, "distinct_notes": music.distinct_notes,
        "rendered_notes": music.rendered_notes,
    }  # fmt: skip
    if work.soundfont is not None:
        made_by |= {"soundfont": music.soundfont, "own_voices": list(music.own_voices)}
    return Written(tuple(files), shared | whole | made_by)


def _plan(score: Score) -> Plan:
    """What listeners will hear."""
    from core.music.composer.synth.render import section_map
    from core.music.composer.synth.shape import SAMPLE_RATE

    named = [{name: each[name] for name in ("name", "start_s", "end_s")} for each in section_map(score)]
    return Plan(SAMPLE_RATE, 2, round(score.seconds * SAMPLE_RATE), named)


def _progression(sections: list[dict[str, object]]) -> list[object]:
    """The chords of the fullest section: what the piece turns on."""
    best: list[object] = []
    energy = -1.0
    for section in sections:
        chords, level = section["chords"], section["energy"]
        if isinstance(chords, list) and chords and isinstance(level, float | int) and level > energy:
            best, energy = chords, float(level)
    return best
