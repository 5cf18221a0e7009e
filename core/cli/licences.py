"""studio licences: what one holds for tracks of catalogues, what it covers, when it ends, and the papers of it."""

from __future__ import annotations

from datetime import date
from mimetypes import guess_type
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer
from pydantic import BaseModel

from core.cli.answers import Deleted
from core.cli.making import Json
from core.cli.session import ACTOR, studio
from core.cli.session import say as _say
from core.kit.errors import RightsError, UserError
from core.licensing.licences import Licence
from core.licensing.paperwork import written
from core.licensing.radar import Ending
from core.rights.gate import Use, Verdict
from core.rights.platforms import Platform
from core.sound.edits import edits

licences = typer.Typer(help="Licences held for tracks of catalogues: enter, check, watch, report.", no_args_is_help=True)  # fmt: skip


def say(line: Any, as_json: bool) -> None:
    _say(line, as_json, line.text)


LicenceId = Annotated[str, typer.Argument(help="id of a licence")]


class LicenceLine(BaseModel):
    id: str
    provider: str
    track_id: str
    title: str
    status: str
    starts_on: str
    ends_on: str | None
    certificate: str
    price_usd: str
    uses: int

    @classmethod
    def of(cls, found: Licence) -> LicenceLine:
        row = found.row
        names = ("id", "provider", "track_id", "title", "starts_on", "ends_on", "certificate")
        return cls(
            **{name: getattr(row, name) for name in names}, price_usd=f"{row.price_usd:f}", status=found.standing,
            uses=found.uses,
        )  # fmt: skip

    @property
    def text(self) -> str:
        ends = f"until {self.ends_on}" if self.ends_on else "for ever"
        return f"{self.id}  {self.status:8} {ends}  {self.title or self.track_id} ({self.provider})".rstrip()


class LicenceLines(BaseModel):
    licences: list[LicenceLine]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.licences) or "No licences yet. Enter one with: studio licences add"


class CheckLine(BaseModel):
    valid: bool
    reasons: list[str]
    steps: list[str]
    licence_ids: list[str]
    credits: list[str]
    codes: list[str]

    @classmethod
    def of(cls, verdict: Verdict) -> CheckLine:
        return cls(
            valid=verdict.allowed, reasons=list(verdict.reasons), steps=list(verdict.steps),
            licence_ids=[each for _, each in verdict.rests_on], credits=list(verdict.credits), codes=list(verdict.codes),
        )  # fmt: skip

    @property
    def text(self) -> str:
        if not self.valid:
            return "\n".join(["Not cleared.", *self.reasons, *(f"→ {step}" for step in self.steps)])
        told = [f"Credit: {line}" for line in self.credits] + [f"Code: {code}" for code in self.codes]
        return "\n".join(["Cleared.", *told])


class Unplanned(BaseModel):
    project: str


class EndingLine(BaseModel):
    licence_id: str
    title: str
    provider: str
    status: str
    ends_on: str | None
    days_left: int | None
    touched: list[str]
    kept: int

    @classmethod
    def of(cls, found: Ending) -> EndingLine:
        row = found.licence
        pieces = dict.fromkeys(use.output_name for use in found.touched)
        return cls(
            licence_id=row.id, title=row.title or row.track_id, provider=row.provider, status=found.standing,
            ends_on=row.ends_on, days_left=found.days_left, touched=list(pieces),
            kept=len({use.output_asset_id for use in found.kept}),
        )  # fmt: skip

    @property
    def text(self) -> str:
        when = "revoked" if self.days_left is None else f"{self.days_left:+d} days"
        pieces = f"  touches {', '.join(self.touched)}" if self.touched else ""
        return f"{when:>10}  {self.ends_on or '':10}  {self.title} ({self.provider}){pieces}"


class EndingLines(BaseModel):
    endings: list[EndingLine]
    told: int = 0
    """Alerts that this look raised."""

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.endings) or "Nothing ends in that time."


