"""The expiry radar: what ends when, which published pieces that touches, and what the end of a subscription would leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from core.kit.actor import Actor
from core.kit.clock import now, today
from core.kit.errors import AccessError, UserError
from core.rights import held
from core.rights.scope import Standing, day_in, standing
from core.store import track_licences, track_uses, webhooks
from core.store.db import Database
from core.store.track_licences import TrackLicence
from core.store.track_uses import TrackUse

STAGES_DAYS = (30, 7, 1)
"""An alert this many days before the end, and one on it."""
LONGEST_DAYS = 730
_STUDIO = "studio"
"""In place of a vendor, in the table of news: what was told by the radar itself."""
_LOOK_BACK_DAYS = 30


@dataclass(frozen=True)
class Ending:
    licence: TrackLicence
    standing: Standing
    days_left: int | None
    """Negative once it has ended; None where it was revoked or never ends."""
    touched: tuple[TrackUse, ...]
    """Published pieces that it leaves uncovered, or has left."""
    kept: tuple[TrackUse, ...]
    """Published pieces that stay covered."""


@dataclass(frozen=True)
class Checked:
    looked: int
    expiring: int
    ended: int
    revoked: int
    told: int
    """Alerts that are new."""


class Radar:
    def __init__(self, database: Database, forget: Callable[[str, str], object]) -> None:
        self._db = database
        self._forget = forget

    def look(self, actor: Actor, *, days: int = 90) -> list[Ending]:
        """What ends within so many days, has ended with pieces resting on it, or was revoked. The nearest end first."""
        if not 0 <= days <= LONGEST_DAYS:
            raise UserError(f"The radar cannot look {days} days ahead.", f"Choose 0 to {LONGEST_DAYS}.")
        by = (today() + timedelta(days=days)).isoformat()
        with self._db.read() as connection:
            rows = track_licences.listed(connection, actor, ends_by=by, limit=20_000)
            rows += track_licences.revoked(connection, actor)
            found = []
            for row in dict.fromkeys(each.id for each in rows):
                licence = next(each for each in rows if each.id == row)
                uses = track_uses.on_licence(connection, licence.id)
                found.append(_otherwise(_ending(licence, uses), partial(held.covered, connection, but={licence.id})))
        gone = ("expired", "revoked")
        return [each for each in found if each.standing not in gone or each.touched or _lately(each)]

    def simulate(self, actor: Actor, licence_ids: Sequence[str], ends_on: date) -> list[Ending]:
        """As if these licences ended on that day: what stays covered and what does not. Nothing is changed."""
        if not licence_ids:
            raise UserError("No licence was named.", "Name those of the subscription.")
        with self._db.read() as connection:
            found = []
            for licence_id in dict.fromkeys(licence_ids):
                row = track_licences.get(connection, actor, licence_id)
                ending = _ending(row, track_uses.on_licence(connection, row.id), ends_on=ends_on)
                found.append(_otherwise(ending, partial(held.covered, connection, but=set(licence_ids)), ends_on))
        return found

    def check(self) -> Checked:
        """Over everybody's licences; hourly. Tells once of each stage of each end, and drops what was cached of tracks whose
        licence ended, so that nobody is answered with a validation from before."""
        moment = today()
        ahead = (moment + timedelta(days=max(STAGES_DAYS) + 1)).isoformat()
        since = (moment - timedelta(days=_LOOK_BACK_DAYS)).isoformat()
        with self._db.read() as connection:
            rows = track_licences.ended(connection, ahead, since)
        expiring = ended = told = 0
        for row in rows:
            assert row.ends_on is not None
            left = _left(row)
            expiring += left >= 0
            ended += left < 0
            stage = "ended" if left < 0 else next((f"{n} days" for n in sorted(STAGES_DAYS) if left < n), "")
            if stage and self._tell(row, stage):
                told += 1
                if stage == "ended":
                    self._forget(row.provider, row.track_id)
        return Checked(len(rows), expiring, ended, 0, told)

    def check_now(self, actor: Actor) -> Checked:
        """The same, asked for by a person: it is about everybody's licences."""
        if not actor.is_admin:
            raise AccessError("Only an administrator may check everybody's licences.", "They are checked each hour.")
        return self.check()

    def _tell(self, row: TrackLicence, stage: str) -> bool:
        with self._db.exclusive("licence events") as connection:
            event = f"{row.id}:{row.ends_on}:{stage}"
            if not track_licences.heard(connection, _STUDIO, event, now(), stage, "told"):
                return False
            uses = track_uses.on_licence(connection, row.id)
            ending = _otherwise(_ending(row, uses), partial(held.covered, connection, but={row.id}))
            data = {
                "licence_id": row.id, "provider": row.provider, "track_id": row.track_id, "ends_on": row.ends_on,
                "days_left": ending.days_left, "pieces_touched": len(ending.touched), "pieces_kept": len(ending.kept),
            }  # fmt: skip
            webhooks.note(
                connection, row.user_id, "licence.ended" if stage == "ended" else "licence.expiring", event, data
            )
            return True


def _left(row: TrackLicence) -> int:
    assert row.ends_on is not None
    return (date.fromisoformat(row.ends_on) - day_in(row.zone, today())).days


def _ending(row: TrackLicence, uses: Sequence[TrackUse], *, ends_on: date | None = None) -> Ending:
    ends = ends_on.isoformat() if ends_on else row.ends_on
    stays = row.state != track_licences.REVOKED and row.keeps_published
    kept = tuple(use for use in uses if stays and (ends is None or use.used_on <= ends))
    touched = tuple(use for use in uses if use not in kept)
    if ends is None and row.state != track_licences.REVOKED:
        touched, kept = (), tuple(uses)
    days = (date.fromisoformat(ends) - day_in(row.zone, today())).days if ends else None
    return Ending(row, standing(row), None if row.state == track_licences.REVOKED else days, touched, kept)


def _otherwise(ending: Ending, covered: Callable[[TrackUse, date], bool], ends_on: date | None = None) -> Ending:
    """What another licence covers from the day after stays covered: two may overlap."""
    last = ends_on or (date.fromisoformat(ending.licence.ends_on) if ending.licence.ends_on else None)
    revoked = ending.licence.state == track_licences.REVOKED
    on = today() if last is None or revoked else max(today(), last + timedelta(days=1))
    found = tuple(use for use in ending.touched if covered(use, on))
    lost = tuple(use for use in ending.touched if use not in found)
    return replace(ending, touched=lost, kept=ending.kept + found) if found else ending


def _lately(each: Ending) -> bool:
    return each.days_left is not None and each.days_left >= -_LOOK_BACK_DAYS
