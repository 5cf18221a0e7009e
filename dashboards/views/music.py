"""Music: what was made and kept, what it cost and by whom, which moods, genres and templates are liked, how good engines
are, and where money is lost."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from core.analytics.advice import advice, plain
from core.analytics.queries import Filters
from core.kit.clock import today
from core.money.break_even import break_evens
from core.money.plans import PlanBook
from dashboards import charts, frame, source, trials, words

KIND = "music"
MONTH_DAYS = 30
FATES = ("kept", "draft", "open", "discarded", "repeated", "failed")
_PLAIN = {"delta_color": "off", "delta_arrow": "off"}
_PARAMETERS = {"model": "Engine and model", "length": "Length asked for", "tries": "Tries"}
_BY = {"provider": "Engine", "user_id": "User", "template": "Template"}


def draw() -> None:
    filters = frame.page("Music", "")
    if filters is None:
        return
    days = source.ask("music_days", filters)
    engines = source.ask("music_engines", filters)
    losses = source.ask("music_losses", filters)
    _tiles(filters, days, losses)
    left, right = st.columns([4, 3])
    with left:
        _over_time(filters, days)
    with right:
        _by_engine(engines)
    _lost(filters, losses, engines)
    _popular(filters)
    quality, kept = st.columns(2)
    with quality:
        _quality(engines)
    with kept:
        _kept(engines)
    trials.card(filters)
    _plans(filters, engines)
    _templates(filters)
    _batches(filters)


def _length(filters: Filters) -> int:
    return (filters.last_day - filters.first_day).days + 1


def _tiles(filters: Filters, days: pd.DataFrame, losses: pd.DataFrame) -> None:
    past = source.ask("music_days", frame.before(filters))
    made, kept, done = int(days["made"].sum()), int(days["kept"].sum()), int(days["done"].sum())
    spent, bought = float(days["settled_usd"].sum()), int(days["bought"].sum())
    batches = source.ask("music_batches", filters)
    ended = int((batches["done"] + batches["failed"]).sum())
    lost = losses[losses["lost"]]
    again = int(days["reused"].sum())
    frame.tiles(
        {"label": "Pieces made", "value": f"{made:,}", **frame.against(made, past["made"].sum(), "{:,.0f}".format),
         "history": frame.per_day(days, "made", filters), "help": "Finished; drafts are not counted."},
        {"label": "Kept", "value": words.share(kept / made) if made else "–", "delta": f"{kept:,} of {made:,} in no bin",
         **_PLAIN, "history": frame.per_day(days, "kept", filters)},
        {"label": "Done within 30 s", "value": words.share(days["in_time"].sum() / done) if done else "–",
         "delta": f"of {done:,} jobs, drafts too", **_PLAIN},
        {"label": "Made of batches", "value": words.share(batches["done"].sum() / ended) if ended else "–",
         "delta": f"of {ended:,} pieces that ended" if ended else "no batches", **_PLAIN},
    )  # fmt: skip
    frame.tiles(
        {"label": "Spent", "value": words.usd(spent),
         **frame.against(spent, float(past["settled_usd"].sum()), words.usd, less_is_better=True),
         "history": frame.per_day(days, "settled_usd", filters)},
        {"label": "A paid piece", "value": words.usd(spent / bought) if bought else "–",
         "delta": f"{words.usd(spent / made)} over all made" if made else "none made", **_PLAIN},
        {"label": "A month like this", "value": words.usd(spent / _length(filters) * MONTH_DAYS),
         "delta": f"from {_length(filters):,} days", **_PLAIN},
        {"label": "Lost", "value": words.usd(float(lost["usd"].sum())),
         "delta": f"{words.usd(float(days['saved_usd'].sum()))} saved, {again:,} used again", **_PLAIN,
         "help": "Paid for what failed, was discarded or was bought again. Saved: found in the library instead of bought."},
    )  # fmt: skip


def _over_time(filters: Filters, days: pd.DataFrame) -> None:
    with frame.card("Cost per day"):
        if days.empty:
            frame.nothing("music")
            return
        by = st.segmented_control(
            "By", list(_BY), default="provider", key="music_by", label_visibility="collapsed", width="content",
            format_func=_BY.get, required=True,
        )  # fmt: skip
        free = days["settled_usd"].sum() == 0
        if free:
            st.caption("All of it cost $0.00: counted in jobs.")
        found = days.assign(template=days["template_name"].where(days["template_id"] != "", "No template"))
        value = "jobs" if free else "settled_usd"
        charts.stacked(
            found[found[value] > 0], "day", value, str(by), "music_days", label="{:,.0f}".format if free else words.usd,
            prefix="" if free else "$", days=(filters.first_day, filters.last_day),
        )  # fmt: skip


def _by_engine(engines: pd.DataFrame) -> None:
    with frame.card(
        "Engines", "Average: what a paid generation cost. A kept piece carries the cost of those not kept."
    ):
        if engines.empty:
            frame.nothing("music")
            return
        number = st.column_config.NumberColumn
        shown = words.named(engines, "provider")[
            ["provider", "made", "settled_usd", "usd_each", "usd_per_kept", "in_time"]
        ]
        frame.table(shown.assign(in_time=shown["in_time"] * 100), "music_engines", {
            "provider": "Engine", "made": number("Made", format="%d"), "settled_usd": number("Spent", format="$%.2f"),
            "usd_each": number("Average", format="$%.3f"), "usd_per_kept": number("A kept piece", format="$%.3f"),
            "in_time": number("In 30 s", format="%.0f %%"),
        })  # fmt: skip


def _lost(filters: Filters, losses: pd.DataFrame, engines: pd.DataFrame) -> None:
    parameters = source.ask("music_parameters", filters)
    left, right = st.columns([3, 2])
    with left, frame.card("Where money is lost", "Each paid generation counts once: kept, or why it was not."):
        if losses.empty:
            frame.nothing("paid music")
        else:
            charts.parts(
                losses, "provider", "usd", "fate", FATES, "music_losses", label=words.usd, prefix="$"
            )  # fmt: skip
        hints = advice(losses, engines, parameters, _length(filters), words.name)
        for hint in hints[:5]:
            st.markdown(f"- {hint.text}".replace("$", r"\$"))
        if not hints and not losses.empty:
            st.caption("No suggestion: what was lost is too little to go by.")
    with right, frame.card("The costliest parameters", "What a paid generation cost; lost is what was not kept of it."):
        if parameters.empty:
            frame.nothing("paid music")
            return
        number = st.column_config.NumberColumn
        shown = parameters.assign(
            parameter=parameters["parameter"].map(_PARAMETERS), value=parameters["value"].map(_value)
        )
        frame.table(shown[["parameter", "value", "pieces", "usd_each", "lost_usd"]], "music_parameters", {
            "parameter": "What", "value": "Is", "pieces": number("Paid", format="%d"),
            "usd_each": number("Each", format="$%.3f"), "lost_usd": number("Lost", format="$%.2f"),
        })  # fmt: skip


def _value(value: str) -> str:
    engine, dot, model = plain(value).partition(" · ")
    return f"{words.name(engine)}{dot}{model}" if dot else plain(value)


def _popular(filters: Filters) -> None:
    tastes = source.ask("music_tastes", filters)
    templates = source.ask("music_templates", filters)
    moods, genres, liked = st.columns(3)
    for at, what, title in ((moods, "mood", "Moods"), (genres, "genre", "Genres")):
        with at, frame.card(title, "By pieces made."):
            found = tastes[tastes["what"] == what]
            if found.empty:
                frame.nothing(title.lower())
            else:
                charts.ranked(found, "value", "made", f"music_{what}", label="{:,.0f}".format)
    with liked, frame.card("Templates", "By use."):
        if templates.empty:
            frame.nothing("templates")
        else:
            charts.ranked(templates, "name", "uses", "music_liked", label="{:,.0f}".format)


def _quality(engines: pd.DataFrame) -> None:
    with frame.card("Quality by engine", "Scores of 0 to 100 as measured: half of the pieces lie within the box."):
        scored = engines[engines["scored"] > 0]
        if scored.empty:
            frame.nothing("scores")
            return
        figures = ("quality_min", "quality_p25", "quality_p50", "quality_p75", "quality_max")
        charts.boxes(scored, "provider", figures, "music_quality")
        below = ", ".join(
            f"{row.below:,} of {row.scored:,} at {words.name(row.provider)}" for row in scored.itertuples()
        )
        st.caption(f"Below the threshold: {below}.")


def _kept(engines: pd.DataFrame) -> None:
    with frame.card("Kept by engine", "Of the pieces made, those that are in no bin."):
        made = engines[engines["made"] > 0]
        if made.empty:
            frame.nothing("pieces")
        else:
            charts.ranked(made, "provider", "kept_rate", "music_kept", label=words.share)


def _plans(filters: Filters, engines: pd.DataFrame) -> None:
    with frame.card("When an unlimited plan pays", "Dollars a month against pieces paid one by one."):
        book = PlanBook(source.settings().prices_dir)
        rows = {str(row["provider"]): row for row in engines.to_dict("records")}
        paid = {name: Decimal(str(round(row["usd_each"], 6))) for name, row in rows.items() if row["bought"]}
        held = source.ask(
            "plan_months", Filters(filters.first_day, filters.last_day, (KIND,), filters.providers, filters.user)
        )
        by_plan = held.groupby("provider")["calls"].sum().to_dict()
        found = []
        for one in break_evens(book, KIND, paid):
            bought = rows.get(one.plan.provider, {}).get("bought", 0) + by_plan.get(one.plan.provider, 0)
            pace = bought / _length(filters) * MONTH_DAYS
            found.append({
                "plan": f"{words.name(one.plan.provider)}, {one.plan.title}", "usd": float(one.plan.usd_per_month),
                "each": float(one.usd_each), "from": "paid" if one.paid else "list", "pieces": one.pieces,
                "pace": round(pace), "verdict": "It pays" if pace >= one.pieces else "By the piece is cheaper",
            })  # fmt: skip
        if not found:
            frame.nothing("unlimited plans")
        else:
            number = st.column_config.NumberColumn
            frame.table(pd.DataFrame(found), "music_plans", {
                "plan": "Plan", "usd": number("A month", format="$%.2f"), "each": number("A piece without it", format="$%.3f"),
                "from": "Price as", "pieces": number("Pays from, a month", format="%d pieces"),
                "pace": number("Bought at this pace", format="%d a month"), "verdict": "So",
            })  # fmt: skip
        _amortised(filters, book)


def _amortised(filters: Filters, book: PlanBook) -> None:
    """The fee over what it paid for. Everybody's calls carry it, so only who sees them all can be told."""
    if not source.actor().is_admin or filters.user:
        return
    whole = Filters(filters.first_day.replace(day=1), today(), (KIND,), filters.providers)
    months = source.ask("plan_months", whole)
    fees = {(plan.provider, plan.plan): plan for plan in book.all()}
    for row in months.itertuples():
        plan = fees.get((str(row.provider), str(row.plan)))
        if plan is not None and plan.usd_per_month and row.month.date() <= filters.last_day:
            each = words.usd(float(plan.usd_per_month) / int(row.calls))
            fee = words.usd(float(plan.usd_per_month))
            st.caption(
                f"{words.name(plan.provider)}, {plan.title}, {row.month:%B %Y}: {fee} over {row.calls:,} pieces is {each} each.".replace("$", r"\$")
            )  # fmt: skip


