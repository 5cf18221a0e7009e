"""News of licences from outside: a vendor, or whoever keeps the contract, says that one was revoked, renewed or ended.

No catalogue documents such news of its own, so the shape is the studio's: Standard Webhooks signatures (core.hooks.signing
says how, the secret is the studio's), and a body {"type", "timestamp", "data": {"certificate" or "track_id", …}}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from core.kit.actor import SYSTEM, Actor
from core.kit.cipher import Cipher
from core.kit.errors import AccessError, UserError
from core.kit.settings import Settings
from core.kit.words import one_line
from core.store import audit, secrets, track_licences, track_uses, webhooks
from core.store.db import Database
from core.store.track_licences import ACTIVE, REVOKED, UNKNOWN, TrackLicence

REVOKED_NEWS, RENEWED, ENDED, WITHDRAWN = "licence.revoked", "licence.renewed", "licence.ended", "track.withdrawn"
KINDS = (REVOKED_NEWS, RENEWED, ENDED, WITHDRAWN)
LARGEST = 64 * 1024
_SECRET = "licence_news:"


@dataclass(frozen=True)
class Heard:
    outcome: str
    """changed | known | older | nobody: what became of it."""
    licences: int = 0
    pieces: int = 0
    """Published pieces that rest on a licence it changed: they were looked at again."""


class News:
    def __init__(self, settings: Settings, database: Database, forget: Callable[[str, str], object]) -> None:
        self._db = database
        self._cipher = Cipher(settings)
        self._forget = forget

    def new_secret(self, actor: Actor, provider: str, make: Callable[[], str]) -> str:
        """What the vendor signs with; shown this once. The one before counts no more."""
        if not actor.is_admin:
            raise AccessError("Only who runs the studio may let news in.", "Ask them.")
        secret = make()
        with self._db.exclusive("secrets") as connection:
            secrets.put(connection, f"{_SECRET}{provider}"[:80], self._cipher.seal(secret))
            audit.add(connection, actor, "licence.news_secret", "provider", provider)
        return secret

    def secret(self, provider: str) -> str:
        """ "" where none was made: then nothing is let in."""
        with self._db.read() as connection:
            row = secrets.find(connection, f"{_SECRET}{provider}"[:80])
        return "" if row is None else self._cipher.open(row.ciphertext)

    def hear(self, provider: str, event_id: str, body: bytes) -> Heard:
        """The signature was checked. The same event counts once; one that happened before what is already known of a
        licence changes nothing of it, however late it comes."""
        happened, what, data = _read(body)
        with self._db.exclusive("licence events") as connection:
            if not track_licences.heard(connection, provider, one_line(event_id, 100), happened, what, "heard"):
                return Heard("known")
            meant = _meant(track_licences.of_provider(connection, provider), data)
            changed, pieces = 0, 0
            for row in meant:
                if row.event_at is not None and row.event_at >= happened:
                    continue
                values = _change(row, what, data)
                track_licences.change(
                    connection, row.id, **values, event_at=happened, changed_by_event=one_line(event_id, 100)
                )
                uses = track_uses.on_licence(connection, row.id)
                changed, pieces = changed + 1, pieces + len(uses)
                audit.add(connection, SYSTEM, "licence.news", "licence", row.id, what=what, pieces=len(uses))
                webhooks.note(
                    connection, row.user_id, "licence.changed", f"{row.id}@{event_id}"[:60],
                    {"licence_id": row.id, "what": what, "provider": provider, "track_id": row.track_id,
                     "pieces": len({use.output_asset_id for use in uses})},
                )  # fmt: skip
        for row in meant:
            self._forget(row.provider, row.track_id)
        outcome = "changed" if changed else ("older" if meant else "nobody")
        return Heard(outcome, changed, pieces)


def _read(body: bytes) -> tuple[datetime, str, Mapping[str, Any]]:
    try:
        told = json.loads(body)
        what = str(told["type"])
        data = told["data"]
        happened = datetime.fromisoformat(str(told["timestamp"]))
        if not isinstance(data, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(
            "This is no news of a licence.", 'Send {"type", "timestamp", "data": {"certificate" or "track_id"}}.'
        ) from None
    if what not in KINDS:
        raise UserError(f"There is no news {what[:40]!r}.", f"Known: {', '.join(KINDS)}.")
    happened = happened.astimezone(UTC) if happened.tzinfo else happened.replace(tzinfo=UTC)
    return happened, what, data


def _meant(rows: list[TrackLicence], data: Mapping[str, Any]) -> list[TrackLicence]:
    certificate, track_id = str(data.get("certificate") or ""), str(data.get("track_id") or "")
    if not certificate and not track_id:
        raise UserError("The news names neither a certificate nor a track.", "Name one of them.")
    if certificate:
        rows = [row for row in rows if row.certificate == certificate]
    return [row for row in rows if not track_id or row.track_id == track_id]


def _change(row: TrackLicence, what: str, data: Mapping[str, Any]) -> dict[str, Any]:
    why = one_line(data.get("reason", ""), 300)
    if what == REVOKED_NEWS:
        return {"state": REVOKED, "state_why": why}
    if what == WITHDRAWN:  # what was bought may still hold; who sold it has to say so
        return {"state": UNKNOWN, "state_why": why or "the track was withdrawn from its catalogue"}
    try:
        ends = date.fromisoformat(str(data["ends_on"]))
    except (KeyError, ValueError):
        raise UserError(f"{what} needs the day it ends on (ends_on).", "Write it as YYYY-MM-DD.") from None
    first = date.fromisoformat(row.starts_on)
    if what == RENEWED:
        return {"ends_on": max(ends, first).isoformat(), "state": ACTIVE, "state_why": ""}
    return {"ends_on": max(ends, first).isoformat()}
