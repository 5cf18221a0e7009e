"""studio catalogue import|own|confirm: one's own licensed files, and what their papers say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.session import ACTOR, say, studio
from core.kit.errors import UserError
from core.licensing.importing_own import Proposal

AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]


class OwnLine(BaseModel):
    id: str
    track_id: str
    title: str
    artist: str
    state: str
    read: dict[str, Any]
    missing: list[str]
    notes: list[str]

    @classmethod
    def of(cls, one: Proposal) -> OwnLine:
        waiting = next((each for each in one.papers if each.state == "proposed"), None)
        return cls(
            id=one.asset.id, track_id=one.track_id, title=one.title, artist=one.artist, state=one.state,
            read={name: dict(said) for name, said in waiting.fields.items()} if waiting else {},
            missing=list(one.missing), notes=list(waiting.notes) if waiting else [],
        )  # fmt: skip

    @property
    def text(self) -> str:
        lines = [f"{self.id}  {self.title:40} {self.state}"]
        lines += [f"    {name:12} {said['value']!s:30} from “{said['snippet']}”" for name, said in self.read.items()]
        lines += [f"    to be said: {', '.join(self.missing)}"] if self.missing else []
        return "\n".join(lines + [f"    {note}" for note in self.notes])


class Imported(BaseModel):
    tracks: list[OwnLine]
    unmatched: list[str]
    failed: list[dict[str, str]]


class Entered(BaseModel):
    licence_id: str
    track_id: str
    ends_on: str | None
    proof: str


def import_own(
    files: Annotated[list[Path], typer.Argument(help="sounds, their papers, or folders of them")],
    papers: Annotated[list[Path] | None, typer.Option("--papers", help="licence papers: PDF, text, CSV sheet; a folder of them")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Bring licensed files in with their licence papers. What the papers say is proposed: studio catalogue confirm."""
    with studio() as opened:
        taken = opened.own_music.take(ACTOR, files, papers or [])
        lines = [OwnLine.of(each) for each in taken.proposals]
    answer = Imported(
        tracks=lines,
        unmatched=taken.unmatched,
        failed=[{"file": name, **error.as_dict()} for name, error in taken.failed],
    )
    shown = [line.text for line in lines]
    shown += [f"No file was found for: {each}" for each in taken.unmatched]
    shown += [f"Not taken: {each['file']}. {each['message']} {each['hint']}".rstrip() for each in answer.failed]
    say(answer, as_json, "\n".join(shown))
    if answer.failed and not lines:
        raise typer.Exit(2)


def own(
    state: Annotated[str, typer.Option(help="no paper, proposed or confirmed")] = "", as_json: AsJson = False
) -> None:
    """List one's own licensed files, and what is still to be said of them."""
    with studio() as opened:
        lines = [OwnLine.of(each) for each in opened.own_music.listing(ACTOR, state)]
    say(list(lines), as_json, "\n".join(line.text for line in lines) or "None yet: studio catalogue import FILES")


def confirm(
    asset_id: Annotated[str, typer.Argument(help="of the file; studio catalogue own shows it")],
    given: Annotated[list[str] | None, typer.Option("--set", help='NAME=VALUE, as ends_on=2027-12-31; JSON for lists and none: platforms=["youtube"], ends_on=null')] = None,
    paper: Annotated[str, typer.Option(help="where several wait: the id of the one that is meant")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Enter the licence that a file's paper says it has; the paper becomes its proof."""
    values = dict(_value(each) for each in given or [])
    with studio() as opened:
        licence = opened.own_music.confirm(ACTOR, asset_id, values, paper=paper)
    row = licence.row
    answer = Entered(licence_id=row.id, track_id=row.track_id, ends_on=row.ends_on, proof=row.proof_name)
    say(answer, as_json, f"{row.id}  {row.title}, until {row.ends_on or 'for ever'}; proof: {row.proof_name or 'none'}")


def _value(given: str) -> tuple[str, Any]:
    name, sign, value = given.partition("=")
    if not sign:
        raise UserError(f"{given[:60]!r} says no value.", "Write NAME=VALUE.")
    if value[:1] in '[{"' or value in ("null", "true", "false"):
        try:
            return name.strip(), json.loads(value)
        except ValueError:
            raise UserError(f"{value[:60]!r} is not JSON.", "Check its brackets and quotes.") from None
    return name.strip(), value
