"""What every page shares: its head with "as of" and the way back, filters, tiles, empty states and downloads."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from core.kit.clock import today
from dashboards import source, words

POLL_SECONDS = 3
PERIODS: dict[str, int] = {"7 d": 7, "30 d": 30, "90 d": 90}
ALL, OWN = "All", "Dates"

_STYLE = """<style>
.block-container{padding-top:4.2rem!important;padding-bottom:2.5rem;max-width:1440px}
[data-testid=stMetricValue]{font-weight:600;letter-spacing:-.02em;font-size:1.7rem;font-variant-numeric:tabular-nums}
[data-testid=stMetricDelta]{font-variant-numeric:tabular-nums}
.figures{font-variant-numeric:tabular-nums}
@media (max-width:640px){.block-container{padding-left:1rem!important;padding-right:1rem!important}
[data-testid=stMetricValue]{font-size:1.4rem}
[data-testid=stHorizontalBlock]:has(>[data-testid=stColumn] [data-testid=stMetric])>[data-testid=stColumn]
{flex:1 1 calc(50% - .5rem)!important;min-width:calc(50% - .5rem)!important}}
</style>"""

_PROBLEMS = {
    "missing": (
        "There is nothing to show yet",
        "The figures are gathered a few seconds after the first job. Start the studio with `make studio` and make "
        "something, or try it with ten ready-made pieces: `studio demo`. If you already did, run `studio mart refresh`.",
    ),
    "other_version": (
        "These figures were gathered by another version of the studio",
        "They are gathered anew by the running studio within seconds of the next job, or at once by: "
        "`studio mart refresh`.",
    ),
    "damaged": (
        "The file with the figures cannot be read",
        "Nothing is lost: it is only a copy, made again from the studio's own records by: `studio mart refresh`.",
    ),
}


def page(title: str, noun: str) -> Filters | None:
    """The head and the filters of a page. None when there is nothing to filter: the page then says so and ends.
    `noun` is the kind of row whose kinds can be chosen: charge_kind, job_kind or asset_kind; empty: there is one kind."""
    st.html(_STYLE)
    mart = source.mart()
    version = mart.version
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        st.link_button("Open the studio ↗", source.studio_address())
    _watch(version)
    if version is None:
        head, remedy = _PROBLEMS[mart.problem or "missing"]
        empty(head, remedy)
        return None
    choices = mart.choices()
    if not choices:
        empty(
            "Nothing has been made yet",
            "Open the studio and make something, or run `studio demo`, which makes ten pieces. This page follows by "
            "itself.",
        )
        return None
    return _filters(title, noun, choices)


@st.fragment(run_every=POLL_SECONDS)
def _watch(shown: Any) -> None:
    """Says how fresh the figures are, and draws the page again when a newer mart is in place."""
    mart = source.mart()
    if mart.version != shown:
        st.rerun()
    moment = mart.as_of
    if moment is not None:
        st.caption(f"As of {moment:%-d %b %Y, %H:%M:%S} UTC · days are UTC days · follows by itself")


def _filters(title: str, noun: str, choices: dict[str, list[str]]) -> Filters:
    kept = st.session_state.setdefault("kept_filters", {})
    bar = st.container(horizontal=True, vertical_alignment="center")
    kinds = [] if not noun else bar.pills(
        "Kinds", choices.get(noun, []), selection_mode="multi", format_func=words.name, key=f"{title}_kinds",
        default=[kind for kind in kept.get(noun, []) if kind in choices.get(noun, [])], label_visibility="collapsed", width="content",
    )  # fmt: skip
    period = bar.segmented_control(
        "Period", [*PERIODS, ALL, OWN], default=kept.get("period", "30 d"), key=f"{title}_period",
        label_visibility="collapsed", required=True, width="content",
    )  # fmt: skip
    first, last = _days(str(period), choices, kept, title, bar)
    with bar.popover("Filter"):
        providers = st.multiselect(
            "Providers", choices.get("provider", []), format_func=words.name, key=f"{title}_providers",
            default=[one for one in kept.get("providers", []) if one in choices.get("provider", [])],
            placeholder="All",
        )  # fmt: skip
        users = ["", *choices.get("user", [])]
        user = st.selectbox(
            "User", users, index=users.index(kept.get("user", "")) if kept.get("user", "") in users else 0,
            format_func=lambda one: one or "Everyone", key=f"{title}_user",
        )  # fmt: skip
    kept.update({**({noun: kinds} if noun else {}), "period": period, "providers": providers, "user": user})
    if providers or user:
        said = [*(words.name(one) for one in providers), *([user] if user else [])]
        st.caption("Only " + ", ".join(said))
    return Filters(first, last, tuple(kinds), tuple(providers), str(user or ""))


def _days(period: str, choices: dict[str, list[str]], kept: dict[str, Any], title: str, at: Any) -> tuple[date, date]:
    last = today()
    begun = date.fromisoformat(choices["first_day"][0]) if choices.get("first_day") else last
    if period == ALL:
        return min(begun, last), last
    if period != OWN:
        return last - timedelta(days=PERIODS[period] - 1), last
    chosen = at.date_input(
        "From and to", kept.get("days", (last - timedelta(days=29), last)), max_value=last, key=f"{title}_days",
        label_visibility="collapsed", format="YYYY-MM-DD", width=250,
    )  # fmt: skip
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    if len(days) == 2:
        kept["days"] = days
        return days[0], days[1]
    return (days[0], days[0]) if days else (last, last)


def before(filters: Filters) -> Filters:
    """The same length of time just before, to compare with."""
    length = filters.last_day - filters.first_day + timedelta(days=1)
    return Filters(
        filters.first_day - length, filters.last_day - length, filters.kinds, filters.providers, filters.user
    )


def empty(head: str, remedy: str) -> None:
    with st.container(border=True):
        st.subheader(head, anchor=False)
        st.markdown(remedy)


def nothing(what: str) -> None:
    st.caption(f"No {what} in this range.")


def card(title: str, note: str = "") -> AbstractContextManager[Any]:
    box = st.container(border=True, height="stretch")
    box.subheader(title, anchor=False, help=note or None)
    return box


def tiles(*figures: dict[str, Any]) -> None:
    """Figures in a row, each a keyword set for st.metric; a short history is drawn where `history` has two days."""
    for column, figure in zip(st.columns(len(figures)), figures, strict=True):
        history = list(figure.pop("history", []))
        drawn = {"chart_data": history, "chart_type": "area"} if len(history) > 1 else {}
        column.metric(**figure, **drawn, border=True, height="stretch")


def against(now: float, past: float, write: Callable[[float], str], *, less_is_better: bool = False) -> dict[str, Any]:
    """How a figure stands to the range before; coloured only where less of it is better, as of costs."""
    if not past or pd.isna(past) or pd.isna(now):
        return {"delta": "nothing in the range before", "delta_color": "off", "delta_arrow": "off"}
    change = now - past
    if round(change, 9) == 0:
        return {"delta": "as in the range before", "delta_color": "off", "delta_arrow": "off"}
    return {
        "delta": f"{'-' if change < 0 else '+'}{write(abs(change))}", "delta_description": "than before",
        "delta_color": "inverse" if less_is_better else "off",
    }  # fmt: skip


def per_day(frame: pd.DataFrame, value: str, filters: Filters, how: str = "sum") -> list[float]:
    """One figure a day over the whole range, days without rows included."""
    days = pd.date_range(filters.first_day, filters.last_day)
    if frame.empty:
        return [0.0] * len(days)
    found = frame.assign(day=pd.to_datetime(frame["day"])).groupby("day")[value].agg(how)
    filled: list[float] = found.reindex(days).fillna(0).astype(float).tolist()
    return filled


def table(frame: pd.DataFrame, file: str, columns: dict[str, Any], *, most: int = 500) -> None:
    """The first rows to look at, and every row to take along."""
    shown = frame.head(most)
    st.dataframe(
        shown, hide_index=True, width="stretch", column_config=columns, placeholder="–", key=f"{file}_table",
        height="content" if len(shown) <= 10 else 420,
    )  # fmt: skip
    if len(frame) > most:
        st.caption(f"The first {most:,} of {len(frame):,} rows; the files have all of them.")
    downloads(frame, file)


def downloads(frame: pd.DataFrame, file: str) -> None:
    with st.container(horizontal=True):
        _download("CSV", f"{file}.csv", lambda: frame.to_csv(index=False).encode(), "text/csv")
        _download("Parquet", f"{file}.parquet", lambda: _parquet(frame), "application/vnd.apache.parquet")


def _download(label: str, file: str, data: Callable[[], bytes], mime: str) -> None:
    # A callable is run on the click only; drawing a page must not write a file a table.
    st.download_button(f"↓ {label}", data, file, mime, on_click="ignore", type="tertiary", key=file)


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
