"""Licensed music for the mart and the pages: licences, uses and calls of catalogues, written as the studio writes them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from core.kit.actor import Actor
from core.kit.clock import new_id, now, today
from core.store import attempts, charges, track_licences, track_uses

DAY = today()


def ago(days: int) -> str:
    return (DAY - timedelta(days=days)).isoformat()


def licence(connection: Any, user: str = "ada", **values: Any) -> str:
    row = {
        "provider": "stockroom", "track_id": "1", "title": "Harbour", "artist": "Ann", "kind": "per-track",
        "licensee_kind": "user", "licensee": user, "projects": [], "platforms": [], "territories": [], "media": [], "channels": [],
        "commercial": True, "derivatives": True, "single_use": False, "keeps_published": False, "conditions": [],
        "starts_on": ago(90), "ends_on": None, "price_usd": Decimal("12.50"),
    }  # fmt: skip
    return track_licences.add(connection, Actor(user), row | values)


def used(connection: Any, on: str, licence_id: str | None = None, user: str = "ada", **values: Any) -> str:
    row = {
        "provider": "stockroom", "track_id": "1", "title": "Harbour", "artist": "Ann", "genre": "ambient", "mood": "calm",
        "asset_id": "asset_1", "output_asset_id": new_id("asset"), "output_name": "Film", "project_id": "", "licence_id": licence_id,
        "platform": "youtube", "channel": "", "territory": "", "commercial": True, "used_on": on,
    }  # fmt: skip
    return track_uses.add(connection, Actor(user), row | values)


def call(connection: Any, *, ms: float, user: str = "ada", hit: bool = False, error: str = "", kind: str = "catalogue",
         provider: str = "stockroom", usd: str = "0", days: int = 0) -> None:  # fmt: skip
    began = now() - timedelta(days=days, minutes=5)
    attempt, job = new_id("attempt"), new_id("call")
    same = {
        "job_id": job,
        "provider": provider,
        "kind": kind,
        "model": "default",
        "created_at": began,
        "updated_at": now(),
    }
    connection.execute(insert(attempts.table).values(
        **same, id=attempt, step="main", number=1, form="query", status="failed" if error else "succeeded", epoch=-1,
        error={"code": error} if error else None, finished_at=began + timedelta(milliseconds=ms),
    ))  # fmt: skip
    connection.execute(insert(charges.table).values(
        **same, id=new_id("charge"), attempt_id=attempt, root_job_id=job, user_id=user, organisation_id="", units={},
        status="released" if error else "settled", reserved_usd=Decimal(usd), settled_usd=Decimal(usd),
        price={"lines": []} | ({"note": "cache hit"} if hit else {}), day=began.date(),
    ))  # fmt: skip
