"""Figures of licensed music that the page and REST both show, out of the frames of queries.py."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

SOON_DAYS = 30
PERIODS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
"""Weeks are ISO's: the first of a year is the one with its first Thursday."""


def total(frame: pd.DataFrame, column: str) -> int:
    return 0 if frame.empty else int(frame[column].sum())


def tracks(uses: pd.DataFrame) -> int:
    return 0 if uses.empty else len(uses[["provider", "track_id"]].drop_duplicates())


def over_time(uses: pd.DataFrame, by: str) -> list[tuple[str, int, int]]:
    """(period, uses, different tracks), the earliest first; periods without any are left out."""
    if uses.empty:
        return []
    named = uses.assign(
        period=pd.to_datetime(uses["day"]).dt.strftime(PERIODS[by]), ref=uses["provider"] + ":" + uses["track_id"]
    )
    found = named.groupby("period", sort=True).agg(uses=("uses", "sum"), tracks=("ref", "nunique"))
    return [(str(period), int(uses), int(different)) for period, uses, different in found.itertuples(name=None)]


def top_tracks(uses: pd.DataFrame, most: int) -> pd.DataFrame:
    if uses.empty:
        return uses
    latest = {name: (name, "last") for name in ("title", "artist")}
    found = (
        uses.sort_values("day").groupby(["provider", "track_id"], as_index=False).agg(uses=("uses", "sum"), **latest)
    )
    return found.sort_values(["uses", "title", "provider", "track_id"], ascending=[False, True, True, True]).head(most)


def shares(uses: pd.DataFrame, what: str) -> list[tuple[str, int]]:
    """Most used first; what is not known of a track is left out."""
    if uses.empty:
        return []
    known = uses[uses[what].notna() & (uses[what] != "")]
    found = known.groupby(what)["uses"].sum()
    return sorted(((str(name), int(count)) for name, count in found.items()), key=lambda pair: (-pair[1], pair[0]))


def standing(held: pd.DataFrame, on: date) -> pd.DataFrame:
    """Licences that hold on that day."""
    if held.empty:
        return held
    day = pd.Timestamp(on)
    begun = pd.to_datetime(held["starts_on"]) <= day
    lasts = held["ends_on"].isna() | (pd.to_datetime(held["ends_on"]) >= day)
    return held[(held["state"] == "active") & begun & lasts]


def expiring(held: pd.DataFrame, on: date, days: int = SOON_DAYS) -> pd.DataFrame:
    """Those among them that end within so many days, the first leading."""
    found = standing(held, on)
    if found.empty:
        return found
    ends = pd.to_datetime(found["ends_on"])
    return found[ends.notna() & (ends <= pd.Timestamp(on + timedelta(days=days)))]
