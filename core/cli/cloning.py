"""studio clone: so far the check of recordings; making a voice from them comes with the cloning engines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.session import folder, say, studio
from core.kit.errors import UserError
from core.voice.references.samples import Sample, examine, told

clone = typer.Typer(help="Recordings to learn a voice from.", no_args_is_help=True)


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


def _line(sample: Sample) -> str:
    report = sample.report
    verdict = f"{round(100 * report.score)} of 100" if report.usable else "cannot be used"
    left = ", ".join(check.name for check in report.checks if check.verdict == "not assessed")
    done = f"\n    cleaned: {' '.join(sample.done)} {sample.cleaned}" if sample.cleaned else ""
    return f"{Path(sample.path).name}: {verdict}, {report.speech_s:.1f} s of speech; not assessed: {left or 'nothing'}{done}"
