"""Scenes and scored films: which scenes films have, what became of the music suggested for them, and what a scored minute
costs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.advice import plain
from core.analytics.queries import Filters
from dashboards import charts, frame, source, suggestions, words

LENGTHS = ("under 2 s", "2 to 4 s", "4 to 8 s", "8 to 15 s", "15 to 30 s", "30 to 60 s", "1 min and over")
_PLAIN = {"delta_color": "off", "delta_arrow": "off"}


def draw() -> None:
    filters = frame.page("Scenes", "")
    if filters is None:
        return
    days, films = source.ask("scene_days", filters), source.ask("scored_days", filters)
    taken = source.ask("suggestion_days", filters)
    if days.empty and films.empty and taken.empty:
        frame.empty(
            "No films in this range",
            "Bring a film in on the studio's page *Recommend*: its scenes are found, music is suggested for each, and the "
            "film can be scored with it. Then its figures are here.",
        )
        return
    _tiles(filters, days, films, taken)
    left, right = st.columns([4, 3])
    with left:
        _over_time(filters, days)
    with right:
        _lengths(filters)
    _types(filters)
    suggestions.cards(filters)
    _costs(filters, films)
    _films(filters)


def _typed(found: pd.DataFrame, column: str = "type") -> pd.DataFrame:
    return found.assign(**{column: found[column].map(words.reason)})


def _tiles(filters: Filters, days: pd.DataFrame, films: pd.DataFrame, taken: pd.DataFrame) -> None:
    before = frame.before(filters)
    past, past_films = source.ask("scene_days", before), source.ask("scored_days", before)
    scenes, minutes, spent = int(days["scenes"].sum()), float(films["minutes"].sum()), float(films["settled_usd"].sum())
    done, failed = int(films["done"].sum()), int(films["failed"].sum())
    asked, made = int(taken["suggestions"].sum()), int(taken["made"].sum())
    as_they_were, kept = int(taken["taken"].sum()), int(taken["kept"].sum())
    each, past_minutes = _each(spent, minutes), float(past_films["minutes"].sum())
    frame.tiles(
        {"label": "Scenes found", "value": f"{scenes:,}", **frame.against(scenes, past["scenes"].sum(), "{:,.0f}".format),
         "history": frame.per_day(days, "scenes", filters)},
        {"label": "A scene is", "value": words.seconds(days["seconds"].sum() / scenes) if scenes else "–",
         "delta": "on average", **_PLAIN},
        {"label": "Taken as suggested", "value": words.share(as_they_were / asked) if asked else "–",
         "delta": f"{as_they_were:,} of {asked:,} suggestions", **_PLAIN,
         "history": frame.per_day(taken, "suggestions", filters),
         "help": "Of the suggestions that music was made from: the others were changed first."},
        {"label": "Kept of them", "value": words.share(kept / made) if made else "–", "delta": f"{kept:,} of {made:,} made",
         **_PLAIN},
    )  # fmt: skip
    frame.tiles(
        {"label": "Minutes scored", "value": f"{minutes:,.1f}",
         **frame.against(minutes, past_minutes, "{:,.1f}".format), "history": frame.per_day(films, "minutes", filters)},
        {"label": "A scored minute", "value": "–" if each is None else words.usd(each),
         "delta": f"{words.usd(spent)} in all", **_PLAIN,
         "help": "Everything billed for scoring, also where no film came of it, over the minutes of film that were finished."},
        {"label": "Films scored", "value": f"{done:,}", "delta": f"{failed:,} failed or cancelled", **_PLAIN,
         "history": frame.per_day(films, "done", filters)},
        {"label": "Cues in a film", "value": f"{films['cues'].sum() / done:,.1f}" if done else "–", "delta": "on average", **_PLAIN},
    )  # fmt: skip


def _each(usd: float, minutes: float) -> float | None:
    return usd / minutes if minutes else None


def _over_time(filters: Filters, days: pd.DataFrame) -> None:
    with frame.card("Scenes by type", "By the day on which their film was taken apart."):
        if days.empty:
            frame.nothing("scenes")
            return
        charts.stacked(
            _typed(days), "day", "scenes", "type", "scene_days", label="{:,.0f}".format,
            days=(filters.first_day, filters.last_day),
        )  # fmt: skip


def _lengths(filters: Filters) -> None:
    with frame.card("How long scenes are", "In the colours of their types, as beside it."):
        found = source.ask("scene_lengths", filters)
        if found.empty:
            frame.nothing("scenes")
            return
        named = _typed(found).assign(length=found["length"].map(plain))
        charts.columns(named, "length", "scenes", "type", LENGTHS, "scene_lengths", label="{:,.0f}".format)


def _types(filters: Filters) -> None:
    with frame.card("What scenes are like", "Means of what was measured, in percent; loudness and length are medians."):
        found = source.ask("scene_types", filters)
        if found.empty:
            frame.nothing("scenes")
            return
        number = st.column_config.NumberColumn
        shares = ("confidence", "speech", "motion", "brightness", "energy")
        shown = _typed(found).assign(**{name: found[name] * 100 for name in shares})
        frame.table(shown[["type", "scenes", "seconds_p50", "seconds", *shares, "lufs"]], "scene_types", {
            "type": "Type", "scenes": number("Scenes", format="%d"), "seconds_p50": number("Length (s)", format="%.1f"),
            "seconds": number("In all (s)", format="%.0f"), "confidence": number("Sure", format="%.0f %%"),
            "speech": number("Speech", format="%.0f %%"), "motion": number("Motion", format="%.0f %%"),
            "brightness": number("Bright", format="%.0f %%"), "energy": number("Sound", format="%.0f %%"),
            "lufs": number("LUFS", format="%.1f"),
        })  # fmt: skip


def _costs(filters: Filters, films: pd.DataFrame) -> None:
    with frame.card("Cost of a scored minute", "Everything billed for scoring over the minutes that were finished."):
        found = rates(films, "day", "provider")
        found = found[found["minutes"] > 0]
        if found.empty:
            frame.nothing("scored films")
            return
        engines = rates(films, "provider")
        if engines["settled_usd"].sum() == 0:
            st.caption("All of it cost $0.00: counted in minutes of film.")
            charts.stacked(
                found, "day", "minutes", "provider", "scored_days", label="{:,.1f} min".format,
                days=(filters.first_day, filters.last_day),
            )  # fmt: skip
        else:
            charts.lines(found, "day", "usd_per_minute", "provider", "scored_days", prefix="$", label=words.usd)
        number = st.column_config.NumberColumn
        frame.table(_engines(engines)[["provider", "done", "failed", "minutes", "settled_usd", "usd_per_minute", "pace"]], "scored_engines", {
            "provider": "Engine", "done": number("Films", format="%d"), "failed": number("Failed", format="%d"),
            "minutes": number("Minutes", format="%.1f"), "settled_usd": number("Spent", format="$%.4f"),
            "usd_per_minute": number("A minute", format="$%.4f"),
            "pace": number("Engine s a minute", format="%.1f", help="How long engines worked for a minute of film."),
        })  # fmt: skip


def rates(films: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Summed by these columns, with what a minute cost and how long engines worked for it; none where none was finished."""
    figures = ["done", "failed", "minutes", "settled_usd", "engine_s"]
    summed = films.groupby(list(by), as_index=False)[figures].sum()
    minutes = summed["minutes"].where(summed["minutes"] > 0)
    return summed.assign(usd_per_minute=summed["settled_usd"] / minutes, pace=summed["engine_s"] / minutes)


def _engines(found: pd.DataFrame) -> pd.DataFrame:
    """One with music of several has all their names."""
    return found.assign(
        provider=[" + ".join(words.name(one) for one in str(of).split(" + ")) for of in found["provider"]]
    )


def _films(filters: Filters) -> None:
    with frame.card("Scored films"):
        found = source.ask("scored", filters)
        if found.empty:
            frame.nothing("scored films")
            return
        number = st.column_config.NumberColumn
        shown = words.named(_engines(found), "status")
        frame.table(
            shown[["title", "status", "provider", "film_s", "cues", "settled_usd", "usd_per_minute", "run_s", "created_at"]], "scored", {
                "title": "Film", "status": "Status", "provider": "Engine", "film_s": number("Length (s)", format="%.0f"),
                "cues": number("Cues", format="%d"), "settled_usd": number("Spent", format="$%.4f"),
                "usd_per_minute": number("A minute", format="$%.4f"), "run_s": number("Took (s)", format="%.0f"),
                "created_at": st.column_config.DatetimeColumn("Begun (UTC)", format="D MMM YYYY, HH:mm"),
            },
        )  # fmt: skip


draw()
