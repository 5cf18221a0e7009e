"""studio recommend, studio score: what music goes with a film's scenes, and the film with it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.app import Studio
from core.cli.making import Json, found_asset
from core.cli.session import ACTOR, ended, folder, put, say, studio
from core.cli.voices import usd_of
from core.flows.recommending.cues import Cue
from core.flows.recommending.types import Kept, Recommendation
from core.flows.scoring.told import Scored, scored
from core.kit.errors import UserError
from core.store.assets import Asset
from core.store.clips import ClipRow
from core.video.service import VIDEO
from core.video.types import Clip

Film = Annotated[str, typer.Argument(help="a film, or the id of one from: studio library list")]
Seed = Annotated[int | None, typer.Option(help="the same seed makes the same music")]
One = Annotated[bool, typer.Option("--one", help="a single piece under the whole film")]
_READ = 1 << 20


class SceneAdvice(BaseModel):
    id: str
    number: int
    start_s: float
    end_s: float
    type: str
    why: str
    recommendation: Recommendation


class Advice(BaseModel):
    """recommend"""

    clip_id: str
    asset_id: str
    name: str
    seconds: float
    scenes: list[SceneAdvice]
    cues: list[Cue]
    """As `studio score` would make them."""
    kept: list[Kept]
    """What was kept before, and shifts the order."""
    warnings: list[str]


class ScoredFiles(Scored):
    """score"""

    clip_id: str
    path: str
    cue_sheet_path: str
    stem_paths: dict[str, str]


class ScorePlanned(BaseModel):
    """score --plan"""

    clip_id: str
    cues: list[Cue]
    seed: int
    usd: str
    engine: str


def recommend(clip: Film, one: One = False, seed: Seed = None, as_json: Json = False) -> None:
    """What music goes with each scene of a film, and why. Nothing is made."""
    with studio(working=True) as opened:
        row, found = taken_apart(opened, clip)
        said, _ = opened.recommending.for_scenes(ACTOR, [scene.id for scene in found.scenes])
        advice = dict(said)
        cues = opened.recommending.for_clip(ACTOR, row.id, one=one, seed=seed)
        scenes = [
            SceneAdvice(
                id=scene.id, number=scene.number, start_s=scene.start_s, end_s=scene.end_s, type=scene.type, why=scene.why,
                recommendation=advice[scene.id],
            )
            for scene in found.scenes if scene.id in advice
        ]  # fmt: skip
        answer = Advice(
            clip_id=row.id, asset_id=row.asset_id, name=row.name, seconds=row.seconds, scenes=scenes, cues=list(cues),
            kept=list(opened.recommending.kept(ACTOR)), warnings=list(found.warnings),
        )  # fmt: skip
    lines = [
        f"{scene.number:>3}  {scene.start_s:7.2f} to {scene.end_s:7.2f}  {scene.type:<13} {scene.recommendation.why}"
        for scene in scenes
    ]
    planned = [_cue_line(cue) for cue in answer.cues]
    say(answer, as_json, "\n".join([*answer.warnings, *lines, "", f"{len(planned)} pieces:", *planned]))


def score(
    clip: Film,
    out: Annotated[Path | None, typer.Option(help="the film to write: .mp4")] = None,
    voice: Annotated[str, typer.Option(help="a recording to lay over it: a file, or the id of an asset")] = "",
    text: Annotated[str, typer.Option(help="a text to speak over it instead")] = "",
    speaker: Annotated[str, typer.Option(help="who speaks the text: id or name of a voice")] = "",
    provider: Annotated[str, typer.Option(help="engine of the music; see `studio engines`")] = "",
    quality: Annotated[str, typer.Option(help="instead of an engine: draft, standard or premium")] = "",
    loudness: Annotated[str, typer.Option(help="loudness preset")] = "video",
    duck_db: Annotated[float, typer.Option(help="how far the music steps back under speech")] = 10.0,
    one: One = False,
    seed: Seed = None,
    stems: Annotated[Path | None, typer.Option(help="folder for the stems")] = None,
    cue_sheet: Annotated[Path | None, typer.Option(help="also write the cue sheet: .csv")] = None,
    cap: Annotated[str, typer.Option(help="dollars it may cost at most")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="only tell the pieces and the price")] = False,
    as_json: Json = False,
) -> None:
    """Give a film music made from its own scenes, mixed under its sound or a voice."""
    _check(out, stems, cue_sheet, plan)
    values: dict[str, Any] = {
        "text": text, "speaker": speaker, "provider": provider or None, "quality": quality, "loudness": loudness,
        "duck_db": duck_db, "one": one, "seed": seed,
    }  # fmt: skip
    with studio(working=True) as opened:
        row, _ = taken_apart(opened, clip)
        values["clip_id"] = row.id
        if voice:
            values["voice"] = found_asset(opened, voice, "voiceover").id
        if plan:
            found = opened.scoring.plan(ACTOR, **values)
            told = ScorePlanned(
                clip_id=row.id, cues=list(found.cues), seed=found.seed, usd=f"{found.usd:f}", engine=found.engine
            )
            lines = [_cue_line(cue) for cue in found.cues]
            say(told, as_json, "\n".join([*lines, f"at most ${found.usd}, by {found.engine}"]))
            return
        assert out is not None
        job = opened.scoring.submit(ACTOR, cap_usd=usd_of(cap) if cap else None, **values)
        answer = _written(opened, scored(opened.jobs, ACTOR, ended(opened, job).id), row.id, out, stems, cue_sheet)
    told_cues = [f"{cue['start']}  {cue['title']}  {cue['licence_id']}" for cue in answer.cues]
    sound = "" if answer.lufs is None else f"  {answer.lufs:.1f} LUFS"
    say(answer, as_json, "\n".join([*told_cues, f"{out}  {answer.seconds or 0:.1f} s{sound}  ${answer.cost_usd}"]))


def _check(out: Path | None, stems: Path | None, cue_sheet: Path | None, plan: bool) -> None:
    """Before any work is done for them."""
    if out is None:
        if not plan:
            raise UserError("No file was named for the film.", "Use --out film.mp4, or --plan to see what it takes.")
    elif out.suffix.lower() != ".mp4" or out.is_dir():
        raise UserError(f"{out.name!r} is no name for the film.", "Use a file name that ends in .mp4.")
    else:
        folder(out.parent)
    if cue_sheet is not None:
        if cue_sheet.suffix.lower() != ".csv":
            raise UserError(f"{cue_sheet.name!r} is no name for a cue sheet.", "Use .csv.")
        folder(cue_sheet.parent)
    if stems is not None:
        folder(stems)


def _written(
    opened: Studio, made: Scored, clip_id: str, out: Path, stems: Path | None, cue_sheet: Path | None
) -> ScoredFiles:
    def stored(asset_id: str) -> Path:
        return opened.library.file(ACTOR, asset_id)

    shutil.copyfile(stored(made.film), out)
    sheet = stored(made.cue_sheet)
    if cue_sheet is not None:
        sheet = Path(shutil.copyfile(sheet, cue_sheet))
    parts = {
        name: stored(asset_id)
        if stems is None
        else put(opened, opened.library.get(ACTOR, asset_id), stems / f"{name}.wav")
        for name, asset_id in made.stems.items()
    }
    return ScoredFiles(
        **made.model_dump(), clip_id=clip_id, path=str(out.resolve()), cue_sheet_path=str(sheet.resolve()),
        stem_paths={name: str(path.resolve()) for name, path in parts.items()},
    )  # fmt: skip


def taken_apart(opened: Studio, given: str) -> tuple[ClipRow, Clip]:
    """The scenes of a film, found now where they were not before."""
    film = _film(opened, given)
    known = opened.video.of_film(ACTOR, film.id)
    if known is not None:
        return known
    job = ended(opened, opened.video.take_apart(ACTOR, film.id))
    return opened.video.clip(ACTOR, str((job.result or {})["clip_id"]))


def _film(opened: Studio, given: str) -> Asset:
    path = Path(given)
    if not path.exists() and given.startswith("asset_"):
        return opened.library.get(ACTOR, given)
    if not path.is_file():
        raise UserError(f"There is no file {given!r}.", "Give a film, or the id of one from: studio library list")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ):
            digest.update(chunk)
    known = opened.library.by_hash(ACTOR, digest.hexdigest())
    if known is not None and known.kind == VIDEO:
        return known
    return opened.importing.bring_in(ACTOR, path, kind=VIDEO)[0]


def _cue_line(cue: Cue) -> str:
    return (
        f"     {cue.start_s:7.2f} to {cue.end_s:7.2f}  {cue.mood} {cue.genre}, {cue.bpm:g} BPM, {cue.key}, "
        f"{cue.bars:g} bars; {cue.landing}"
    )
