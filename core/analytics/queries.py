"""Reading the mart: one method a chart, every one a pandas DataFrame, from .sql files."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd

from core.analytics import files, raw
from core.kit.actor import LOCAL, Actor
from core.kit.clock import today
from core.kit.errors import AccessError
from core.kit.settings import Settings

Version = tuple[int, int] | None
Problem = Literal["missing", "other_version", "damaged"] | None

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 2,
    "memory_limit": "256MB",
}


@dataclass(frozen=True)
class Filters:
    """Days are UTC and inclusive; an empty tuple or "" means all. Kinds are those of the noun asked about."""

    first_day: date
    last_day: date
    kinds: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    user: str = ""

    def parameters(self) -> dict[str, Any]:
        return {
            "first_day": self.first_day, "last_day": self.last_day, "kinds": list(self.kinds),
            "providers": list(self.providers), "user": self.user,
        }  # fmt: skip


class _File:
    """The mart's file, followed: every look first sees whether a newer one was put in its place.

    The file is attached to a database in memory, never opened as one: DuckDB answers a second open of a path with
    the file it still holds, which after a swap is the old one. Names in SQL carry the catalog ("studio.marts.jobs"),
    since USE is not inherited by cursors. Safe to share between threads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: Problem = "missing"
        self.lock = threading.RLock()
        self.connection: duckdb.DuckDBPyConnection | None = None
        self.version: Version = None
        self.as_of: datetime | None = None

    def close(self) -> None:
        with self.lock:
            if self.connection is not None:
                self.connection.close()
            self.connection, self.version, self.as_of = None, None, None

    def follow(self) -> None:
        try:
            found = self.path.stat()
        except OSError:
            self.close()
            self.problem = "missing"
            return
        version = (found.st_ino, found.st_mtime_ns)
        if version == self.version:
            return
        self.close()
        self.version = version  # also of a file that cannot be read, so that it is not tried again at every question
        connection = duckdb.connect(":memory:", config=_CONFIG)
        try:
            quoted = str(self.path).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS studio (READ_ONLY)")
            state = connection.execute("SELECT as_of, version FROM studio.meta.state").fetchall()
        except duckdb.Error:
            connection.close()
            self.problem = "damaged"
            return
        if not state or state[0][1] != raw.version():
            connection.close()
            self.problem = "other_version"
            return
        self.connection, self.as_of, self.problem = connection, state[0][0].replace(tzinfo=UTC), None


