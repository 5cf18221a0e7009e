"""Library and rights: under which licences, what may be used commercially, what ends when, and what it takes on disk."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from core.kit.clock import today
from dashboards import charts, frame, source, words

SOON_DAYS = 30


def draw() -> None:
    filters = frame.page("Library and rights", "asset_kind")
    if filters is None:
        return
    every = source.ask("library", filters)
    kept = every[every["state"] == "kept"]
    storage = source.ask("storage", filters)
    expiring = source.ask("expiring", filters)
    _tiles(filters, kept, storage, expiring)
    left, right = st.columns([3, 2])
    with left:
        _licences(filters)
    with right, frame.card("Kinds"):
        if kept.empty:
            frame.nothing("pieces")
        else:
            counted = kept.assign(pieces=1)
            charts.ranked(counted, "kind", "pieces", "library_kinds", label="{:,.0f}".format)
    left, right = st.columns([3, 2])
    with left:
        _not_cleared(kept)
    with right:
        _ending(expiring)
    _storage(storage)
    with frame.card("Every piece"):
        if every.empty:
            frame.nothing("pieces")
        else:
            number = st.column_config.NumberColumn
            frame.table(words.named(every, "kind", "source", "provider", "commercial", "state"), "library", {
                "name": "Piece", "kind": "Kind", "source": "Made as", "provider": "Provider", "licence_title": "Licence",
                "commercial": "Commercially", "limited_by": "Because of", "royalty_free": "Royalty-free", "attribution": "Credit due",
                "state": "Where",
                "valid_until": st.column_config.DateColumn("Until", format="YYYY-MM-DD"),
                "rating": number("Rating", format="%d ★"), "duration_s": number("Seconds", format="%.1f"),
                "bytes": number("Size", format="bytes"), "cost_usd": number("Cost", format="$%.4f"), "mood": "Mood",
                "genre": "Genre", "bpm": number("BPM", format="%.0f"), "key": "Key",
                "lufs": number("LUFS", format="%.1f"), "true_peak_dbtp": number("dBTP", format="%.1f"),
                "user_id": "User", "created_at": st.column_config.DatetimeColumn("Made (UTC)", format="D MMM YYYY, HH:mm"),
                "id": None,
            })  # fmt: skip


def _tiles(filters: Filters, kept: pd.DataFrame, storage: pd.DataFrame, expiring: pd.DataFrame) -> None:
    cleared = (kept["commercial"] == "yes").sum()
    soon = (expiring["days_left"] <= SOON_DAYS).sum() if not expiring.empty else 0
    over = (expiring["days_left"] < 0).sum() if not expiring.empty else 0
    dated = kept.assign(day=pd.to_datetime(kept["created_at"]).dt.normalize(), one=1.0)
    held = storage["bytes"].sum()
    binned = storage[storage["state"] == "bin"]["bytes"].sum()
    frame.tiles(
        {"label": "Pieces added", "value": f"{len(kept):,}", "delta": "in the range, still kept", "delta_color": "off",
         "delta_arrow": "off", "history": frame.per_day(dated, "one", filters)},
        {"label": "May be used commercially", "value": words.share(cleared / len(kept)) if len(kept) else "–",
         "delta": f"{cleared:,} of {len(kept):,}", "delta_color": "off", "delta_arrow": "off",
         "history": frame.per_day(dated[dated["commercial"] == "yes"], "one", filters)},
        {"label": "On disk", "value": words.size(held), "delta": f"{words.size(binned)} in the bin", "delta_color": "off",
         "delta_arrow": "off", "history": frame.per_day(dated, "bytes", filters)},
        {"label": f"Licences ending in {SOON_DAYS} days", "value": f"{soon:,}",
         "delta": f"{over:,} ended already" if over else "none ended", "delta_arrow": "off",
         "delta_color": "red" if over else "off",
         "history": frame.per_day(dated[dated["valid_until"].notna()], "one", filters)},
    )  # fmt: skip


def _licences(filters: Filters) -> None:
    with frame.card(
        "By licence",
        "A mix may be used commercially only if everything under it may. This is the overview; the check at export, "
        "which also knows platform, territory and date, decides.",
    ):
        found = source.ask("licences", filters)
        if found.empty:
            frame.nothing("pieces")
            return
        frame.table(words.named(found, "commercial"), "licences", {
            "licence_title": "Licence", "commercial": "Commercially", "assets": "Pieces",
            "seconds": st.column_config.NumberColumn("Seconds", format="%.0f"),
        })  # fmt: skip


def _not_cleared(kept: pd.DataFrame) -> None:
    with frame.card("Not cleared for commercial use"):
        found = kept[kept["commercial"] != "yes"]
        if found.empty:
            st.caption("Everything in this range may be used commercially.")
            return
        columns = ["name", "kind", "licence_title", "limited_by", "commercial", "user_id", "created_at", "id"]
        frame.table(words.named(found[columns], "kind", "commercial"), "not_cleared", {
            "name": "Piece", "kind": "Kind", "licence_title": "Licence", "limited_by": "Because of", "user_id": None,
            "commercial": "Commercially",
            "created_at": st.column_config.DatetimeColumn("Made (UTC)", format="D MMM YYYY"), "id": None,
        })  # fmt: skip


def _ending(expiring: pd.DataFrame) -> None:
    with frame.card("Licences that end", "Of the whole library, whatever the range."):
        if expiring.empty:
            st.caption(f"No licence in the library has an end date, as of {today():%-d %b %Y}.")
            return
        order = ["name", "days_left", "valid_until", "licence_title", "kind", "user_id", "id"]
        frame.table(words.named(expiring[order], "kind"), "licences_ending", {
            "name": "Piece", "kind": "Kind", "licence_title": "Licence", "days_left": "Days left", "user_id": None,
            "valid_until": st.column_config.DateColumn("Until", format="YYYY-MM-DD"), "id": None,
        })  # fmt: skip


def _storage(storage: pd.DataFrame) -> None:
    with frame.card(
        "Storage", "Of the whole library, stems and captions included; a file two pieces share counts once."
    ):
        if storage.empty:
            frame.nothing("files")
            return
        left, right = st.columns(2)
        with left:
            charts.ranked(storage, "kind", "bytes", "library_storage", label=words.size)
        with right:
            frame.table(words.named(storage, "kind", "state"), "storage", {
                "kind": "Kind", "state": "Where", "assets": "Files",
                "bytes": st.column_config.NumberColumn("Size", format="bytes"),
            })  # fmt: skip


draw()
