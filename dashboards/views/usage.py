"""Usage: what is made, when, in which mood, genre and voice, by whom; how the library grows and is rated."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from dashboards import charts, frame, source, words

_STEPS = {"Day": "D", "Week": "W-SUN", "Month": "M"}
_NOT_MADE = ("uploaded", "licensed")


def draw() -> None:
    filters = frame.page("Usage", "asset_kind")
    if filters is None:
        return
    usage = source.ask("usage", filters)
    made = usage[~usage["source"].isin(_NOT_MADE)]
    growth = source.ask("library_growth", filters)
    ratings = source.ask("ratings", filters)
    _tiles(filters, usage, made, growth, ratings)
    left, right = st.columns([3, 2])
    with left:
        _over_time(filters, made)
    with (
        right,
        frame.card("Library size", "Pieces in the library at the end of each day, parts and previews left out."),
    ):
        charts.area(growth, "day", "assets", "usage_growth", label="{:,.0f} pieces".format)
    moods, genres, voices = st.columns(3)
    for at, column, title in ((moods, "mood", "Moods"), (genres, "genre", "Genres"), (voices, "voice", "Voices")):
        with at, frame.card(title):
            found = made[made[column] != ""]
            if found.empty:
                frame.nothing(title.lower())
            else:
                charts.ranked(found, column, "assets", f"usage_{column}", label="{:,.0f}".format)
    users, rated = st.columns(2)
    with users, frame.card("Minutes by user"):
        if made.empty:
            frame.nothing("pieces")
        else:
            charts.ranked(made, "user_id", "seconds", "usage_users", label=words.minutes)
    with rated, frame.card("Ratings"):
        _ratings(ratings)
    with frame.card("All of it", "Whole pieces by day, kind, source, provider, user, mood, genre and voice."):
        if usage.empty:
            frame.nothing("pieces")
        else:
            frame.table(words.named(usage.iloc[::-1], "kind", "source", "provider"), "usage", {
                "day": st.column_config.DateColumn("Day", format="YYYY-MM-DD"), "kind": "Kind", "source": "Made as", "provider": "Provider", "user_id": "User",
                "mood": "Mood", "genre": "Genre", "voice": "Voice", "assets": "Pieces",
                "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
                "cost_usd": st.column_config.NumberColumn("Cost", format="$%.4f"),
            })  # fmt: skip


def _tiles(
    filters: Filters, usage: pd.DataFrame, made: pd.DataFrame, growth: pd.DataFrame, ratings: pd.DataFrame
) -> None:
    past = source.ask("usage", frame.before(filters))
    past = past[~past["source"].isin(_NOT_MADE)]
    rated = ratings[ratings["rating"] > 0]
    stars = (rated["rating"] * rated["assets"]).sum() / rated["assets"].sum() if not rated.empty else None
    brought = usage["assets"].sum() - made["assets"].sum()
    added = growth["assets"].iloc[-1] - growth["assets"].iloc[0]
    pieces = source.ask("cost_per_asset", filters)
    pieces = pieces.assign(day=pd.to_datetime(pieces["created_at"]).dt.normalize(), one=1.0)
    size = int(growth["assets"].iloc[-1])
    frame.tiles(
        {"label": "Pieces made", "value": f"{made['assets'].sum():,.0f}",
         **frame.against(made["assets"].sum(), past["assets"].sum(), "{:,.0f}".format),
         "history": frame.per_day(made, "assets", filters)},
        {"label": "Time made", "value": words.minutes(made["seconds"].sum()),
         **frame.against(made["seconds"].sum(), past["seconds"].sum(), words.minutes), "history": frame.per_day(made, "seconds", filters)},
        {"label": "In the library", "value": f"{size:,}", "delta": f"{added:+,.0f} in the range, {brought:,.0f} brought in",
         "delta_color": "off", "delta_arrow": "off", "history": growth["assets"].tolist()},
        {"label": "Mean rating", "value": f"{stars:.1f} ★" if stars else "–",
         "delta": f"{rated['assets'].sum():,.0f} of {ratings['assets'].sum():,.0f} rated" if len(ratings) else "none rated",
         "delta_color": "off", "delta_arrow": "off",
         "history": frame.per_day(pieces[pieces["rating"].notna()], "one", filters)},
    )  # fmt: skip


def _over_time(filters: Filters, made: pd.DataFrame) -> None:
    with frame.card("Minutes made"):
        if made.empty:
            frame.nothing("pieces")
            return
        step = st.segmented_control(
            "Per", list(_STEPS), default="Day", key="usage_step", required=True, label_visibility="collapsed"
        )
        days = pd.to_datetime(made["day"])
        found = made.assign(start=days.dt.to_period(_STEPS[str(step)]).dt.start_time, minutes=made["seconds"] / 60)
        whole = (filters.first_day, filters.last_day) if step == "Day" else None
        charts.stacked(found, "start", "minutes", "kind", "usage_days", label=lambda one: words.minutes(one * 60),
                       suffix=" min", days=whole)  # fmt: skip


def _ratings(ratings: pd.DataFrame) -> None:
    if ratings.empty:
        frame.nothing("pieces")
        return
    shown = ratings.assign(stars=[f"{one} ★" if one else "Not rated" for one in ratings["rating"]])
    order = shown.groupby("stars", as_index=False)["assets"].sum()
    charts.ranked(order, "stars", "assets", "usage_ratings", label="{:,.0f}".format, by_name=True)


draw()
