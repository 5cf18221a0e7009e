"""Licensed music: what is used, whether it is covered, what ends when, and how catalogues answer; each against its goal."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics import licensing
from core.analytics.queries import Filters
from core.kit.clock import today
from dashboards import catalogues, charts, frame, source, words

_PLAIN = {"delta_color": "off", "delta_arrow": "off"}
_CUTS = {"Day": "D", "Week": "W-SUN", "Month": "M"}


def draw() -> None:
    filters = frame.page("Licences", "")
    if filters is None:
        return
    uses, held, calls = (source.ask(name, filters) for name in ("track_uses", "track_licences", "catalogue_days"))
    if uses.empty and held.empty and calls.empty:
        frame.empty(
            "No licensed music yet",
            "Search the catalogues on the studio's page *Licensing*, or import your own licensed files with their papers; "
            "`studio catalogue search` does the same from a terminal. What is used, what it rests on and how the catalogues "
            "answer is then here.",
        )
        return
    lapses = source.ask("track_lapses", filters)
    _tiles(filters, uses, held, lapses)
    catalogues.tiles(filters, calls)
    _over_time(filters, uses)
    left, middle, right = st.columns([2, 1, 1])
    with left:
        _tracks(uses)
    for place, what, title in ((middle, "genre", "Genres"), (right, "mood", "Moods")):
        with place:
            _shares(uses, what, title)
    _calendar(held)
    _lapses(lapses)
    catalogues.cards(filters, calls)


def _tiles(filters: Filters, uses: pd.DataFrame, held: pd.DataFrame, lapses: pd.DataFrame) -> None:
    before = source.ask("track_uses", frame.before(filters))
    total, covered = licensing.total(uses, "uses"), licensing.total(uses, "covered")
    lapsed = lapses[lapses["covered"]] if not lapses.empty else lapses
    ending, standing = licensing.expiring(held, today()), licensing.standing(held, today())
    frame.tiles(
        {"label": "Uses", "value": f"{total:,}", **frame.against(total, licensing.total(before, "uses"), "{:,.0f}".format),
         "history": frame.per_day(uses, "uses", filters), "help": "A track in a piece, on a platform and a day."},
        {"label": "Covered on the day", "value": words.share(covered / total) if total else "–",
         "delta": _goal(covered == total, "100 %", f"{total - covered:,} not covered"), **_PLAIN,
         "help": "By a licence that held on the day of the use, or by an open one."},
        {"label": "Published, no longer covered", "value": f"{len(lapsed):,}",
         "delta": "nothing to clear" if lapsed.empty else "clear them or take them down", **_PLAIN},
        {"label": "Licences that hold", "value": f"{len(standing):,}",
         "delta": f"{len(ending):,} end within {licensing.SOON_DAYS} days", **_PLAIN,
         "help": "Today, whatever the range."},
    )  # fmt: skip


def _goal(met: bool, goal: str, missed: str) -> str:
    return f"goal {goal}, met" if met else f"goal {goal}: {missed}"


def _over_time(filters: Filters, uses: pd.DataFrame) -> None:
    with frame.card("Uses over time"):
        if uses.empty:
            frame.nothing("uses")
            return
        cut = st.segmented_control(
            "Cut", list(_CUTS), default="Day", key="licences_cut", label_visibility="collapsed", required=True, width="content",
        )  # fmt: skip
        named = uses.assign(day=pd.to_datetime(uses["day"]).dt.to_period(_CUTS[str(cut)]).dt.start_time)
        # A week or a month stands at its first day, which may lie before the range.
        first = min(pd.Timestamp(filters.first_day), named["day"].min()).date()
        charts.stacked(
            named, "day", "uses", "provider", "licences_uses", label="{:,.0f}".format, days=(first, filters.last_day)
        )
        by = {"Day": "day", "Week": "week", "Month": "month"}[str(cut)]
        table = pd.DataFrame(licensing.over_time(uses, by), columns=["period", "uses", "tracks"])
        with st.expander("As a table"):
            frame.table(table, "licences_over_time", {"period": str(cut), "uses": "Uses", "tracks": "Different tracks"})


def _tracks(uses: pd.DataFrame) -> None:
    with frame.card("Top tracks"):
        found = licensing.top_tracks(uses, 100)
        if found.empty:
            frame.nothing("uses")
            return
        shown = words.named(found[["title", "artist", "provider", "uses", "track_id"]], "provider")
        frame.table(shown, "licences_tracks", {
            "title": "Track", "artist": "Artist", "provider": "Catalogue", "track_id": None,
            "uses": st.column_config.ProgressColumn("Uses", format="%d", min_value=0, max_value=int(found["uses"].max())),
        }, most=10)  # fmt: skip


def _shares(uses: pd.DataFrame, what: str, title: str) -> None:
    with frame.card(title, "By uses; what is not known of a track is left out."):
        found = pd.DataFrame(licensing.shares(uses, what), columns=[what, "uses"])
        if found.empty:
            frame.nothing(title.lower())
            return
        charts.ranked(found, what, "uses", f"licences_{what}", label="{:,.0f}".format)


def _calendar(held: pd.DataFrame) -> None:
    with frame.card("What ends when", "The coming year, a square a day, whatever the range."):
        if held.empty:
            st.caption(
                "No licence has been entered yet: `studio licences list` shows them, the page Licensing takes them."
            )
            return
        ends = pd.to_datetime(held["ends_on"])
        coming = held[(held["state"] == "active") & (ends >= pd.Timestamp(today()))]
        if coming.empty:
            st.caption("No licence that holds has an end date.")
        else:
            charts.calendar(
                coming.assign(ends_on=pd.to_datetime(coming["ends_on"])),
                "ends_on",
                "title",
                "licences_calendar",
                first=today(),
            )
        number = st.column_config.NumberColumn
        shown = held.assign(stands=[_stands(row) for row in held.itertuples()])
        order = [
            "title",
            "provider",
            "kind",
            "stands",
            "ends_on",
            "days_left",
            "pieces",
            "pieces_touched",
            "price_usd",
            "user_id",
            "id",
        ]
        frame.table(words.named(shown[order], "provider"), "licences_held", {
            "title": "Track", "provider": "Catalogue", "kind": "Kind", "stands": "State", "days_left": number("Days left", format="%d"),
            "ends_on": st.column_config.DateColumn("Until", format="YYYY-MM-DD"), "pieces": "Pieces",
            "pieces_touched": number("Left uncovered", format="%d", help="Published pieces that its end leaves without cover."),
            "price_usd": number("Paid", format="$%.2f"), "user_id": None, "id": None,
        })  # fmt: skip


def _stands(row: object) -> str:
    state, ends, starts = (getattr(row, name) for name in ("state", "ends_on", "starts_on"))
    if state != "active":
        return "Revoked" if state == "revoked" else "Not confirmed"
    day = pd.Timestamp(today())
    if pd.notna(ends) and pd.Timestamp(ends) < day:
        return "Ended"
    return "Not begun" if pd.Timestamp(starts) > day else "Holds"


def _lapses(lapses: pd.DataFrame) -> None:
    with frame.card(
        "Not covered", "Uses without a licence on their day, and published pieces whose cover has ended since."
    ):
        if lapses.empty:
            st.caption("Every use in this range is covered.")
            return
        shown = lapses.assign(
            why=["its cover has ended" if covered else "not covered on its day" for covered in lapses["covered"]],
            covered_until=lapses["covered_until"].where(lapses["covered"]),
        )
        order = [
            "output_name",
            "title",
            "artist",
            "provider",
            "platform",
            "day",
            "why",
            "covered_until",
            "user_id",
            "output_asset_id",
        ]
        frame.table(words.named(shown[order], "provider"), "licences_lapsed", {
            "output_name": "Piece", "title": "Track", "artist": "Artist", "provider": "Catalogue", "platform": "Platform", "why": "Why",
            "day": st.column_config.DateColumn("Used", format="YYYY-MM-DD"), "user_id": None, "output_asset_id": None,
            "covered_until": st.column_config.DateColumn("Covered until", format="YYYY-MM-DD"),
        })  # fmt: skip


draw()
