"""What became of suggested music: taken as it was, changed and in what, thrown away; and how much of it was kept, with
what is not known about that."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from core.music.trials.rates import verdict, wilson
from dashboards import charts, frame, source, words

FATES = {
    "taken": "As suggested", "changed": "Changed", "dropped": "Thrown away", "failed": "Failed", "open": "Under way",
}  # fmt: skip
_ALL = ""
_FIELDS = {"bpm": "Tempo"}
_VERDICTS = {
    "better than chance": "kept more often than the rest", "worse than chance": "kept less often than the rest",
}  # fmt: skip


def cards(filters: Filters) -> None:
    fates = source.ask("suggestion_fates", filters)
    left, right = st.columns([3, 2])
    with left:
        _fates(fates)
    with right:
        _changes(filters, fates)
    _kept(filters)


def _fates(fates: pd.DataFrame) -> None:
    with frame.card(
        "What became of suggestions",
        "Each piece of music that was asked for out of a suggestion. Thrown away: in the bin, or gone.",
    ):
        if fates.empty:
            frame.nothing("suggestions")
            return
        named = fates.assign(scene_type=fates["scene_type"].map(words.reason), fate=fates["fate"].map(FATES))
        charts.parts(
            named, "scene_type", "suggestions", "fate", tuple(FATES.values()), "suggestion_fates", label="{:,.0f}".format
        )  # fmt: skip


def _changes(filters: Filters, fates: pd.DataFrame) -> None:
    with frame.card("What was changed", "How many suggestions were made with another value of it."):
        found = source.ask("suggestion_changes", filters)
        if found.empty:
            frame.nothing("changed suggestions")
            return
        of = int(fates["suggestions"].sum())
        named = found.assign(field=[_FIELDS.get(str(field), words.reason(str(field))) for field in found["field"]])
        charts.ranked(named, "field", "times", "suggestion_changes", label="{:,.0f}".format)
        st.caption(f"Of {of:,} suggestions.")


def _kept(filters: Filters) -> None:
    with frame.card(
        "What is kept, by scene and genre",
        "Kept: still in the library and not rated under three stars; the next suggestions go by the same count. The dot "
        "is the share kept, the line its 95 % interval, the mark the share of all suggestions.",
    ):
        found = source.ask("suggestion_kept", filters)
        if found.empty:
            frame.nothing("finished suggestions")
            return
        types = sorted(found["scene_type"].unique())
        one = st.selectbox(
            "Type of scene", [_ALL, *types], key="suggestion_type", label_visibility="collapsed",
            format_func=lambda type_: words.reason(type_) if type_ else "All types of scene",
        )  # fmt: skip
        _drawn(rates(found, str(one or _ALL)))


def rates(found: pd.DataFrame, scene_type: str = _ALL) -> pd.DataFrame:
    """One row a type and genre, the oftenest made first. It is held against all suggestions in `found`, itself included."""
    share = int(found["kept"].sum()) / int(found["made"].sum())
    told = []
    for row in found[found["scene_type"] == scene_type].itertuples() if scene_type else found.itertuples():
        kept, made = int(row.kept), int(row.made)
        low, high = wilson(kept, made)
        said = verdict(low, high, share, made)
        told.append({
            "scene_type": words.reason(row.scene_type), "genre": row.genre, "wins": kept, "choices": made,
            "rate": kept / made, "low": low, "high": high, "chance": share, "rating": row.rating,
            "verdict": _VERDICTS.get(said, said),
        })  # fmt: skip
    return pd.DataFrame(told)


def _drawn(rows: pd.DataFrame) -> None:
    plot, table = st.columns([2, 3])
    with plot:
        named = rows.assign(name=rows["scene_type"] + ", " + rows["genre"])
        charts.intervals(named, "name", "suggestion_kept", dot="Kept", mark="Of all")
    with table:
        number = st.column_config.NumberColumn
        between = [f"{row.low:.0%} to {row.high:.0%}" for row in rows.itertuples()]
        shown = rows.assign(rate=rows["rate"] * 100, between=between)
        frame.table(
            shown[["scene_type", "genre", "choices", "wins", "rate", "between", "rating", "verdict"]], "suggestion_kept", {
                "scene_type": "Scene", "genre": "Genre", "choices": number("Made", format="%d"), "wins": number("Kept", format="%d"),
                "rate": number("Share", format="%.0f %%"), "between": "95 %", "rating": number("Mean rating", format="%.1f"),
                "verdict": "So far",
            },
        )  # fmt: skip
