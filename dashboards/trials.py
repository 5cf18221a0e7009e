"""What blind trials showed: how often each value won, with what is not known about it, over all of them or in one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from core.music.trials.rates import verdict, wilson
from dashboards import charts, frame, source, words

_ALL = ""
_AXES = {"bpm": "Tempo (BPM)", "seconds": "Length (s)", "provider": "Engine"}
_WRITTEN = ("prompt", "negative_prompt")
"""Values of these are numbers within one trial: over several they have nothing to do with each other."""


def card(filters: Filters) -> None:
    found = source.ask("music_trials", filters)
    with frame.card(
        "What wins in trials",
        "Chosen blind. The dot is the share of choices won, the line its 95 % interval, the mark what chance would win.",
    ):
        if found.empty:
            frame.nothing("choices in trials")
            return
        names = dict(zip(found["trial_id"], found["trial"], strict=True))
        one = st.selectbox(
            "Trial", [_ALL, *names], format_func=lambda trial: names.get(trial, "All trials"), key="music_trial",
            label_visibility="collapsed",
        )  # fmt: skip
        rows = rates(found, str(one or _ALL))
        ties = int(found[found["trial_id"] == one]["ties"].max()) if one else _ties(found)
        if rows.empty:
            frame.nothing("winner")
        else:
            _drawn(rows)
        if ties:
            st.caption(
                f"Beside them {ties:,} {'choice' if ties == 1 else 'choices'} of no difference, which count for nobody."
            )


def rates(found: pd.DataFrame, trial: str = _ALL) -> pd.DataFrame:
    """One row a thing compared and value, its best first: as a trial's own result says it."""
    rows = found[found["trial_id"] == trial] if trial else found[~found["axis"].isin(_WRITTEN)]
    summed = rows.groupby(["axis", "value"], as_index=False)[["choices", "wins", "expected"]].sum()
    summed = summed[summed["choices"] > 0]
    told = []
    for row in summed.itertuples():
        wins, choices = int(row.wins), int(row.choices)
        low, high = wilson(wins, choices)
        chance = row.expected / choices
        told.append({
            "axis": row.axis, "what": _AXES.get(row.axis, words.reason(row.axis)), "value": words.name(row.value),
            "wins": wins, "choices": choices, "rate": wins / choices, "low": low, "high": high, "chance": chance,
            "verdict": verdict(low, high, chance, choices),
        })  # fmt: skip
    columns = ["axis", "what", "value", "wins", "choices", "rate", "low", "high", "chance", "verdict"]
    return pd.DataFrame(told, columns=columns).sort_values(["axis", "rate", "value"], ascending=[True, False, True])


def _ties(found: pd.DataFrame) -> int:
    """A tied choice stands at every value there was: once a trial and thing compared is enough."""
    return int(found.groupby("trial_id")["ties"].max().sum())


def _drawn(rows: pd.DataFrame) -> None:
    plot, table = st.columns([2, 3])
    with plot:
        charts.intervals(rows.assign(name=rows["what"] + " " + rows["value"]), "name", "music_trials")
    with table:
        number = st.column_config.NumberColumn
        shares = {name: rows[name] * 100 for name in ("rate", "chance")}
        between = [f"{row.low:.0%} to {row.high:.0%}" for row in rows.itertuples()]
        shown = rows.assign(**shares, between=between)
        frame.table(
            shown[["what", "value", "wins", "choices", "rate", "between", "chance", "verdict"]], "music_trials", {
                "what": "What", "value": "Is", "wins": number("Won", format="%d"), "choices": number("Choices", format="%d"),
                "rate": number("Win rate", format="%.0f %%"), "between": "95 %",
                "chance": number("By chance", format="%.0f %%"), "verdict": "So far",
            },
        )  # fmt: skip