class Mart:
    """The mart as one actor sees it: an administrator all of it, anybody else only what is his own. That is decided
    here, at the one place every question passes: a query that does not ask whose rows it reads is not answered."""

    def __init__(self, path: Path, actor: Actor = LOCAL, *, file: _File | None = None) -> None:
        self.path = path
        self.actor = actor
        self._file = file or _File(path)

    def seen_by(self, actor: Actor) -> Mart:
        """The same file for other eyes; closing either closes both, until the next question."""
        return Mart(self.path, actor, file=self._file)

    @property
    def problem(self) -> Problem:
        """Why there is nothing to read, once `version` was looked at; None when there is."""
        return self._file.problem

    @property
    def version(self) -> Version:
        """Changes with every refresh; None when there is no mart that could be read. The key for caches."""
        with self._file.lock:
            self._file.follow()
            return self._file.version if self._file.connection is not None else None

    @property
    def as_of(self) -> datetime | None:
        """The moment (UTC) up to which the studio's rows are in here."""
        with self._file.lock:
            self._file.follow()
            return self._file.as_of

    def close(self) -> None:
        self._file.close()

    def query(self, name: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run sql/queries/<name>.sql; a frame without columns when there is no mart yet."""
        return self._run(files.sql("queries", name), parameters)

    def sql(self, text: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Any question in SQL; tables are `studio.marts.<name>`. Amounts come as floats, moments as naive UTC.
        Administrators only: nobody can tell whose rows such a question reads."""
        if not self.actor.is_admin:
            raise AccessError("Only an administrator may ask in SQL.", "Use the pages, which show what is yours.")
        return self._run(text, parameters)

    def _run(self, text: str, parameters: Mapping[str, Any] | None) -> pd.DataFrame:
        asked = set(re.findall(r"\$([a-z_]+)", text))
        known = {"today": today(), "sees": ""} | dict(parameters or {})
        if not self.actor.is_admin:
            if not asked & {"user", "sees"}:
                raise AccessError("This question does not say whose rows it reads.", "Ask an administrator.")
            known |= {"user": self.actor.user_id, "sees": self.actor.user_id}
        with self._file.lock:
            self._file.follow()
            if self._file.connection is None:
                return pd.DataFrame()
            cursor = self._file.connection.cursor()
            try:
                return cursor.execute(text, {name: known[name] for name in asked}).df()
            finally:
                cursor.close()

    def choices(self) -> dict[str, list[str]]:
        """What there is to filter by: provider, user, charge_kind, job_kind, asset_kind, first_day."""
        found = self.query("choices")
        if found.empty:
            return {}
        return {str(what): sorted(part["value"]) for what, part in found.groupby("what")}

    def budgets(self, user: str = "", day: date | None = None) -> pd.DataFrame:
        return self.query("budgets", {"user": user, "today": day or today()})

    def daily_cost(self, filters: Filters) -> pd.DataFrame:
        return self.query("daily_cost", filters.parameters())

    def cost_units(self, filters: Filters) -> pd.DataFrame:
        return self.query("cost_units", filters.parameters())

    def cost_per_asset(self, filters: Filters) -> pd.DataFrame:
        return self.query("cost_per_asset", filters.parameters())

    def usage(self, filters: Filters) -> pd.DataFrame:
        return self.query("usage", filters.parameters())

    def voices(self, filters: Filters) -> pd.DataFrame:
        return self.query("voices", filters.parameters())

    def cloned_voices(self, filters: Filters) -> pd.DataFrame:
        """Every cloned voice there is now; how often it spoke counts within the days asked about."""
        return self.query("cloned_voices", filters.parameters())

    def spoken_units(self, filters: Filters) -> pd.DataFrame:
        return self.query("spoken_units", filters.parameters())

    def library_growth(self, filters: Filters) -> pd.DataFrame:
        return self.query("library_growth", filters.parameters())

    def ratings(self, filters: Filters) -> pd.DataFrame:
        """Rating 0 stands for not rated."""
        return self.query("ratings", filters.parameters())

    def jobs(self, filters: Filters) -> pd.DataFrame:
        return self.query("jobs", filters.parameters())

    def job_counts(self, filters: Filters) -> pd.DataFrame:
        return self.query("job_counts", filters.parameters())

    def waits(self, filters: Filters) -> pd.DataFrame:
        return self.query("waits", filters.parameters())

    def targets(self, filters: Filters) -> pd.DataFrame:
        return self.query("targets", filters.parameters())

    def queue_now(self, filters: Filters) -> pd.DataFrame:
        return self.query("queue_now", filters.parameters())

    def providers(self, filters: Filters) -> pd.DataFrame:
        return self.query("providers", filters.parameters())

    def provider_days(self, filters: Filters) -> pd.DataFrame:
        return self.query("provider_days", filters.parameters())

    def failures(self, filters: Filters) -> pd.DataFrame:
        return self.query("failures", filters.parameters())

    def music_days(self, filters: Filters) -> pd.DataFrame:
        """All rows are of music: kinds do not count here, nor in any other music_…"""
        return self.query("music_days", filters.parameters())

    def music_engines(self, filters: Filters) -> pd.DataFrame:
        return self.query("music_engines", filters.parameters())

    def music_templates(self, filters: Filters) -> pd.DataFrame:
        return self.query("music_templates", filters.parameters())

    def music_tastes(self, filters: Filters) -> pd.DataFrame:
        return self.query("music_tastes", filters.parameters())

    def music_losses(self, filters: Filters) -> pd.DataFrame:
        """Paid generations by engine and fate: kept, failed, discarded, repeated."""
        return self.query("music_losses", filters.parameters())

    def music_parameters(self, filters: Filters) -> pd.DataFrame:
        return self.query("music_parameters", filters.parameters())

    def music_trials(self, filters: Filters) -> pd.DataFrame:
        """What won in trials, by the listener: choices, wins and what chance would have won, of each value."""
        return self.query("music_trials", filters.parameters())

    def music_batches(self, filters: Filters) -> pd.DataFrame:
        return self.query("music_batches", filters.parameters())

    def scene_days(self, filters: Filters) -> pd.DataFrame:
        """Neither kinds nor providers count here, nor in any other scene_…"""
        return self.query("scene_days", filters.parameters())

    def scene_types(self, filters: Filters) -> pd.DataFrame:
        return self.query("scene_types", filters.parameters())

    def scene_lengths(self, filters: Filters) -> pd.DataFrame:
        return self.query("scene_lengths", filters.parameters())

    def suggestion_days(self, filters: Filters) -> pd.DataFrame:
        return self.query("suggestion_days", filters.parameters())

    def suggestion_fates(self, filters: Filters) -> pd.DataFrame:
        """What became of them: taken and changed ones that are still there, dropped, failed, open."""
        return self.query("suggestion_fates", filters.parameters())

    def suggestion_changes(self, filters: Filters) -> pd.DataFrame:
        """Which fields were made otherwise than suggested, and how often."""
        return self.query("suggestion_changes", filters.parameters())

    def suggestion_kept(self, filters: Filters) -> pd.DataFrame:
        """Made and kept by type of scene and genre, counted as the suggestions themselves count it."""
        return self.query("suggestion_kept", filters.parameters())

    def scored(self, filters: Filters) -> pd.DataFrame:
        """Films that were scored; one with music of several engines has all their names, with " + " between them."""
        return self.query("scored", filters.parameters())

    def scored_days(self, filters: Filters) -> pd.DataFrame:
        return self.query("scored_days", filters.parameters())

    def track_uses(self, filters: Filters) -> pd.DataFrame:
        """Uses of licensed tracks by day and track; kinds are platforms, as of track_lapses."""
        return self.query("track_uses", filters.parameters())

    def track_lapses(self, filters: Filters) -> pd.DataFrame:
        """Uses that were not covered on their day, or are no longer."""
        return self.query("track_lapses", filters.parameters())

    def track_licences(self, filters: Filters) -> pd.DataFrame:
        """What is held, whenever it was bought: days do not count here."""
        return self.query("track_licences", filters.parameters())

    def catalogue_days(self, filters: Filters) -> pd.DataFrame:
        """Kinds do not count here, nor in any other catalogue_…"""
        return self.query("catalogue_days", filters.parameters())

    def catalogue_providers(self, filters: Filters) -> pd.DataFrame:
        return self.query("catalogue_providers", filters.parameters())

    def catalogue_peaks(self, filters: Filters) -> pd.DataFrame:
        """With the limit of each span and the share of it; none where there is no limit."""
        return self.query("catalogue_peaks", filters.parameters())

    def catalogue_syncs(self, filters: Filters) -> pd.DataFrame:
        return self.query("catalogue_syncs", filters.parameters())

    def plan_months(self, filters: Filters) -> pd.DataFrame:
        """Calls by the month that a plan paid for; kinds are those of charges."""
        return self.query("plan_months", filters.parameters())

    def library(self, filters: Filters) -> pd.DataFrame:
        return self.query("library", filters.parameters())

    def licences(self, filters: Filters) -> pd.DataFrame:
        return self.query("licences", filters.parameters())

    def storage(self, filters: Filters) -> pd.DataFrame:
        return self.query("storage", filters.parameters())

    def expiring(self, filters: Filters) -> pd.DataFrame:
        return self.query("expiring", filters.parameters())


def open_mart(settings: Settings, actor: Actor = LOCAL) -> Mart:
    """Reads nothing yet, and needs no mart to exist. Doors that others can reach say who asks."""
    return Mart(settings.mart_path, actor)