def _templates(filters: Filters) -> None:
    templates = source.ask("music_templates", filters)
    with frame.card("Templates, all of them"):
        if templates.empty:
            frame.nothing("templates")
            return
        number = st.column_config.NumberColumn
        shown = templates.assign(kept_rate=templates["kept_rate"] * 100)
        frame.table(shown[["name", "uses", "made", "kept_rate", "quality", "settled_usd", "usd_each"]], "music_templates", {
            "name": "Template", "uses": number("Uses", format="%d"), "made": number("Made", format="%d"),
            "kept_rate": number("Kept", format="%.0f %%"), "quality": number("Mean score", format="%.0f"),
            "settled_usd": number("Spent", format="$%.4f"), "usd_each": number("A piece", format="$%.4f"),
        })  # fmt: skip


def _batches(filters: Filters) -> None:
    batches = source.ask("music_batches", filters)
    with frame.card("Batches", "Success: pieces made of those that have ended."):
        if batches.empty:
            frame.nothing("batches")
            return
        number = st.column_config.NumberColumn
        shown = words.named(batches, "status").assign(success=batches["success"] * 100)
        frame.table(
            shown[["title", "status", "items", "done", "failed", "success", "settled_usd", "created_at"]], "music_batches", {
                "title": "Batch", "status": "Status", "items": number("Pieces", format="%d"), "done": number("Made", format="%d"),
                "failed": number("Failed", format="%d"), "success": number("Success", format="%.0f %%"),
                "settled_usd": number("Spent", format="$%.4f"),
                "created_at": st.column_config.DatetimeColumn("Begun (UTC)", format="D MMM YYYY, HH:mm"),
            },
        )  # fmt: skip


draw()
