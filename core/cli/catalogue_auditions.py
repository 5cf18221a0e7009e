"""studio catalogue audition|compare: a track under a clip before it is paid for, and several there blind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from core.app import Studio
from core.cli.scoring import taken_apart
from core.cli.session import ACTOR, ended, folder, put, say, studio
from core.kit.errors import UserError

AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]
Film = Annotated[str, typer.Option(help="a film, or the id of one from: studio library list")]
Scene = Annotated[str, typer.Option(help="id of a scene, instead of --under and --start")]
Start = Annotated[float, typer.Option(min=0, help="seconds into the clip")]
Seconds = Annotated[float | None, typer.Option(help="how long; the scene's, or 30")]


class Heard(BaseModel):
    job_id: str
    asset_id: str
    film_id: str
    start_s: float
    seconds: float
    preview: bool
    path: str


class Compared(BaseModel):
    id: str
    name: str
    letters: dict[str, str]
    """Which file is which letter."""


def audition(
    track: Annotated[str, typer.Argument(help="catalogue:id as the search shows it, or the id of a piece")],
    under: Film = "",
    scene: Scene = "",
    start: Start = 0.0,
    seconds: Seconds = None,
    out: Annotated[Path | None, typer.Option(help="a WAV of what is heard")] = None,
    as_json: AsJson = False,
) -> None:
    """Hear a track under a clip: its preview, at one level, back under speech. A draft."""
    with studio(working=True) as opened:
        job = opened.auditioning.submit(
            ACTOR,
            _ref(track),
            clip_id=_clip(opened, under),
            scene_id=scene,
            start_s=start,
            seconds=seconds,
            priority="urgent",
        )
        job = ended(opened, job)
        (made,) = opened.jobs.assets(ACTOR, job.id)
        path = put(opened, made, out) if out is not None else opened.library.file(ACTOR, made.id)
    told = job.result or {}
    heard = Heard(
        job_id=job.id, asset_id=made.id, path=str(path),
        **{name: told[name] for name in ("film_id", "start_s", "seconds", "preview")},
    )  # fmt: skip
    kind = "a preview: not to be published" if heard.preview else "a draft"
    say(heard, as_json, f"{heard.path}\nFrom {heard.start_s:g} s, {heard.seconds:g} s long; {kind}.")


def compare(
    tracks: Annotated[list[str], typer.Argument(help="two to six, as for audition")],
    out: Annotated[Path, typer.Option(help="folder for A.wav, B.wav, …")],
    under: Film = "",
    scene: Scene = "",
    start: Start = 0.0,
    seconds: Seconds = None,
    name: str = "",
    as_json: AsJson = False,
) -> None:
    """Compare tracks under a clip without knowing which is which; choose with: studio trial choose."""
    with studio(working=True) as opened:
        trial = opened.auditioning.compare(
            ACTOR, [_ref(each) for each in tracks], name=name, clip_id=_clip(opened, under), scene_id=scene, start_s=start,
            seconds=seconds, priority="urgent",
        )  # fmt: skip
        ended(opened, opened.jobs.show(ACTOR, trial.job_id))
        into = folder(out)
        found = {}
        for heard in opened.trials.show(ACTOR, trial.id).heard:
            if heard.seconds is not None:
                path = into / f"{heard.letter}.wav"
                found[heard.letter] = str(opened.trials.sound(ACTOR, trial.id, heard.letter, path))
    lines = [f"{trial.id}  {trial.name}", *(f"{letter}  {path}" for letter, path in found.items())]
    say(Compared(id=trial.id, name=trial.name, letters=found), as_json, "\n".join(lines))


def _clip(opened: Studio, film: str) -> str:
    return taken_apart(opened, film)[0].id if film else ""


def _ref(text: str) -> dict[str, str]:
    provider, _, track_id = text.partition(":")
    if not text.strip():
        raise UserError("A track is missing.", "Write catalogue:id, or the id of a piece.")
    return {"provider": provider, "track_id": track_id} if track_id else {"asset_id": provider}
