"""What a webhook is told of, written down in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from core.store import charges, webhooks


def wanted(connection: Connection) -> bool:
    """Whether anybody listens at all."""
    return webhooks.anybody(connection)


def job_ended(connection: Connection, job: Mapping[str, Any]) -> None:
    """`job` is its row as it is now. Ids, figures and codes only: titles and messages may quote what a person wrote.
    A job that is retried ends again, which is told again."""
    error = job["error"] or {}
    cost = sum((charge.settled_usd for charge in charges.of_job(connection, job["id"])), Decimal(0))
    data = {
        "job_id": job["id"], "kind": job["kind"], "status": job["status"], "attempt": job["attempt"],
        "parent_id": job["parent_id"], "provider": job["provider"], "cost_usd": f"{cost:f}",
        "assets": list((job["result"] or {}).get("assets", [])) if job["status"] == "done" else [],
        "error": {"kind": error.get("kind", ""), "code": error.get("code", "")} if error else None,
        "created_at": job["created_at"].isoformat(),
        "finished_at": job["finished_at"].isoformat() if job["finished_at"] else None,
    }  # fmt: skip
    webhooks.note(connection, job["user_id"], f"job.{job['status']}", f"{job['id']}@{job['attempt']}", data)
    if (job["kind"], job["status"]) == ("scenes", "done") and (found := job["result"] or {}).get("clip_id"):
        scenes = {name: found.get(name) for name in ("clip_id", "asset_id", "scenes")}
        webhooks.note(connection, job["user_id"], "scenes_processed", str(found["clip_id"]), scenes)


def alert_raised(connection: Connection, subject: str, message: str, user_id: str) -> None:
    if webhooks.anybody(connection):
        data = {"subject": subject, "message": message, "user_id": user_id}
        webhooks.note(connection, user_id, "alert", subject, data)
