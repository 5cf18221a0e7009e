"""alembic's entry point. The connection comes from core.store.migrate; `alembic revision --autogenerate` is run with
STUDIO_DATABASE_URL unset through `make migration`."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

# Every module with a table, so that autogenerate sees them all.
from core.store import (  # noqa: F401
    answers,
    askings,
    assets,
    attempts,
    audit,
    automation_runs,
    automations,
    budgets,
    cache_counts,
    catalogue_runs,
    catalogue_tracks,
    charges,
    clips,
    favourite_tracks,
    jobs,
    pauses,
    permits,
    plans,
    playlists,
    preferences,
    projects,
    provider_configs,
    schedules,
    secrets,
    sound_features,
    styles,
    suggestions,
    takes,
    teams,
    template_uses,
    templates,
    track_licences,
    track_uses,
    trials,
    users,
    voice_presets,
    webhooks,
    workers,
)
from core.store.db import metadata
from core.store.migrate import ours


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain types: they must not change when our own type classes do."""
    return f"sa.{type(item.impl).__name__}()" if kind == "type" and isinstance(item, TypeDecorator) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
    render_item=plain,
    include_name=ours,
)
context.run_migrations()
