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
from core.kit.clock import today
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


class Mart:
    """A reader that follows the file: every question first looks whether a newer mart was put in its place.

    The file is attached to a database in memory, never opened as one: DuckDB answers a second open of a path with
    the file it still holds, which after a swap is the old one. Names in SQL carry the catalog ("studio.marts.jobs"),
    since USE is not inherited by cursors. Safe to share between threads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: Problem = "missing"
        """Why there is nothing to read, once `version` was looked at; None when there is."""
        self._lock = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._version: Version = None
        self._as_of: datetime | None = None

    @property
    def version(self) -> Version:
        """Changes with every refresh; None when there is no mart that could be read. The key for caches."""
        with self._lock:
            self._follow()
            return self._version if self._connection is not None else None

    @property
    def as_of(self) -> datetime | None:
        """The moment (UTC) up to which the studio's rows are in here."""
        with self._lock:
            self._follow()
            return self._as_of

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._version, self._as_of = None, None, None

    def query(self, name: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run sql/queries/<name>.sql; a frame without columns when there is no mart yet."""
        return self.sql(files.sql("queries", name), parameters)

    def sql(self, text: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Any question in SQL; tables are `studio.marts.<name>`. Amounts come as floats, moments as naive UTC."""
        with self._lock:
            self._follow()
            if self._connection is None:
                return pd.DataFrame()
            asked = set(re.findall(r"\$([a-z_]+)", text))
            known = {"today": today()} | dict(parameters or {})
            cursor = self._connection.cursor()
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

    def library(self, filters: Filters) -> pd.DataFrame:
        return self.query("library", filters.parameters())

    def licences(self, filters: Filters) -> pd.DataFrame:
        return self.query("licences", filters.parameters())

    def storage(self, filters: Filters) -> pd.DataFrame:
        return self.query("storage", filters.parameters())

    def expiring(self, filters: Filters) -> pd.DataFrame:
        return self.query("expiring", filters.parameters())

    def _follow(self) -> None:
        try:
            found = self.path.stat()
        except OSError:
            self.close()
            self.problem = "missing"
            return
        version = (found.st_ino, found.st_mtime_ns)
        if version == self._version:
            return
        self.close()
        self._version = version  # also of a file that cannot be read, so that it is not tried again at every question
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
        self._connection, self._as_of, self.problem = connection, state[0][0].replace(tzinfo=UTC), None


def open_mart(settings: Settings) -> Mart:
    """Reads nothing yet, and needs no mart to exist."""
    return Mart(settings.mart_path)
