"""How catalogues of licensed music answer, on the page of licences: cache, limits, times and money, each against its goal."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics import licensing
from core.analytics.queries import Filters
from dashboards import charts, frame, source, words

CACHE_GOAL = (0.6, 0.8)
LIMIT_GOAL = 0.8
SYNC_GOAL = 0.95
ANSWER_GOAL_S = 0.5
_PLAIN = {"delta_color": "off", "delta_arrow": "off"}


def tiles(filters: Filters, calls: pd.DataFrame) -> None:
    questions, hits, answered, in_time = (
        licensing.total(calls, name) for name in ("questions", "hits", "answered", "in_time")
    )
    rate = hits / questions if questions else None
    called = float(calls["settled_usd"].sum()) if not calls.empty else 0.0
    providers = source.ask("catalogue_providers", filters)
    saved = float(providers["saved_usd"].sum()) if not providers.empty else 0.0
    licences = float(providers["licences_usd"].sum()) if not providers.empty else 0.0
    frame.tiles(
        {"label": "Answered by the cache", "value": words.share(rate) if rate is not None else "–",
         "delta": _cached(rate), **_PLAIN, "history": frame.per_day(calls, "hits", filters),
         "help": f"{hits:,} of {questions:,} questions."},
        {"label": "Answers within 500 ms", "value": words.share(in_time / answered) if answered else "–",
         "delta": _times(providers), **_PLAIN, "help": "Those of the cache among them. Below it, of what was really asked, the slowest catalogue."},
        {"label": "Spent", "value": words.usd(called + licences),
         "delta": f"{words.usd(licences)} of it for licences", **_PLAIN,
         "history": frame.per_day(calls, "settled_usd", filters)},
        {"label": "Saved by the cache", "value": words.usd(saved), "delta": f"{hits:,} questions not asked", **_PLAIN,
         "help": "Counted with what asking that catalogue cost on average."},
    )  # fmt: skip
    _against(filters, providers)


def _against(filters: Filters, providers: pd.DataFrame) -> None:
    peaks, syncs = source.ask("catalogue_peaks", filters), source.ask("catalogue_syncs", filters)
    done, failed = licensing.total(syncs, "done"), licensing.total(syncs, "failed")
    shares = peaks["share"].dropna() if not peaks.empty else pd.Series(dtype=float)
    highest = float(shares.max()) if len(shares) else None
    limited = licensing.total(providers, "limited")
    frame.tiles(
        {"label": "Highest use of a limit", "value": "–" if highest is None else words.share(highest),
         "delta": "nothing was asked" if highest is None else
         f"goal under {LIMIT_GOAL:.0%}, met" if highest < LIMIT_GOAL else f"goal under {LIMIT_GOAL:.0%}: above it",
         **_PLAIN, "help": "The most that was asked within a minute, an hour or a day, of what the catalogue allows."},
        {"label": "Refused over a limit", "value": f"{limited:,}", "delta": "by catalogues, of what was asked", **_PLAIN},
        {"label": "Syncs that succeeded", "value": words.share(done / (done + failed)) if done + failed else "–",
         "delta": _synced(done, failed), **_PLAIN, "history": frame.per_day(syncs, "done", filters)},
    )  # fmt: skip


def _synced(done: int, failed: int) -> str:
    if not done + failed:
        return "none ran"
    goal = f"goal over {SYNC_GOAL:.0%}"
    return f"{goal}, met" if done / (done + failed) > SYNC_GOAL else f"{goal}: {failed:,} failed"


def _cached(rate: float | None) -> str:
    low, high = CACHE_GOAL
    if rate is None:
        return "nothing was asked"
    goal = f"goal {low:.0%} to {high:.0%}"
    return f"{goal}, met" if rate >= low else f"{goal}: below it"


def _times(providers: pd.DataFrame) -> str:
    slow = providers["p95_s"].max() if not providers.empty else None
    if slow is None or pd.isna(slow):
        return "nothing was asked"
    return f"95 % within {words.seconds(slow)}, goal {words.seconds(ANSWER_GOAL_S)}"


def cards(filters: Filters, calls: pd.DataFrame) -> None:
    _providers(filters)
    left, right = st.columns(2)
    with left:
        _cache(filters, calls)
    with right:
        _peaks(filters)


def _providers(filters: Filters) -> None:
    with frame.card("Catalogues", "Times are of what was really asked: the cache answers in milliseconds."):
        found = source.ask("catalogue_providers", filters)
        if found.empty:
            frame.nothing("questions")
            return
        number = st.column_config.NumberColumn
        shown = found.assign(
            hit_rate=(found["hits"] / found["questions"].where(found["questions"] > 0)) * 100, p50_s=found["p50_s"] * 1000,
            p95_s=found["p95_s"] * 1000, spent=found["settled_usd"] + found["licences_usd"],
        )  # fmt: skip
        order = [
            "provider",
            "questions",
            "hit_rate",
            "failed",
            "limited",
            "p50_s",
            "p95_s",
            "downloads",
            "uses",
            "tracks",
            "licences",
            "spent",
        ]
        frame.table(words.named(shown[order], "provider"), "catalogues", {
            "provider": "Catalogue", "questions": number("Questions", format="%d"), "hit_rate": number("From the cache", format="%.0f %%"),
            "failed": number("Failed", format="%d"), "limited": number("Over a limit", format="%d"),
            "p50_s": number("Half within (ms)", format="%.0f"), "p95_s": number("95 % within (ms)", format="%.0f"),
            "downloads": number("Files", format="%d"), "uses": number("Uses", format="%d"), "tracks": number("Tracks", format="%d"),
            "licences": number("Licences", format="%d"), "spent": number("Spent", format="$%.2f"),
        })  # fmt: skip


def _cache(filters: Filters, calls: pd.DataFrame) -> None:
    with frame.card("Questions and who answered"):
        if calls.empty or not calls["questions"].sum():
            frame.nothing("questions")
            return
        asked = calls.assign(asked=calls["questions"] - calls["hits"] - calls["failed"])
        parts = asked.melt(["day", "provider"], ["hits", "asked", "failed"], "who", "times")
        parts["who"] = parts["who"].map({"hits": "The cache", "asked": "The catalogue", "failed": "Nobody: it failed"})
        charts.stacked(
            parts[parts["times"] > 0], "day", "times", "who", "catalogue_questions", label="{:,.0f}".format,
            days=(filters.first_day, filters.last_day),
        )  # fmt: skip


def _peaks(filters: Filters) -> None:
    with frame.card(
        "The most that was asked", "Within a minute, an hour and a day, against what the catalogue allows."
    ):
        found = source.ask("catalogue_peaks", filters)
        if found.empty:
            frame.nothing("questions")
            return
        number = st.column_config.NumberColumn
        shown = words.named(found.assign(span=found["span"].map({"minute": "A minute", "hour": "An hour", "day": "A day"}),
                                         share=found["share"].clip(upper=1) * 100), "provider")  # fmt: skip
        frame.table(shown[["provider", "span", "calls", "most", "share"]], "catalogue_peaks", {
            "provider": "Catalogue", "span": "In", "calls": number("Asked", format="%d"), "most": number("Limit", format="%d"),
            "share": st.column_config.ProgressColumn("Of the limit", format="%.0f %%", min_value=0, max_value=100),
        })  # fmt: skip
