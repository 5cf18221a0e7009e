"""studio clone: voices from recordings: checked, made with consent, listed, spoken with, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.app import Studio
from core.cli.session import ACTOR, ended, folder, made, put, say, studio, target
from core.kit.errors import RightsError, UserError
from core.rights.consent import statement as proposed
from core.store.voices import VoiceRow
from core.voice.cloning.own import PREFIX
from core.voice.cloning.recordings import Recording
from core.voice.cloning.service import Consenting
from core.voice.references.samples import Sample, examine, told

clone = typer.Typer(help="Voices from recordings of somebody who consented.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]


class CheckLine(BaseModel):
    name: str
    verdict: str
    value: float | None
    unit: str
    points_lost: float
    reason: str
    remedy: str


class SampleReport(BaseModel):
    path: str
    cleaned: str
    done: list[str]
    duration_s: float
    speech_s: float
    score: float
    usable: bool
    checks: list[CheckLine]

    @classmethod
    def of(cls, sample: Sample) -> SampleReport:
        report: dict[str, Any] = sample.report.as_dict()
        return cls(path=sample.path, cleaned=sample.cleaned, done=list(sample.done), **report)


class References(BaseModel):
    samples: list[SampleReport]
    advice: list[str]


@clone.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="1 to 10 recordings of one speaker")],
    clean: Annotated[Path | None, typer.Option(help="a folder: write what trimming and cleaning makes better")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
) -> None:
    """Say what each recording is worth, every point it loses and what to do about it."""
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise UserError(f"{str(missing[0])!r} is not there.", "Give the path of a recording.")
    if clean is not None:
        folder(clean)
    with studio() as opened:
        samples = examine(files, opened.children, clean)
    answer = References(samples=[SampleReport.of(sample) for sample in samples], advice=list(told(samples)))
    say(answer, as_json, "\n".join([*(_line(sample) for sample in samples), *answer.advice]))


class VoiceLine(BaseModel):
    voice_id: str
    name: str
    status: str
    is_active: bool
    language: str
    engines: list[str]
    quality_score: float | None
    usage_count: int
    speak_as: str

    @classmethod
    def of(cls, row: VoiceRow) -> VoiceLine:
        return cls(
            voice_id=row.id, name=row.name, status=row.status, is_active=row.active, language=row.language,
            engines=list(row.engines), quality_score=row.quality_score, usage_count=row.usage_count,
            speak_as=PREFIX + row.id,
        )  # fmt: skip


class Added(BaseModel):
    voice: VoiceLine
    advice: list[str]
    failed: dict[str, str]
    """Engines that could not learn it, and why."""


class Removed(BaseModel):
    voice_id: str
    files: int
    remaining: list[str]
    left: dict[str, str]


@clone.command("add")
def add(
    name: Annotated[str, typer.Argument(help="what to call the voice")],
    files: Annotated[list[Path], typer.Argument(help="1 to 10 recordings of one speaker")],
    speaker: Annotated[str, typer.Option(help="whose voice it is")] = "",
    statement: Annotated[str, typer.Option(help="the speaker's words of consent; proposed when left out")] = "",
    consent: Annotated[Path | None, typer.Option(help="a recording of the statement read aloud")] = None,
    private: Annotated[bool, typer.Option("--no-commercial", help="the speaker allows no commercial use")] = False,
    language: Annotated[str, typer.Option(help="of the recordings: en, fr …")] = "",
    engine: Annotated[list[str] | None, typer.Option(help="who is to learn it; a service only when named")] = None,
    as_json: Json = False,
) -> None:
    """Make a voice. Without the speaker's consent none is made: --speaker and --statement, or --consent."""
    if not statement:
        raise RightsError(
            "Nobody has consented to this voice being copied.",
            f'Have the speaker agree and give it: --speaker NAME --statement "{proposed(speaker, name, commercial=not private)}"',
            "no_consent",
        )
    with studio(working=True) as opened:
        said = Consenting(speaker, statement, not private, Recording(consent) if consent else None)
        recordings = [Recording(path) for path in files]
        row, advice = opened.cloning.create(ACTOR, name=name, recordings=recordings, consent=said, language=language)
        job = ended(opened, opened.cloning.train(ACTOR, row.id, engine or []))
        row, _ = opened.cloning.get(ACTOR, row.id)
    failed = {who: str(why["message"]) for who, why in (job.result or {}).get("failed", {}).items()}
    answer = Added(voice=VoiceLine.of(row), advice=advice, failed=failed)
    text = [_told(answer.voice), *advice, *(f"{who}: {why}" for who, why in failed.items())]
    say(answer, as_json, "\n".join(text))


