"""Rows that have had their time. What money, rights and the audit trail rest on is never among them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, null, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import (
    answers,
    attempts,
    clips,
    favourite_tracks,
    history,
    jobs,
    playlists,
    projects,
    sound_features,
    styles,
    suggestions,
    templates,
    trials,
    users,
    voice_presets,
    voices,
    webhooks,
)


def sessions(connection: Connection) -> int:
    """Those that have expired."""
    return connection.execute(delete(users.sessions).where(users.sessions.c.expires_at < now())).rowcount


def sign_ins(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(users.sign_ins).where(users.sign_ins.c.created_at < before)).rowcount


def deliveries(connection: Connection, before: datetime) -> int:
    """Delivered or given up; waiting ones stay."""
    table = webhooks.deliveries
    old = delete(table).where(table.c.status != webhooks.WAITING, table.c.updated_at < before)
    return connection.execute(old).rowcount


def cached_answers(connection: Connection, before: datetime) -> int:
    """Stale for so long that not even a failed request should fall back on them."""
    return connection.execute(delete(answers.table).where(answers.table.c.expires_at < before)).rowcount


def packed_results(connection: Connection, before: datetime) -> int:
    """What attempts of done jobs handed over: it was kept as assets. updated_at stays: to the mart nothing changed."""
    done = select(jobs.table.c.id).where(jobs.table.c.status == jobs.DONE, jobs.table.c.finished_at < before)
    table = attempts.table
    old = update(table).where(
        table.c.job_id.in_(done), table.c.result.is_not(None), table.c.status == attempts.SUCCEEDED
    )
    return connection.execute(old.values(result=null())).rowcount


def visitors_jobs(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    """What demo visitors asked for. The rows stay, emptied, since the ledger refers to them."""
    table = jobs.table
    old = update(table).where(
        table.c.status.in_(jobs.ENDED), table.c.finished_at < before, table.c.user_id.not_in(spared),
        table.c.title != REMOVED,
    )  # fmt: skip
    emptied = {
        "title": REMOVED, "request": {}, "result": {"removed": True}, "error": null(), "idempotency_key": None,
        "updated_at": now(),
    }  # fmt: skip
    history.forget(connection, before, spared)
    return connection.execute(old.values(**emptied)).rowcount


def visitors_projects(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    table = projects.table
    mine = select(table.c.id).where(table.c.updated_at < before, table.c.user_id.not_in(spared))
    connection.execute(delete(projects.versions).where(projects.versions.c.project_id.in_(mine)))
    return connection.execute(delete(table).where(table.c.updated_at < before, table.c.user_id.not_in(spared))).rowcount


def visitors_presets(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    table = voice_presets.table
    old = delete(table).where(table.c.updated_at < before, table.c.user_id.not_in(spared))
    return connection.execute(old).rowcount


def visitors_templates(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    """With what visitors said of others'."""
    for beside, moment in ((templates.comments, "created_at"), (templates.ratings, "updated_at")):
        connection.execute(delete(beside).where(beside.c[moment] < before, beside.c.user_id.not_in(spared)))
    table = templates.table
    old = select(table.c.id).where(table.c.updated_at < before, table.c.user_id.not_in(spared))
    gone = list(connection.execute(old).scalars())
    for template_id in gone:
        templates.remove(connection, template_id)
    return len(gone)


def visitors_trials(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    """With what was chosen in them."""
    table = trials.table
    mine = select(table.c.id).where(table.c.updated_at < before, table.c.user_id.not_in(spared))
    connection.execute(delete(trials.choices).where(trials.choices.c.trial_id.in_(mine)))
    return connection.execute(delete(table).where(table.c.updated_at < before, table.c.user_id.not_in(spared))).rowcount


def visitors_styles(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    table = styles.table
    old = select(table.c.id).where(table.c.updated_at < before, table.c.user_id.not_in(spared))
    gone = list(connection.execute(old).scalars())
    for style_id in gone:
        styles.remove(connection, style_id)  # bytes that nobody holds any more go with the library's next sweep
    return len(gone)


def visitors_clips(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    """With their scenes and stills, and what was made from suggestions for them."""
    told = suggestions.table
    connection.execute(delete(told).where(told.c.created_at < before, told.c.user_id.not_in(spared)))
    table = clips.table
    old = (table.c.created_at < before, table.c.user_id.not_in(spared))
    connection.execute(delete(clips.scenes).where(clips.scenes.c.clip_id.in_(select(table.c.id).where(*old))))
    return connection.execute(delete(table).where(*old)).rowcount


def visitors_playlists(connection: Connection, before: datetime, spared: tuple[str, ...]) -> int:
    """With what visitors marked as favourites."""
    liked = favourite_tracks.table
    connection.execute(delete(liked).where(liked.c.updated_at < before, liked.c.user_id.not_in(spared)))
    table = playlists.table
    old = select(table.c.id).where(table.c.updated_at < before, table.c.user_id.not_in(spared))
    gone = list(connection.execute(old).scalars())
    for playlist_id in gone:
        playlists.remove(connection, playlist_id)
    return len(gone)


def unheard(connection: Connection) -> int:
    """How files sound that nobody has any more."""
    return sound_features.forget(connection)


def visitors_voices(connection: Connection, before: datetime, spared: tuple[str, ...]) -> list[str]:
    """Ids of the voices demo visitors made: deleting one also means its files (core.voice.cloning)."""
    table = voices.table
    mine = (table.c.created_at < before, table.c.user_id.not_in(spared), table.c.deleted_at.is_(None))
    return list(connection.execute(select(table.c.id).where(*mine)).scalars())


REMOVED = "(removed)"
