"""Compliance: of a project or a period, which track was used where, on which licence, and whether it covers the use today.
That it was covered when it was used goes without saying: the gate writes no row for what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import UserError
from core.licensing.printing import Page, pdf
from core.rights import gate
from core.rights.gate import Use
from core.rights.platforms import Platform
from core.store import assets, track_licences, track_uses
from core.store.track_uses import TrackUse

COLUMNS = (
    "used_on", "title", "artist", "provider", "track_id", "piece", "project_id", "platform", "channel", "commercial",
    "licence", "certificate", "ends_on", "covered_now", "why", "reference",
)  # fmt: skip
MOST = 10_000


@dataclass(frozen=True)
class Line:
    used_on: str
    title: str
    artist: str
    provider: str
    track_id: str
    piece: str
    project_id: str
    platform: str
    channel: str
    commercial: bool
    licence: str
    certificate: str
    ends_on: str
    covered_now: bool
    why: str
    """What it lacks today."""
    reference: str


@dataclass(frozen=True)
class Report:
    title: str
    made_at: str
    uses: int
    covered: int
    """Uses whose licence covers them today."""
    share: float | None
    """covered / uses; None where nothing was used. The goal is 1."""
    lines: tuple[Line, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def report(connection: Any, actor: Actor, *, project_id: str = "", from_day: str = "", to_day: str = "") -> Report:
    """Of a project, of a period (both ends included), or of everything one may see."""
    for each in (from_day, to_day):
        if each:
            try:
                date.fromisoformat(each)
            except ValueError:
                raise UserError(f"{each[:40]!r} is not a date.", "Write days as YYYY-MM-DD.") from None
    if from_day and to_day and from_day > to_day:
        raise UserError(f"{from_day} is after {to_day}.", "Give the earlier day first.")
    found = track_uses.listed(connection, actor, project_id=project_id, from_day=from_day, to_day=to_day, limit=MOST)
    lines = [_line(connection, use) for use in found]
    covered = sum(line.covered_now for line in lines)
    period = f"{from_day or 'the beginning'} to {to_day or 'today'}" if from_day or to_day else ""
    of = f"project {project_id}" if project_id else "all projects"
    return Report(
        title=f"Licence report, {of}{', ' + period if period else ''}", made_at=now().isoformat(timespec="seconds"),
        uses=len(lines), covered=covered, share=covered / len(lines) if lines else None, lines=tuple(lines),
    )  # fmt: skip


def _line(connection: Any, use: TrackUse) -> Line:
    licence = track_licences.find(connection, use.licence_id) if use.licence_id else None
    why, now_ = _today(connection, use)
    return Line(
        used_on=use.used_on, title=use.title, artist=use.artist, provider=use.provider, track_id=use.track_id,
        piece=use.output_name, project_id=use.project_id, platform=use.platform, channel=use.channel,
        commercial=use.commercial, licence=use.licence_id or "open licence",
        certificate=licence.certificate if licence else "", ends_on=(licence.ends_on or "") if licence else "",
        covered_now=now_, why=why, reference=use.reference,
    )  # fmt: skip


def _today(connection: Any, use: TrackUse) -> tuple[str, bool]:
    piece = assets.source(connection, use.output_asset_id)
    if piece is None:
        return "the piece was purged, so it cannot be looked at again", use.licence_id is None
    asked = Use(
        platform=cast("Platform", use.platform), commercial=use.commercial, territory=use.territory, channel=use.channel,
        project=use.project_id,
    )  # fmt: skip
    verdict = gate.may(connection, piece, asked)
    about = [reason for reason in verdict.reasons if repr(use.title) in reason] or list(verdict.reasons)
    return " ".join(about), verdict.allowed


def as_pdf(found: Report) -> bytes:
    share = "nothing was used" if found.share is None else f"{found.covered} of {found.uses} uses are covered today"
    shown = ("used_on", "title", "piece", "platform", "certificate", "ends_on", "why")
    rows: Sequence[Sequence[str]] = [[str(getattr(line, name)) for name in shown] for line in found.lines]
    heads = ("Used on", "Track", "Piece", "Platform", "Certificate", "Ends on", "Lacks today")
    return pdf(Page(found.title, (("Made", found.made_at), ("Covered", share)), heads, rows, (), "No use on record."))
