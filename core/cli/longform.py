"""narrate, speak-batch: a book of a long text, and a ZIP of many short ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.answers import Made
from core.cli.making import Json
from core.cli.session import ACTOR, ended, folder, made, say, studio
from core.flows.script_files import check_room, decoded
from core.kit.errors import UserError
from core.library.exporting import file_name

_BOOKS = {"m4b": ".m4b", "mp3": ".mp3"}


class RowLine(BaseModel):
    row: int
    file: str
    status: str
    error: str
    characters: int
    duration_s: float | None
    cost_usd: str
    licence: str
    asset_id: str


class Packed(BaseModel):
    """speak-batch"""

    job_id: str
    path: str
    cost_usd: str
    rows: list[RowLine]


class Chapters(BaseModel):
    """narrate --plan"""

    chapters: list[dict[str, Any]]
    characters: int
    seconds: float
    usd: str


def narrate(
    file: Annotated[Path, typer.Argument(help="a text file; chapters begin at '# Title' and at 'Chapter 1'")],
    title: Annotated[str, typer.Option(help="of the book; that of its first chapter otherwise")] = "",
    author: Annotated[str, typer.Option(help="who wrote it")] = "",
    format: Annotated[str, typer.Option(help="m4b or mp3")] = "",
    cover: Annotated[Path | None, typer.Option(help="a JPEG or PNG file; a plain one is made otherwise")] = None,
    out: Annotated[Path | None, typer.Option(help="where to write; named after the title otherwise")] = None,
    voice: Annotated[str, typer.Option(help="id or name of a voice")] = "",
    speed: Annotated[float, typer.Option(help="0.5 to 2.0")] = 1.0,
    model: Annotated[str, typer.Option(help="of a cloud engine; its default otherwise")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="only list the chapters, their length and price")] = False,
    as_json: Json = False,
) -> None:
    """Speak a long text, chapter by chapter, into one book with chapter marks and a cover."""
    text = decoded(read_bytes(file))
    ending = out.suffix.lower().lstrip(".") if out is not None else ""
    wanted = format or ending or "m4b"
    if out is not None and ending != wanted:
        raise UserError(f"{out.name!r} does not end as a book of the format {wanted}.", f"Use .{wanted}.")
    if out is not None and not plan:
        folder(out.parent)
    values: dict[str, Any] = {
        "text": text, "title": title, "author": author, "format": wanted, "voice": voice, "speed": speed, "model": model,
    }  # fmt: skip
    with studio(working=not plan) as opened:
        if plan:
            found = opened.narrations.plan(ACTOR, **values)
            rows = [{**each.__dict__, "usd": str(each.usd)} for each in found.chapters]
            lines = [f"{each['characters']:>8,}  {each['seconds'] / 60:>6.1f} min  {each['title']}" for each in rows]
            total = f"{found.characters:>8,}  {found.seconds / 60:>6.1f} min  ${found.usd}"
            told = Chapters(
                chapters=rows, characters=found.characters, seconds=found.seconds, usd=str(found.usd)
            )  # fmt: skip
            say(told, as_json, "\n".join([*lines, total]))
            return
        if cover is not None:
            values["cover"] = opened.importing.bring_in(ACTOR, cover, kind="image")[0].id
        job = ended(opened, opened.narrations.submit(ACTOR, **values))
        book = opened.jobs.assets(ACTOR, job.id)[0]
        place = (out or Path(f"{file_name(book.name)}{_BOOKS[wanted]}")).resolve()
        shutil.copyfile(opened.library.file(ACTOR, book.id), place)
        answer: Made = made(opened, job, {})
        answer.assets[0].path = str(place)
        marks = book.generation_config["chapters"]
        say(
            answer,
            as_json,
            f"{place}  {len(marks)} chapters  {(book.duration_s or 0) / 60:.1f} min  ${answer.cost_usd}",
        )


def speak_batch(
    files: Annotated[list[Path], typer.Argument(help="a .csv, .txt or .md files, or a .zip of them")],
    out: Annotated[Path, typer.Option(help="the ZIP to write")] = Path("scripts.zip"),
    voice: Annotated[str, typer.Option(help="for rows that name none")] = "",
    format: Annotated[str, typer.Option(help="wav16, wav24, flac, mp3, …; as made otherwise")] = "",
    as_json: Json = False,
) -> None:
    """Speak every row of a CSV, or every text file, and pack it all into a ZIP with captions and a manifest."""
    if out.suffix.lower() != ".zip":
        raise UserError(f"{out.name!r} is no ZIP file name.", "Use .zip.")
    folder(out.parent)
    check_room(file.stat().st_size for file in files if file.is_file())
    sent = [(file.name, read_bytes(file)) for file in files]
    if format:
        from core.audio.encoding import file_format

        file_format(format)
    with studio(working=True) as opened:
        settings = {"voice": voice} if voice else {}
        job = ended(opened, opened.scripts.submit(ACTOR, sent, settings=settings))
        place = out.resolve()
        rows = opened.scripts.pack(ACTOR, job.id, place, format=format or None)
        cost = str(opened.jobs.cost(ACTOR, job.id))
        told = Packed(job_id=job.id, path=str(place), cost_usd=cost, rows=[RowLine(**row) for row in rows])
        wrong = [f"row {row.row} ({row.file}): {row.error}" for row in told.rows if row.status != "done"]
        done = len(told.rows) - len(wrong)
        say(told, as_json, "\n".join([*wrong, f"{place}  {done} of {len(told.rows)} rows  ${cost}"]))


def read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{str(file)!r} cannot be read: {error.strerror}.", "Check the path.") from None
