"""studio styles: a way of sounding, measured on tracks of one's own."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.answers import Deleted
from core.cli.making import Json
from core.cli.session import ACTOR, ended, say, studio
from core.music.providers.musicgen_training import told
from core.music.styles.rights import STATEMENT
from core.store.styles import StyleFile, StyleRow

styles = typer.Typer(help="Styles learned from tracks of your own.", no_args_is_help=True)
StyleId = Annotated[str, typer.Argument(help="id of a style; studio styles list shows them")]


class StyleLine(BaseModel):
    id: str
    name: str
    tracks: int
    engines: list[str]
    figures: dict[str, Any]
    keys: dict[str, int]
    genre: str | None
    mood: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: StyleRow) -> StyleLine:
        return cls(
            id=row.id, name=row.name, tracks=len(row.sources), engines=sorted(row.engines), created_at=row.created_at,
            **{name: row.profile[name] for name in ("figures", "keys", "genre", "mood")},
        )  # fmt: skip

    @property
    def text(self) -> str:
        bpm = self.figures.get("bpm")
        tempo = f"{bpm['median']:.0f} BPM ({bpm['low']:.0f} to {bpm['high']:.0f})" if bpm else "no steady tempo"
        return f"{self.id}  {self.name:<26} {self.tracks} tracks  {tempo}  {self.genre or ''}".rstrip()


class TrainedLine(BaseModel):
    style_id: str
    model: str
    tracks: int
    epochs: int
    best_epoch: int
    licence: str
    work_s: float
    created_at: datetime

    @classmethod
    def of(cls, file: StyleFile) -> TrainedLine:
        told = {name: file.facts[name] for name in ("epochs", "best_epoch", "licence", "work_s")}
        return cls(
            style_id=file.style_id,
            model=file.model,
            tracks=len(file.facts["sources"]),
            created_at=file.created_at,
            **told,
        )

    @property
    def text(self) -> str:
        return (
            f"MusicGen {self.model} learned {self.style_id} from {self.tracks} tracks in {self.epochs} epochs "
            f"(kept: {self.best_epoch}); no commercial use ({self.licence})."
        )


@styles.command("list")
def listing(as_json: Json = False) -> None:
    """List styles."""
    with studio() as opened:
        lines = [StyleLine.of(row) for row in opened.styles.list(ACTOR)]
    say(list(lines), as_json, "\n".join(line.text for line in lines) or "There are no styles.")


@styles.command()
def learn(
    name: Annotated[str, typer.Argument(help="its name")],
    assets: Annotated[list[str], typer.Argument(help="ids of 3 to 50 pieces of music of yours")],
    rights: Annotated[bool, typer.Option("--rights", help=f"declare: {STATEMENT}")] = False,
    as_json: Json = False,
) -> None:
    """Learn a style from your own tracks; `studio music --style ID` then makes music in it."""
    with studio(working=True) as opened:
        job = ended(opened, opened.styles.create(ACTOR, name, assets, rights_declared=rights))
        line = StyleLine.of(opened.styles.get(ACTOR, str((job.result or {})["style_id"])))
    say(line, as_json, line.text)


@styles.command()
def train(
    style: StyleId,
    model: Annotated[str, typer.Option(help="of MusicGen; left out: its usual one")] = "",
    epochs: Annotated[int | None, typer.Option(help="at most; left out: 10")] = None,
    as_json: Json = False,
) -> None:
    """Teach a style to MusicGen; `studio music --provider musicgen --style ID` then makes music in it."""
    with studio(working=True) as opened:
        plan = opened.styles.plan(ACTOR, style, model=model, epochs=epochs)
        print(f"{told(plan.work_s, plan.measured)}; the licence of the weights, {plan.licence}, binds what is made.",
              file=sys.stderr)  # fmt: skip
        ended(opened, opened.styles.train(ACTOR, style, model=plan.model, epochs=plan.epochs))
        (file,) = (one for one in opened.styles.learned(ACTOR, style) if one.model == plan.model)
        line = TrainedLine.of(file)
    say(line, as_json, line.text)


@styles.command()
def rename(style: StyleId, name: Annotated[str, typer.Argument(help="the new name")], as_json: Json = False) -> None:
    """Give a style another name."""
    with studio() as opened:
        line = StyleLine.of(opened.styles.rename(ACTOR, style, name))
    say(line, as_json, line.text)


@styles.command()
def share(
    style: StyleId,
    team: Annotated[list[str] | None, typer.Option(help="id of a team, may be repeated; none: with nobody")] = None,
    as_json: Json = False,
) -> None:
    """Share a style with these teams and no others."""
    with studio() as opened:
        line = StyleLine.of(opened.styles.share(ACTOR, style, team or []))
    say(line, as_json, line.text)


@styles.command()
def delete(style: StyleId, as_json: Json = False) -> None:
    """Delete a style; what was made in it stays."""
    with studio() as opened:
        opened.styles.delete(ACTOR, style)
    say(Deleted(id=style), as_json, "deleted")
