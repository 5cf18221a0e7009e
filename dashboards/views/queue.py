"""Queue and providers: what runs and waits, how long things take, what fails and why, and whether the promise is kept."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from dashboards import charts, frame, source, words


def draw() -> None:
    filters = frame.page("Queue and providers", "job_kind")
    if filters is None:
        return
    counts = source.ask("job_counts", filters)
    waits = source.ask("waits", filters)
    jobs = source.ask("jobs", filters)
    _tiles(filters, counts, jobs)
    left, right = st.columns([3, 2])
    with left, frame.card("Jobs per day"):
        if counts.empty:
            frame.nothing("jobs")
        else:
            charts.stacked(counts, "day", "jobs", "kind", "queue_days", label="{:,.0f}".format,
                           days=(filters.first_day, filters.last_day))  # fmt: skip
    with right:
        _promise(filters)
        _now(filters)
    left, right = st.columns(2)
    with left, frame.card("How long it takes", "Each bar runs from the median to the 95th percentile."):
        if waits.empty:
            frame.nothing("jobs that started")
        else:
            charts.spans(waits, "kind", {"Running": ("run_p50_s", "run_p95_s"), "Waiting": ("wait_p50_s", "wait_p95_s")},
                         "queue_spans")  # fmt: skip
    with right, frame.card("Providers, 95th percentile per day"):
        days = source.ask("provider_days", filters)
        days = days[days["p95_s"].notna()]
        if days.empty:
            frame.nothing("answered calls")
        else:
            daily = days.groupby(["day", "provider"], as_index=False)["p95_s"].max()
            charts.lines(daily, "day", "p95_s", "provider", "queue_p95", suffix=" s")
    _providers(filters)
    _failures(filters)
    with frame.card("Jobs"):
        if jobs.empty:
            frame.nothing("jobs")
        else:
            number = st.column_config.NumberColumn
            frame.table(words.named(jobs, "kind", "status", "provider"), "jobs", {
                "title": "Job", "kind": "Kind", "status": "Status", "provider": "Provider", "user_id": "User",
                "attempts": "Calls", "wait_s": number("Waited, s", format="%.2f"),
                "run_s": number("Ran, s", format="%.2f"), "total_s": number("In all, s", format="%.2f"),
                "cost_usd": number("Cost", format="$%.4f"), "error_code": "Error", "error_message": "What it said",
                "created_at": st.column_config.DatetimeColumn("Asked for (UTC)", format="D MMM YYYY, HH:mm:ss"),
                "started_at": None, "finished_at": None, "id": None,
            })  # fmt: skip


def _tiles(filters: Filters, counts: pd.DataFrame, jobs: pd.DataFrame) -> None:
    done, failed = counts[counts["status"] == "done"], counts[counts["status"].isin(["failed", "unknown"])]
    ended = done["jobs"].sum() + failed["jobs"].sum()
    past = source.ask("job_counts", frame.before(filters))
    before = past[past["status"] == "done"]["jobs"].sum()
    dated = jobs.assign(day=pd.to_datetime(jobs["created_at"]).dt.normalize())
    late = jobs["wait_s"].quantile(0.95)
    frame.tiles(
        {"label": "Jobs done", "value": f"{done['jobs'].sum():,.0f}", **frame.against(done["jobs"].sum(), before, "{:,.0f}".format),
         "history": frame.per_day(done, "jobs", filters)},
        {"label": "Median wait", "value": words.seconds(jobs["wait_s"].median()),
         "delta": f"95 % within {words.seconds(late)}", "delta_color": "off", "delta_arrow": "off",
         "history": frame.per_day(dated, "wait_s", filters, "median")},
        {"label": "Median run", "value": words.seconds(jobs["run_s"].median()),
         "delta": f"95 % within {words.seconds(jobs['run_s'].quantile(0.95))}", "delta_color": "off",
         "delta_arrow": "off", "history": frame.per_day(dated, "run_s", filters, "median")},
        {"label": "Failed", "value": words.share(failed["jobs"].sum() / ended) if ended else "–",
         "delta": f"{failed['jobs'].sum():,.0f} of {ended:,.0f} ended", "delta_color": "off", "delta_arrow": "off",
         "history": frame.per_day(failed, "jobs", filters)},
    )  # fmt: skip


def _promise(filters: Filters) -> None:
    with frame.card("In time", "From being asked for to the finished file, jobs that were done."):
        targets = source.ask("targets", filters)
        if targets.empty:
            frame.nothing("finished speech or music")
        for one in targets.itertuples():
            st.progress(
                float(one.share),
                f"{words.name(one.kind)} within {one.target_s} s: **{words.share(float(one.share))}** "
                f"({one.within:,} of {one.done:,})",
            )


def _now(filters: Filters) -> None:
    with frame.card("Now"):
        live = source.ask("queue_now", filters)
        running, waiting = (live["status"] == "running").sum(), (live["status"] == "waiting").sum()
        st.markdown(f"**{running}** running · **{waiting}** waiting")
        for one in live.head(4).itertuples():
            paused = ", paused" if one.paused else ""
            st.text(f"{words.name(one.status)}{paused} · {words.name(one.kind)} · {one.title}")


def _providers(filters: Filters) -> None:
    with frame.card("Providers"):
        found = source.ask("providers", filters)
        if found.empty:
            frame.nothing("calls to providers")
            return
        number = st.column_config.NumberColumn
        frame.table(words.named(found, "provider", "kind"), "providers", {
            "provider": "Provider", "kind": "Kind", "attempts": "Calls", "succeeded": "Answered", "failed": "Failed",
            "success": st.column_config.ProgressColumn("Success", format="percent", min_value=0, max_value=1),
            "p50_s": number("p50, s", format="%.2f"), "p95_s": number("p95, s", format="%.2f"),
        })  # fmt: skip


def _failures(filters: Filters) -> None:
    with frame.card("What failed, and why"):
        found = source.ask("failures", filters)
        if found.empty:
            st.caption("Nothing failed in this range.")
            return
        frame.table(words.named(found, "provider", "kind").assign(
            reason=found["reason"].map(words.reason), what=found["what"].map({"call": "Call", "job": "Job"}),
        ), "failures", {
            "what": "Where", "provider": "Provider", "kind": "Kind", "reason": "Reason", "times": "Times",
            "last_message": "Said last",
            "last_at": st.column_config.DatetimeColumn("Last (UTC)", format="D MMM YYYY, HH:mm"),
        })  # fmt: skip


draw()
