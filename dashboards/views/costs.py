"""Costs: today, this month, against the caps; by provider, kind and user; per asset."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from core.kit.clock import today
from dashboards import charts, frame, source, words

_CAPS = {"day": "Today, everyone", "month": "This month, everyone", "user_day": "Today, {}", "job": "Job {}"}


def draw() -> None:
    filters = frame.page("Costs", "charge_kind")
    if filters is None:
        return
    costs = source.ask("daily_cost", filters)
    _tiles(filters, costs)
    left, right = st.columns([3, 2])
    with left:
        _over_time(filters, costs)
    with right:
        _caps(filters)
    _by_provider(filters, costs)
    with frame.card("Per piece", "The dearest first. Stems and captions are part of their piece."):
        pieces = source.ask("cost_per_asset", _as_assets(filters))
        if pieces.empty:
            frame.nothing("pieces")
        else:
            frame.table(words.named(pieces, "kind", "source", "provider"), "cost_per_piece", {
                "name": "Piece", "kind": "Kind", "source": "Made as", "provider": "Provider", "user_id": "User",
                "cost_usd": st.column_config.NumberColumn("Cost", format="$%.4f"),
                "duration_s": st.column_config.NumberColumn("Seconds", format="%.1f"),
                "rating": st.column_config.NumberColumn("Rating", format="%d ★"),
                "created_at": st.column_config.DatetimeColumn("Made (UTC)", format="D MMM YYYY, HH:mm"), "id": None,
            })  # fmt: skip


def _tiles(filters: Filters, costs: pd.DataFrame) -> None:
    day = today()
    scope = {"kinds": filters.kinds, "providers": filters.providers, "user": filters.user}
    month = source.ask("daily_cost", Filters(day.replace(day=1), day, **scope))
    now = source.ask("daily_cost", Filters(day, day, **scope))
    yesterday = source.ask("daily_cost", Filters(day - timedelta(days=1), day - timedelta(days=1), **scope))
    spent, past = costs["settled_usd"].sum(), source.ask("daily_cost", frame.before(filters))["settled_usd"].sum()
    free = costs[costs["held_usd"] == 0]["charges"].sum()
    made = costs["charges"].sum()
    reserved = now["reserved_usd"].sum()
    this_month = Filters(day.replace(day=1), day)
    frame.tiles(
        {"label": "Today", "value": words.usd(now["settled_usd"].sum()),
         "delta": f"{words.usd(reserved)} reserved" if reserved else
         f"{words.usd(yesterday['settled_usd'].sum())} yesterday", "delta_color": "off", "delta_arrow": "off",
         "history": frame.per_day(costs, "settled_usd", filters)[-14:]},
        {"label": "This month", "value": words.usd(month["settled_usd"].sum()), "delta": f"{day:%B %Y}",
         "delta_color": "off", "delta_arrow": "off",
         "history": pd.Series(frame.per_day(month, "settled_usd", this_month)).cumsum()},
        {"label": "In the range", "value": words.usd(spent), **frame.against(spent, past, words.usd, less_is_better=True),
         "history": frame.per_day(costs, "settled_usd", filters)},
        {"label": "Made for nothing", "value": words.share(free / made) if made else "–",
         "delta": f"{free:,.0f} of {made:,.0f} calls", "delta_color": "off", "delta_arrow": "off",
         "history": frame.per_day(costs[costs["held_usd"] == 0], "charges", filters)},
    )  # fmt: skip


def _over_time(filters: Filters, costs: pd.DataFrame) -> None:
    with frame.card("Per day"):
        if costs.empty:
            frame.nothing("charges")
            return
        bar = st.container(horizontal=True)
        by = bar.segmented_control(
            "By", ["provider", "kind", "user_id"], default="provider", key="costs_by", label_visibility="collapsed", width="content",
            format_func={"provider": "Provider", "kind": "Kind", "user_id": "User"}.get, required=True,
        )  # fmt: skip
        free = costs["settled_usd"].sum() == 0
        what = bar.segmented_control(
            "What", ["settled_usd", "charges"], default="charges" if free else "settled_usd", key="costs_what",
            format_func={"settled_usd": "Dollars", "charges": "Calls"}.get, required=True, label_visibility="collapsed",
            width="content",
        )  # fmt: skip
        if free:
            st.caption("All of it cost $0.00: embedded engines bill nothing.")
        money = what == "settled_usd"
        charts.stacked(
            costs[costs["settled_usd"] > 0] if money and not free else costs, "day", str(what), str(by), "costs_days",
            label=words.usd if money else "{:,.0f}".format, prefix="$" if money else "",
            days=(filters.first_day, filters.last_day),
        )  # fmt: skip


def _caps(filters: Filters) -> None:
    with frame.card("Against the caps", "Settled and reserved together: what is reserved cannot be spent twice."):
        for cap in source.caps(filters.user, today()).itertuples():
            scope = _CAPS.get(str(cap.scope), str(cap.scope)).format(str(cap.subject))
            alerts = sorted(int(one) for one in cap.alert_percents)
            passed = [one for one in alerts if cap.percent >= one]
            warning = " · **cap reached**" if cap.percent >= 100 else f" · **over {passed[-1]} %**" if passed else ""
            st.progress(
                min(1.0, float(cap.percent) / 100),
                f"{scope}: {words.usd(cap.held_usd)} of {words.usd(cap.cap_usd)}{warning}".replace("$", r"\$"),
            )
        st.caption("Caps are changed in the studio, under Status.")


def _by_provider(filters: Filters, costs: pd.DataFrame) -> None:
    left, right = st.columns([3, 2])
    with left, frame.card("By provider and kind"):
        if costs.empty:
            frame.nothing("charges")
        else:
            found = costs.groupby(["provider", "kind"], as_index=False)[
                ["settled_usd", "reserved_usd", "charges"]
            ].sum()
            units = source.ask("cost_units", filters)
            if not units.empty:
                units["used"] = [f"{row.amount:,.0f} {row.unit}" for row in units.itertuples()]
                used = units.groupby(["provider", "kind"], as_index=False)["used"].agg(", ".join)
                found = found.merge(used, how="left", on=["provider", "kind"])
            found = found.sort_values(["settled_usd", "charges"], ascending=False)
            frame.table(words.named(found, "provider", "kind"), "cost_by_provider", {
                "provider": "Provider", "kind": "Kind", "used": "Billed for", "charges": "Calls",
                "settled_usd": st.column_config.NumberColumn("Spent", format="$%.4f"),
                "reserved_usd": st.column_config.NumberColumn("Reserved", format="$%.4f"),
            })  # fmt: skip
    with right, frame.card("By user"):
        if costs.empty:
            frame.nothing("charges")
        elif costs["settled_usd"].sum() > 0:
            charts.ranked(costs, "user_id", "settled_usd", "costs_users", label=words.usd)
        else:
            charts.ranked(costs, "user_id", "charges", "costs_users", label="{:,.0f} calls, $0.00".format)


def _as_assets(filters: Filters) -> Filters:
    """A charge's kind is the kind of work, an asset's the kind of piece."""
    pieces = {"speech": "voiceover", "import": "sound_effect"}
    kinds = tuple(pieces.get(kind, kind) for kind in filters.kinds)
    return Filters(filters.first_day, filters.last_day, kinds, filters.providers, filters.user)


draw()