@licences.command("add")
def add_licence(
    provider: Annotated[str, typer.Argument(help="the catalogue; own for any other shop")],
    track_id: Annotated[str, typer.Argument(help="the track's id there; * for the whole catalogue")],
    title: str = "",
    kind: Annotated[str, typer.Option(help="subscription, per-project, per-track, other")] = "per-track",
    project: Annotated[list[str] | None, typer.Option(help="only for this project; may be given again")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="only for this platform; may be given again")] = None,
    starts: Annotated[str, typer.Option(help="YYYY-MM-DD; today if left out")] = "",
    ends: Annotated[str, typer.Option(help="YYYY-MM-DD, the last day; left out: for ever")] = "",
    certificate: str = "",
    code: Annotated[str, typer.Option(help="that a platform asks for with the piece")] = "",
    credit: Annotated[str, typer.Option(help="the line to print with it")] = "",
    price: Annotated[str, typer.Option(help="what it cost, in dollars")] = "0",
    no_commerce: Annotated[bool, typer.Option("--no-commerce", help="not for commercial use")] = False,
    keeps: Annotated[bool, typer.Option("--keeps-published", help="what was published stays covered")] = False,
    single: Annotated[bool, typer.Option("--single-use", help="for one published piece")] = False,
    as_json: Json = False,
) -> None:
    """Enter a licence that you hold."""
    values = {
        "provider": provider, "track_id": track_id, "title": title, "kind": kind, "projects": project or [],
        "platforms": platform or [], "certificate": certificate, "code": code, "attribution": credit, "price_usd": price,
        "commercial": not no_commerce, "keeps_published": keeps, "single_use": single,
        **({"starts_on": starts} if starts else {}), **({"ends_on": ends} if ends else {}),
    }  # fmt: skip
    with studio() as opened:
        say(LicenceLine.of(opened.licences.add(ACTOR, values)), as_json)


@licences.command("list")
def list_licences(
    status: Annotated[str, typer.Option(help="valid, upcoming, expiring, expired, revoked, unknown")] = "",
    provider: str = "",
    as_json: Json = False,
) -> None:
    """Those that end first come first."""
    with studio() as opened:
        found = opened.licences.list(ACTOR, status=status, provider=provider, limit=1000)
    say(LicenceLines(licences=[LicenceLine.of(each) for each in found]), as_json)


@licences.command("revoke")
def revoke_licence(licence_id: LicenceId, why: str = "", as_json: Json = False) -> None:
    """It covers nothing from now on."""
    with studio() as opened:
        say(LicenceLine.of(opened.licences.revoke(ACTOR, licence_id, why)), as_json)


@licences.command("prove")
def prove_licence(
    licence_id: LicenceId,
    paper: Annotated[Path, typer.Argument(help="a PDF, text, CSV or picture")],
    as_json: Json = False,
) -> None:
    """Keep the paper that proves it in the library, and its hash with the licence."""
    with studio() as opened:
        opened.licences.get(ACTOR, licence_id)
        picture = (guess_type(paper.name)[0] or "").startswith("image/")
        kept, _ = opened.importing.bring_in(ACTOR, paper, kind="image" if picture else "document")
        say(LicenceLine.of(opened.licences.prove(ACTOR, licence_id, kept.id)), as_json)


@licences.command("remove")
def remove_licence(licence_id: LicenceId, as_json: Json = False) -> None:
    """One that nothing published rests on."""
    with studio() as opened:
        opened.licences.remove(ACTOR, licence_id)
    _say(Deleted(id=licence_id), as_json, "removed")


@licences.command("check")
def check(
    asset: Annotated[str, typer.Option(help="a piece of the library")] = "",
    project: Annotated[str, typer.Option(help="a project, before it is rendered")] = "",
    track: Annotated[str, typer.Option(help="provider:id of a track")] = "",
    platform: str = "youtube",
    commercial: Annotated[bool, typer.Option("--commercial/--no-commerce")] = True,
    as_json: Json = False,
) -> None:
    """May it be used like that? Ends with an error where it may not; without anything to check, looks at every licence's end
    and raises the alerts that are due: fit for cron."""
    with studio() as opened:
        if not (asset or project or track):
            checked = opened.radar.check()
            endings = [EndingLine.of(each) for each in opened.radar.look(ACTOR, days=30)]
            say(EndingLines(endings=endings, told=checked.told), as_json)
            return
        use = Use(platform=_platform(platform), commercial=commercial)
        if asset:
            verdict = opened.library.may(ACTOR, asset, use)
        elif project:
            verdict = opened.licences.check_project(ACTOR, project, use)[0]
        else:
            provider, _, track_id = track.partition(":")
            found = opened.licences.validate(ACTOR, provider, track_id, use)
            rests = [found.licence_id] if found.licence_id else []
            line = CheckLine(
                valid=found.allowed, reasons=list(found.reasons), steps=list(found.steps), licence_ids=rests,
                credits=list(found.credits), codes=list(found.codes),
            )  # fmt: skip
            _told(line, as_json)
            return
    _told(CheckLine.of(verdict), as_json)


