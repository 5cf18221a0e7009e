"""schedules, their log, and the history that is searched

The history begins with every job there is; indexes for the figures a search asks of charges and assets.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

PAGE = 1000


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("cron", sa.String(length=200), nullable=False),
        sa.Column("once", sa.DateTime()),
        sa.Column("until", sa.DateTime()),
        sa.Column("times", sa.Integer()),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("cap_usd", sa.BigInteger()),
        sa.Column("month_usd", sa.BigInteger()),
        sa.Column("missed", sa.String(length=10), nullable=False),
        sa.Column("overlap", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("next_at", sa.DateTime()),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    op.create_index(op.f("ix_schedules_user_id"), "schedules", ["user_id"])
    op.create_index("ix_schedules_state_next_at", "schedules", ["state", "next_at"])
    op.create_table(
        "schedule_runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("schedule_id", sa.String(length=40), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=60)),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("error", sa.JSON()),
        sa.Column("taken_at", sa.DateTime()),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name=op.f("fk_schedule_runs_schedule_id_schedules"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_runs")),
        sa.UniqueConstraint("schedule_id", "due", name=op.f("uq_schedule_runs_schedule_id_due")),
    )
    op.create_index(op.f("ix_schedule_runs_job_id"), "schedule_runs", ["job_id"])
    op.create_index("ix_schedule_runs_outcome_due", "schedule_runs", ["outcome", "due"])
    history = op.create_table(
        "history",
        sa.Column("job_id", sa.String(length=60), nullable=False),
        sa.Column("parent_id", sa.String(length=60)),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=60)),
        sa.Column("mood", sa.String(length=40)),
        sa.Column("genre", sa.String(length=40)),
        sa.Column("bpm", sa.Float()),
        sa.Column("seconds", sa.Float()),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_history_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_history")),
    )
    _begin(history)
    op.create_index("ix_history_created_at_job_id", "history", ["created_at", "job_id"])
    op.create_index("ix_history_user_id_created_at", "history", ["user_id", "created_at"])
    op.create_index("ix_history_seconds_job_id", "history", ["seconds", "job_id"])
    op.create_index("ix_history_parent_id", "history", ["parent_id"])
    op.create_index("ix_history_template", "history", ["template"])
    op.create_index("ix_charges_root_settled", "charges", ["root_job_id", "status", "settled_usd"])
    op.create_index("ix_charges_job_settled", "charges", ["job_id", "status", "settled_usd", "root_job_id"])
    op.create_index("ix_assets_job_fate", "assets", ["job_id", "role", "deleted_at", "draft"])
    op.create_index("ix_assets_rating", "assets", ["rating", "job_id"])


def _begin(history: sa.Table) -> None:
    """A row for each job there is, with what its piece turned out to be."""
    connection = op.get_bind()
    jobs = sa.table(
        "jobs", *(sa.column(name) for name in ("id", "parent_id", "user_id", "kind", "status", "title", "provider")),
        sa.column("request", sa.JSON()), sa.column("error", sa.JSON()), sa.column("created_at", sa.DateTime()),
    )  # fmt: skip
    assets = sa.table("assets", *(sa.column(name) for name in ("job_id", "role", "mood", "genre", "bpm", "duration_s")))
    last = ""
    while True:
        found = sa.select(jobs).where(jobs.c.id > last).order_by(jobs.c.id).limit(PAGE)
        rows = connection.execute(found).mappings().all()
        if not rows:
            return
        last = rows[-1]["id"]
        primary = sa.select(assets).where(assets.c.job_id.in_([row["id"] for row in rows]), assets.c.role == "primary")
        made = {row["job_id"]: row for row in connection.execute(primary).mappings()}
        kept = [_row(dict(row), dict(made.get(row["id"]) or {})) for row in rows if row["kind"] != "analyse"]
        if kept:
            connection.execute(sa.insert(history), kept)


def _row(job: Mapping[str, Any], piece: Mapping[str, Any]) -> dict[str, Any]:
    request, error = job["request"] or {}, job["error"] or {}
    items = [item for item in request.get("items") or () if isinstance(item, dict)][:20]
    voice = str(request.get("voice") or "")
    figures: dict[str, Any] = {}
    for name, of_piece in (("bpm", "bpm"), ("seconds", "duration_s")):
        asked = request.get(name)
        asked = float(asked) if isinstance(asked, int | float) and not isinstance(asked, bool) else None
        figures[name] = asked if piece.get(of_piece) is None else piece[of_piece]
    for name in ("mood", "genre"):
        asked = str(request.get(name) or "")[:40] or None
        figures[name] = piece.get(name) or asked
    words = [job["title"], *(request.get(name) for name in ("name", "title", "prompt", "text"))]
    words += [item.get("title") for item in items]
    return {
        "job_id": job["id"], "parent_id": job["parent_id"], "user_id": job["user_id"], "kind": job["kind"],
        "status": "waiting" if job["status"] == "running" else job["status"],
        "engine": str(job["provider"] or request.get("provider") or (voice.partition(":")[0] if ":" in voice else ""))[:40],
        "template": None, "draft": bool(request.get("draft")), "search": _lower(words),
        "failure": _lower([error.get("message")]), "created_at": job["created_at"], **figures,
    }  # fmt: skip


def _lower(words: list[Any]) -> str:
    said = dict.fromkeys(word.strip() for word in words if isinstance(word, str) and word.strip())
    return "\n".join(said).lower()[:2000]


def downgrade() -> None:
    for name, of in (
        ("ix_assets_rating", "assets"), ("ix_assets_job_fate", "assets"), ("ix_charges_job_settled", "charges"),
        ("ix_charges_root_settled", "charges"),
    ):  # fmt: skip
        op.drop_index(name, of)
    op.drop_table("history")
    op.drop_table("schedule_runs")
    op.drop_table("schedules")
