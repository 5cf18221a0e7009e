"""studio batch: pieces from a table. studio trial: variants heard blind, chosen, revealed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.app import Studio
from core.cli.longform import read_bytes
from core.cli.making import Json
from core.cli.session import ACTOR, ended, folder, say, studio
from core.flows.music_rows import read_table
from core.kit.errors import UserError
from core.music.trials.service import Blind, Result
from core.store.trials import label

trial = typer.Typer(
    help="A/B trials: variants of one piece, heard without knowing which is which.", no_args_is_help=True
)
TrialId = Annotated[str, typer.Argument(help="id of a trial")]
_NUMBERS = ("bpm", "seconds", "temperature", "guidance", "top_p", "strength")
_WHOLE = ("seed", "top_k", "steps")


class PieceLine(BaseModel):
    index: int
    file: str
    status: str
    error: str
    asset_id: str
    seed: int | None
    engine: str
    duration_s: float | None
    cost_usd: str
    licence: str
    job_id: str


class BatchMade(BaseModel):
    """batch"""

    job_id: str
    path: str
    cost_usd: str
    rows: list[PieceLine]


class HeardLine(BaseModel):
    letter: str
    status: str
    seconds: float | None
    path: str = ""


class TrialShown(BaseModel):
    """trial start, trial show"""

    id: str
    name: str
    job_id: str
    live: bool
    chosen: bool
    variants: list[HeardLine]


class VariantLine(BaseModel):
    letter: str
    values: dict[str, str]
    asset_id: str
    wins: int


class RateLine(BaseModel):
    axis: str
    value: str
    wins: int
    choices: int
    low: float
    high: float
    chance: float
    verdict: str


class TrialResult(BaseModel):
    """trial choose, trial result"""

    id: str
    name: str
    kept: int | None
    variants: list[VariantLine]
    rates: list[RateLine]


def batch(
    file: Annotated[Path, typer.Argument(help="a CSV: one piece of music on each line; headings in English or French")],
    out: Annotated[Path, typer.Option(help="the ZIP to write")] = Path("music.zip"),
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="make the others when a row is wrong")] = False,
    at_once: Annotated[int | None, typer.Option(help="how many are made at a time")] = None,
    cap: Annotated[float | None, typer.Option(help="the most all may cost, in dollars")] = None,
    resume: Annotated[str, typer.Option(help="id of a batch: make what is missing in it instead")] = "",
    format: Annotated[str, typer.Option(help="wav16, wav24, flac, mp3, …; as made otherwise")] = "",
    as_json: Json = False,
) -> None:
    """Make every row of a table, up to a thousand pieces of music, and pack them into a ZIP with a manifest."""
    if out.suffix.lower() != ".zip":
        raise UserError(f"{out.name!r} is no ZIP file name.", "Use .zip.")
    folder(out.parent)
    if format:
        from core.audio.encoding import file_format

        file_format(format)
    rows = read_table(file.name, read_bytes(file)) if not resume else []
    with studio(working=True) as opened:
        limit = None if cap is None else Decimal(str(cap))
        job = opened.batches.resume(ACTOR, resume) if resume else opened.music_batches.submit(
            ACTOR, rows, title=file.stem, skip_bad=skip_bad, at_once=at_once, cap_usd=limit
        )  # fmt: skip
        job = ended(opened, job)
        place = out.resolve()
        found = opened.music_batches.pack(ACTOR, job.id, place, format=format or None)
        cost = f"{opened.music_batches.cost(ACTOR, job.id):f}"
        told = BatchMade(job_id=job.id, path=str(place), cost_usd=cost, rows=[PieceLine(**row) for row in found])
        wrong = [f"row {row.index}: {row.status}: {row.error}" for row in told.rows if row.status != "done"]
        more = [f"Make what is missing: studio batch {file} --resume {job.id}"] if wrong else []
        done = len(told.rows) - len(wrong)
        say(told, as_json, "\n".join([*wrong, *more, f"{place}  {done} of {len(told.rows)} pieces  ${cost}"]))


@trial.command()
def start(
    grid: Annotated[
        list[str], typer.Option("--grid", help="what is compared: bpm=80,100,120; may be given several times")
    ],
    base: Annotated[list[str] | None, typer.Option("--base", help="what all share: mood=calm")] = None,
    prompt: Annotated[str, typer.Option(help="what all share")] = "",
    seconds: Annotated[float, typer.Option(help="of each variant")] = 20.0,
    count: Annotated[int | None, typer.Option(help="so many of the combinations; all of them otherwise")] = None,
    name: Annotated[str, typer.Option(help="of the trial")] = "",
    cap: Annotated[float | None, typer.Option(help="the most all may cost, in dollars")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for what there is to hear, by letter")] = None,
    as_json: Json = False,
) -> None:
    """Make the variants. They come back as letters."""
    shared = dict(_pair(each) for each in base or [])
    values: dict[str, Any] = {"prompt": prompt, "seconds": seconds} | {n: _value(n, v) for n, v in shared.items()}
    axes = {axis: [_value(axis, each.strip()) for each in text.split(",")] for axis, text in map(_pair, grid)}
    with studio(working=True) as opened:
        limit = None if cap is None else Decimal(str(cap))
        row = opened.trials.start(ACTOR, name=name, base=values, grid=axes, count=count, cap_usd=limit)
        ended(opened, opened.jobs.show(ACTOR, row.job_id))
        _say_blind(opened, opened.trials.show(ACTOR, row.id), out, as_json)


@trial.command()
def show(
    trial_id: Annotated[str, typer.Argument(help="id of a trial; left out: list them")] = "",
    out: Annotated[Path | None, typer.Option(help="folder for what there is to hear, by letter")] = None,
    as_json: Json = False,
) -> None:
    """What there is to hear, by letter; or the trials there are."""
    with studio() as opened:
        if trial_id:
            _say_blind(opened, opened.trials.show(ACTOR, trial_id), out, as_json)
            return
        found = [_shown(opened.trials.show(ACTOR, each.id)) for each in opened.trials.listing(ACTOR)]
        say(list(found), as_json, "\n".join(f"{each.id}  {len(each.variants)} variants  {each.name}" for each in found))


@trial.command()
def choose(
    trial_id: TrialId,
    winner: Annotated[str, typer.Argument(help="a letter; left out with --tie")] = "",
    tie: Annotated[bool, typer.Option("--tie", help="no difference")] = False,
    rating: Annotated[int | None, typer.Option(help="1 to 5")] = None,
    note: Annotated[str, typer.Option(help="what you heard")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="keep the winner; the others go to the bin")] = False,
    as_json: Json = False,
) -> None:
    """Choose once; then it is told which is which."""
    with studio() as opened:
        found = opened.trials.choose(ACTOR, trial_id, winner=winner, tie=tie, rating=rating, note=note)
        if keep:
            opened.trials.keep(ACTOR, trial_id, winner)
            found = opened.trials.result(ACTOR, trial_id)
        _say_result(found, as_json)


@trial.command()
def result(trial_id: TrialId, as_json: Json = False) -> None:
    """Which is which, and how often each value won."""
    with studio() as opened:
        _say_result(opened.trials.result(ACTOR, trial_id), as_json)


def _shown(blind: Blind) -> TrialShown:
    lines = [HeardLine(letter=each.letter, status=each.status, seconds=each.seconds) for each in blind.heard]
    row = blind.trial
    return TrialShown(
        id=row.id, name=row.name, job_id=row.job_id, live=blind.live, chosen=blind.choice is not None, variants=lines
    )


def _say_blind(opened: Studio, blind: Blind, out: Path | None, as_json: bool) -> None:
    told = _shown(blind)
    for line in told.variants:
        if out is not None and line.seconds is not None:
            folder(out)
            line.path = str(opened.trials.sound(ACTOR, told.id, line.letter, (out / f"{line.letter}.wav").resolve()))
    lines = [f"{each.letter}  {each.status}  {each.seconds or 0:.1f} s  {each.path}".rstrip() for each in told.variants]
    say(told, as_json, "\n".join([f"{told.id}  {told.name}", *lines]))


def _say_result(found: Result, as_json: bool) -> None:
    variants = [
        VariantLine(
            letter=each.letter, values={name: label(value) for name, value in each.values.items()},
            asset_id=each.piece.id if each.piece else "", wins=each.wins,
        )
        for each in found.variants
    ]  # fmt: skip
    rates = [RateLine(**{name: getattr(each, name) for name in RateLine.model_fields}) for each in found.rates]
    told = TrialResult(id=found.trial.id, name=found.trial.name, kept=found.trial.kept, variants=variants, rates=rates)
    lines = [
        f"{v.letter}  {v.wins} won  {', '.join(f'{n} {x}' for n, x in v.values.items())}  {v.asset_id}"
        for v in variants
    ]
    lines += [f"{r.axis} {r.value}: {r.wins} of {r.choices}, {r.low:.0%} to {r.high:.0%}, {r.verdict}" for r in rates]
    say(told, as_json, "\n".join(lines))


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name.strip():
        raise UserError(f"{text[:60]!r} is no name with values.", "Write it like bpm=80,100,120.")
    return name.strip(), value


def _value(name: str, text: str) -> Any:
    try:
        return float(text) if name in _NUMBERS else int(text) if name in _WHOLE else text
    except ValueError:
        raise UserError(f"{name} = {text[:40]!r} is not a number.", "Write digits.") from None