@licences.command("plan")
def plan(
    project: Annotated[str, typer.Argument(help="id of a project")],
    platform: Annotated[str, typer.Argument(help="left out: nothing is planned any more")] = "",
    commercial: Annotated[bool, typer.Option("--commercial/--no-commerce")] = True,
    territory: str = "worldwide",
    channel: str = "",
    on: Annotated[str, typer.Option(help="YYYY-MM-DD, when it is published; left out: the day it is asked")] = "",
    as_json: Json = False,
) -> None:
    """Say what a project is made for, and see whether it is cleared for that: a final render is refused until it is."""
    wish: dict[str, Any] = {"edit": "plan"}
    if platform:
        wish["use"] = {
            "platform": _platform(platform), "commercial": commercial, "territory": territory, "channel": channel,
            "on": on or None,
        }  # fmt: skip
    with studio() as opened:
        version = opened.timelines.open(ACTOR, project).row.version
        found = opened.timelines.edit(ACTOR, project, version, edits([wish])).clearance
    if found is None:
        _say(Unplanned(project=project), as_json, "Nothing is planned for it.")
    else:
        say(CheckLine.of(found), as_json)


@licences.command("expiring")
def expiring(
    days: Annotated[int, typer.Option(help="how far ahead to look")] = 90,
    if_ends: Annotated[str, typer.Option(help="YYYY-MM-DD: as if the licences named with --licence ended then")] = "",
    licence: Annotated[list[str] | None, typer.Option(help="for --if-ends; may be given again")] = None,
    as_json: Json = False,
) -> None:
    """What ends when, and which published pieces that touches."""
    with studio() as opened:
        if if_ends:
            try:
                on = date.fromisoformat(if_ends)
            except ValueError:
                raise UserError(f"{if_ends!r} is not a date.", "Write it as YYYY-MM-DD.") from None
            found = opened.radar.simulate(ACTOR, licence or [], on)
        else:
            found = opened.radar.look(ACTOR, days=days)
    say(EndingLines(endings=[EndingLine.of(each) for each in found]), as_json)


@licences.command("report")
def report(
    to: Annotated[Path, typer.Argument(help="the file to write: .json, .csv or .pdf")],
    project: str = "",
    start: Annotated[str, typer.Option("--from", help="YYYY-MM-DD")] = "",
    end: Annotated[str, typer.Option("--to", help="YYYY-MM-DD")] = "",
) -> None:
    """Which track was used where, on which licence, and whether it covers the use today."""
    with studio() as opened:
        found = opened.paperwork.report(ACTOR, project_id=project, from_day=start, to_day=end)
    _written(to, written(found, to.suffix.lstrip(".").lower()))
    print(f"{to}: {found.covered} of {found.uses} uses are covered")


@licences.command("cue-sheet")
def cue_sheet(
    asset_id: str,
    to: Annotated[Path, typer.Argument(help="the file to write: .json, .csv or .pdf")],
    platform: str = "youtube",
    commercial: Annotated[bool, typer.Option("--commercial/--no-commerce")] = True,
) -> None:
    """Which music plays when in a piece, by whom, and on which licence."""
    with studio() as opened:
        found = opened.paperwork.cue_sheet(ACTOR, asset_id, Use(platform=_platform(platform), commercial=commercial))
    _written(to, written(found, to.suffix.lstrip(".").lower()))
    print(f"{to}: {len(found.cues)} cues")


def _told(line: CheckLine, as_json: bool) -> None:
    say(line, as_json)
    if not line.valid:
        raise RightsError("It is not cleared for that.", " ".join(line.steps))


def _platform(name: str) -> Platform:
    if name not in get_args(Platform):
        raise UserError(f"There is no platform {name!r}.", f"Choose one of: {', '.join(get_args(Platform))}.")
    return cast("Platform", name)


def _written(to: Path, data: bytes) -> None:
    try:
        to.write_bytes(data)
    except OSError as error:
        raise UserError(f"{str(to)!r} cannot be written: {error.strerror}.", "Choose another file.") from None