@clone.command("list")
def listing(
    search: Annotated[str, typer.Option(help="words that have to occur")] = "",
    status: Annotated[str, typer.Option(help="pending, training, trained or failed")] = "",
    as_json: Json = False,
) -> None:
    """List your voices."""
    with studio() as opened:
        lines = [VoiceLine.of(row) for row in opened.cloning.listing(ACTOR, status=status, search=search)]
    say(list(lines), as_json, "\n".join(_told(line) for line in lines) or "No voice yet: studio clone add")


@clone.command("speak")
def speak(
    voice: Annotated[str, typer.Argument(help="name or id of one of your voices")],
    text: Annotated[str, typer.Argument(help="what it says")],
    out: Annotated[Path, typer.Option("--out", help="where to write it: .wav, .flac, .mp3 …")],
    as_json: Json = False,
) -> None:
    """Speak a text with one of your voices."""
    path = target(out)
    with studio(working=True) as opened:
        row = _one(opened, voice)
        job = ended(opened, opened.voice.speak(ACTOR, text=text, voice=PREFIX + row.id))
        put(opened, opened.jobs.assets(ACTOR, job.id)[0], path)
        answer = made(opened, job, {"primary": path})
    say(answer, as_json, f"{path}")


@clone.command("delete")
def delete(
    voice: Annotated[str, typer.Argument(help="name or id of one of your voices")],
    withdraw: Annotated[bool, typer.Option(help="the speaker took the consent back")] = False,
    as_json: Json = False,
) -> None:
    """Delete a voice: recordings, what engines learned, copies at services. Finished pieces stay."""
    with studio() as opened:
        gone = opened.cloning.delete(ACTOR, _one(opened, voice).id, withdraw=withdraw)
    answer = Removed(
        voice_id=gone.voice_id, files=gone.files, left=gone.left, remaining=[name for _, name in gone.remaining]
    )
    text = [f"{gone.files} files deleted; finished pieces that stay: {', '.join(answer.remaining) or 'none'}"]
    say(answer, as_json, "\n".join([*text, *(f"{who} still has a copy: {why}" for who, why in gone.left.items())]))


def _one(opened: Studio, wanted: str) -> VoiceRow:
    found = [row for row in opened.cloning.listing(ACTOR) if wanted.casefold() in (row.id, row.name.casefold())]
    return found[0] if found else opened.cloning.get(ACTOR, wanted.removeprefix(PREFIX))[0]


def _told(line: VoiceLine) -> str:
    score = "" if line.quality_score is None else f"  likeness {round(100 * line.quality_score)} of 100"
    return f"{line.voice_id}  {line.name:24} {line.status:9} {', '.join(line.engines) or '-'}{score}"


def _line(sample: Sample) -> str:
    report = sample.report
    verdict = f"{round(100 * report.score)} of 100" if report.usable else "cannot be used"
    left = ", ".join(check.name for check in report.checks if check.verdict == "not assessed")
    done = f"\n    cleaned: {' '.join(sample.done)} {sample.cleaned}" if sample.cleaned else ""
    return f"{Path(sample.path).name}: {verdict}, {report.speech_s:.1f} s of speech; not assessed: {left or 'nothing'}{done}"
