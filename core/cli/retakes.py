"""studio takes: sentences of a finished speech spoken anew, and the new version made of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from core.cli.making import Json
from core.cli.session import ACTOR, ended, made, put, say, studio, target
from core.kit.errors import UserError
from core.voice.retakes.sheet import Passage
from core.voice.retakes.wishes import wished

takes = typer.Typer(help="Single sentences spoken anew, compared, chosen, laid in.", no_args_is_help=True)
Piece = Annotated[str, typer.Argument(help="id of a speech, or of a chapter of a book")]


class PassageLine(BaseModel):
    number: int
    """From 1: what `studio takes make` takes."""
    first: int
    past: int
    section: str
    text: str
    start_s: float
    end_s: float
    takes: list[str]
    """Their ids, in order; the chosen one ends with *."""

    @property
    def text_line(self) -> str:
        told = [f"{self.number:4} {self.start_s:8.2f} s  {self.text}"]
        return "\n".join(told + [f"                  {each}" for each in self.takes])


@takes.command("list")
def listing(piece: Piece, as_json: Json = False) -> None:
    """The sentences of a piece, numbered, with the takes there are."""
    with studio() as opened:
        sheet = opened.retakes.sheet(ACTOR, piece)
        lines = [
            PassageLine(
                number=number, first=each.first, past=each.past, section=each.section, text=each.text, start_s=each.start_s,
                end_s=each.end_s,
                takes=[
                    f"take {one.take.number}: {one.asset.id}{' *' if one.take.chosen else ''}"
                    f"{f' ({one.take.label})' if one.take.label else ''}"
                    for one in sheet.takes
                    if one.take.first >= each.first and one.take.past <= each.past
                ],
            )
            for number, each in enumerate(sheet.passages, 1)
        ]  # fmt: skip
        say(list(lines), as_json, "\n".join(line.text_line for line in lines))


@takes.command()
def make(
    piece: Piece,
    sentence: Annotated[str, typer.Option(help="its number, or several in a row: 3 or 3-5")],
    count: Annotated[int, typer.Option(help="how many takes")] = 1,
    words: Annotated[str, typer.Option(help="say this instead")] = "",
    voice: Annotated[str, typer.Option(help="in another voice")] = "",
    emotion: Annotated[str, typer.Option(help="where the engine acts")] = "",
    speed: Annotated[float, typer.Option(help="times the pace it has")] = 1.0,
    pitch: Annotated[float, typer.Option(help="semitones on top")] = 0.0,
    cap: Annotated[float | None, typer.Option(help="the most it may cost, in dollars")] = None,
    as_json: Json = False,
) -> None:
    """Speak a sentence, or several in a row, anew."""
    with studio(working=True) as opened:
        first, past = _place(opened.retakes.sheet(ACTOR, piece).passages, sentence)
        wishes = wished({"words": words, "voice": voice, "emotion": emotion, "speed": speed, "pitch": pitch})
        limit = None if cap is None else Decimal(str(cap))
        job = ended(opened, opened.retakes.take(ACTOR, piece, first, past, count=count, wishes=wishes, cap_usd=limit))
        found = [one for one in opened.jobs.assets(ACTOR, job.id) if one.role == "primary"]
        say(made(opened, job, {}), as_json, "\n".join(f"{one.id}  {one.duration_s:.2f} s  {one.name}" for one in found))


@takes.command()
def choose(
    take: Annotated[str, typer.Argument(help="id of a take")],
    no: Annotated[bool, typer.Option("--no", help="choose it no longer")] = False,
) -> None:
    """Let a take stand for its passage."""
    with studio() as opened:
        chosen = opened.retakes.choose(ACTOR, take, chosen=not no)
        say([], False, "\n".join(chosen) or "none chosen")


@takes.command()
def assemble(
    piece: Annotated[str, typer.Argument(help="id of a speech or of a book")],
    name: Annotated[str, typer.Option(help="of the new version")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="also write it there")] = None,
    as_json: Json = False,
) -> None:
    """A new version of the piece with the chosen takes in it."""
    place = target(out) if out is not None else None
    with studio(working=True) as opened:
        job = ended(opened, opened.retakes.assemble(ACTOR, piece, name=name))
        primary = next(each for each in opened.jobs.assets(ACTOR, job.id) if each.role == "primary")
        answer = made(opened, job, {"primary": put(opened, primary, place)} if place else {})
        say(answer, as_json, str(place or primary.id))


def _place(passages: tuple[Passage, ...], sentence: str) -> tuple[int, int]:
    first, _, last = sentence.partition("-")
    try:
        numbers = int(first), int(last or first)
    except ValueError:
        numbers = (0, 0)
    if not 1 <= numbers[0] <= numbers[1] <= len(passages):
        raise UserError(
            f"There is no sentence {sentence[:20]!r}.",
            f"They go from 1 to {len(passages)}: studio takes list shows them.",
            "no_passage",
        )
    return passages[numbers[0] - 1].first, passages[numbers[1] - 1].past
