"""How long what is kept. The defaults are here, what was set is a row in the preferences; 0 keeps it for ever."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import AccessError, UserError
from core.store import askings, forgetting, preferences
from core.store.db import Database

NAME = "retention"
MOST = 36_500


@dataclass(frozen=True)
class Days:
    """Drafts (STUDIO_DRAFT_HOURS), failed jobs' files and dbos's own workflows (7 days each) have clocks of their own,
    in the library and the worker. Charges, attempts, jobs, assets and the audit trail are kept."""

    sign_ins: int = 90
    """Tries to sign in, with their addresses."""
    deliveries: int = 30
    """Webhook deliveries that were delivered or given up."""
    results: int = 30
    """Lists of working files of done jobs: what was in them became assets."""
    answers: int = 90
    """Cached catalogue answers, counted from the day they went stale."""


class Retention:
    def __init__(self, database: Database) -> None:
        self._db = database

    def days(self) -> Days:
        with self._db.read() as connection:
            stored = preferences.read(connection, NAME, {})
        names = {field.name for field in fields(Days)}
        return Days(**{name: int(value) for name, value in stored.items() if name in names})

    def set(self, actor: Actor, **days: int) -> Days:
        if not actor.is_admin:
            raise AccessError("Only an administrator may say how long things are kept.", "Ask who runs this studio.")
        changed = asdict(self.days())
        for name, value in days.items():
            if name not in changed:
                raise UserError(f"There is nothing called {name!r} to keep.", f"Choose from: {', '.join(changed)}.")
            if not 0 <= value <= MOST:
                raise UserError(f"{value} days cannot be kept.", f"Give 0 (for ever) to {MOST:,}.")
            changed[name] = value
        with self._db.write() as connection:
            preferences.write(connection, NAME, changed)
        return self.days()

    def run(self) -> dict[str, int]:
        """A worker's chore: forget what has had its time; answers how much of what."""
        days = self.days()
        acts = {
            "sign_ins": forgetting.sign_ins, "deliveries": forgetting.deliveries, "results": forgetting.packed_results,
            "answers": forgetting.cached_answers,
        }  # fmt: skip
        done: dict[str, int] = {}
        # One transaction each: none of them may hold up the ledger for long.
        with self._db.write() as connection:
            done["sessions"] = forgetting.sessions(connection)
            done["sounds"] = forgetting.unheard(connection)
            done["askings"] = askings.purge(connection, now() - timedelta(days=1))
        for name, act in acts.items():
            kept: int = getattr(days, name)
            if kept:
                with self._db.write() as connection:
                    done[name] = act(connection, now() - timedelta(days=kept))
        return done

    def visitors_voices(self, older_than: timedelta, spared: tuple[str, ...]) -> list[str]:
        """Ids of voices that visitors of the public demo made; to be deleted with their files (core.voice.cloning)."""
        with self._db.read() as connection:
            return forgetting.visitors_voices(connection, now() - older_than, spared)

    def forget_visitors(self, older_than: timedelta, spared: tuple[str, ...]) -> int:
        """The public demo: what visitors asked for and arranged, after the files themselves."""
        before = now() - older_than
        with self._db.write() as connection:
            acts = (
                forgetting.visitors_jobs,
                forgetting.visitors_projects,
                forgetting.visitors_presets,
                forgetting.visitors_templates,
                forgetting.visitors_trials,
                forgetting.visitors_styles,
                forgetting.visitors_clips,
                forgetting.visitors_playlists,
            )
            return sum(act(connection, before, spared) for act in acts)
