"""The charts: Plotly, quiet, in the studio's colours; the light or dark of the page comes from Streamlit."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboards import words

COLOURS = ("#ea5730", "#3b8589", "#c9a227", "#8a6fb8", "#6f9a3e", "#7d7d88")
_OF = {
    "speech": COLOURS[0], "voiceover": COLOURS[0], "music": COLOURS[1], "mix": COLOURS[2], "sound_effect": COLOURS[3], "stem": COLOURS[5],
    "import": COLOURS[3], "yes": "#3b8589", "no": "#ea5730", "unknown": "#c9a227", "espeak": COLOURS[0],
    "kept": COLOURS[1], "draft": COLOURS[5], "discarded": COLOURS[0], "failed": COLOURS[3], "repeated": COLOURS[2],
    "Talking head": COLOURS[0], "Conversation": COLOURS[2], "Action": COLOURS[3], "Montage": COLOURS[4], "Titles": COLOURS[5],
    "Product": "#c06a94", "Landscape": COLOURS[1], "Calm": "#7fb0d6", "As suggested": COLOURS[1], "Changed": COLOURS[2],
    "Thrown away": COLOURS[0], "Failed": COLOURS[3], "Under way": COLOURS[5],
    "The cache": COLOURS[1], "The catalogue": COLOURS[2], "Nobody: it failed": COLOURS[0],
    "composer": COLOURS[1], "mixer": COLOURS[2], "elevenlabs": COLOURS[3], "openai": COLOURS[4],
    "mubert": COLOURS[0], "soundraw": COLOURS[2], "stability": COLOURS[3], "musicgen": COLOURS[4], "beatoven": COLOURS[5],
}  # fmt: skip


MANY = 5
"""Names, beyond which a legend over a chart would lie on it."""


def colour(value: str, place: int) -> str:
    """The same thing has the same colour on every page."""
    return _OF.get(value, COLOURS[place % len(COLOURS)])


def show(figure: go.Figure, key: str, *, height: int = 280, top: int = 28, below: bool = False, **layout: Any) -> None:
    """`below`: the legend stands under the chart, where many names have room."""
    legend = {"y": -0.14, "yanchor": "top"} if below else {"y": 1.16}
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": top, "b": 8}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", bargap=0.25, font={"size": 12}, dragmode=False,
        legend={"orientation": "h", "x": 0, "title": None} | legend, **layout,
    )  # fmt: skip
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, title=None)
    st.plotly_chart(figure, width="stretch", key=key, config={"displayModeBar": False})


def stacked(
    frame: pd.DataFrame, x: str, value: str, by: str, key: str, *, label: Callable[[float], str], prefix: str = "",
    suffix: str = "", days: tuple[Any, Any] | None = None,
) -> None:  # fmt: skip
    """Bars over time, one colour a value of `by`; what is largest lies at the bottom."""
    figure = go.Figure()
    # Plotly takes a bar's width from its neighbours: the only day of a young studio would be a hairline.
    width = 18 * 3600 * 1000 if frame[x].nunique() == 1 else None
    order = frame.groupby(by)[value].sum().sort_values(ascending=False).index
    for place, part in enumerate(order):
        rows = frame[frame[by] == part].groupby(x, as_index=False)[value].sum()
        figure.add_bar(
            x=rows[x], y=rows[value], name=words.name(part), marker_color=colour(str(part), place),
            customdata=[label(one) for one in rows[value]], hovertemplate="%{customdata}", width=width,
        )  # fmt: skip
    if days is not None:
        half = pd.Timedelta(hours=12)
        figure.update_xaxes(range=[pd.Timestamp(days[0]) - half, pd.Timestamp(days[1]) + half])
    figure.update_xaxes(type="date", hoverformat="%a %-d %b %Y", showgrid=False, tickformat="%-d %b")
    figure.update_yaxes(tickprefix=prefix, ticksuffix=suffix, rangemode="tozero", nticks=5)
    many = len(order) > MANY
    show(figure, key, barmode="stack", hovermode="x unified", showlegend=True, below=many, height=360 if many else 280)


def ranked(
    frame: pd.DataFrame, what: str, value: str, key: str, *, label: Callable[[float], str], most: int = 8,
    by_name: bool = False,
) -> None:  # fmt: skip
    """Names with a bar and its figure, the largest on top. Beyond `most` the rest is added up and says so."""
    found = frame.groupby(what, as_index=False)[value].sum().sort_values(value, ascending=False)
    if len(found) > most:
        rest = pd.DataFrame({what: [f"{len(found) - most + 1} more"], value: [found[value].iloc[most - 1 :].sum()]})
        found = pd.concat([found.head(most - 1), rest])
    if by_name:
        found = found.sort_values(what, ascending=False)
    found = found.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=found[value], y=[words.name(one) for one in found[what]], orientation="h",
            marker_color=[_OF.get(str(one), COLOURS[0]) for one in found[what]],
            text=[label(one) for one in found[value]], textposition="outside", cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    top = float(found[value].max() or 1)
    figure.update_xaxes(visible=False, range=[0, top * 1.22])
    figure.update_yaxes(automargin=True, ticklabelstandoff=6, showgrid=False)
    show(figure, key, height=20 + 34 * len(found), top=4, showlegend=False)


def parts(
    frame: pd.DataFrame, what: str, value: str, by: str, order: tuple[str, ...], key: str, *, label: Callable[[float], str],
    prefix: str = "",
) -> None:  # fmt: skip
    """One bar a name, cut into the parts of `order`; the largest on top."""
    figure = go.Figure()
    names = list(frame.groupby(what)[value].sum().sort_values().index)
    for place, part in enumerate(one for one in order if one in set(frame[by])):
        rows = frame[frame[by] == part].groupby(what)[value].sum().reindex(names).fillna(0)
        figure.add_bar(
            x=rows, y=[words.name(one) for one in names], orientation="h", name=words.name(part),
            marker_color=colour(part, place), customdata=[label(one) for one in rows],
            hovertemplate="%{y}: %{customdata}",
        )  # fmt: skip
    figure.update_xaxes(tickprefix=prefix, rangemode="tozero", nticks=5)
    figure.update_yaxes(automargin=True, ticklabelstandoff=6, showgrid=False)
    show(figure, key, height=100 + 38 * len(names), barmode="stack", showlegend=True)


def columns(
    frame: pd.DataFrame, what: str, value: str, by: str, order: tuple[str, ...], key: str, *, label: Callable[[float], str],
) -> None:  # fmt: skip
    """Standing bars in the order of `order`, one colour a value of `by`, named when one points at them; what is largest
    lies at the bottom."""
    figure = go.Figure()
    for place, part in enumerate(frame.groupby(by)[value].sum().sort_values(ascending=False).index):
        rows = frame[frame[by] == part].groupby(what)[value].sum().reindex(list(order)).fillna(0)
        figure.add_bar(
            x=list(order), y=rows, name=words.name(part), marker_color=colour(str(part), place),
            customdata=[label(one) for one in rows], hovertemplate="%{customdata}",
        )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="category")
    figure.update_yaxes(rangemode="tozero", nticks=5)
    show(figure, key, height=300, barmode="stack", hovermode="x unified", showlegend=False)


def boxes(frame: pd.DataFrame, what: str, figures: tuple[str, str, str, str, str], key: str) -> None:
    """Lowest, quarter, half, three quarters, highest of each name, already counted."""
    low, quarter, half, most, high = figures
    rows = frame.iloc[::-1]
    figure = go.Figure()
    for place, (_, row) in enumerate(rows.iterrows()):
        figure.add_box(
            y=[words.name(row[what])], lowerfence=[row[low]], q1=[row[quarter]], median=[row[half]], q3=[row[most]],
            upperfence=[row[high]], orientation="h", name=words.name(row[what]), hoveron="boxes", width=0.45,
            marker_color=colour(str(row[what]), place), showlegend=False,
        )  # fmt: skip
    figure.update_xaxes(range=[0, 100], nticks=6)
    figure.update_yaxes(automargin=True, showgrid=False, ticklabelstandoff=6)
    show(figure, key, height=50 + 44 * len(rows), top=8)


def intervals(
    frame: pd.DataFrame, what: str, key: str, *, most: int = 16, dot: str = "Won", mark: str = "By chance"
) -> None:
    """A share (rate) as a dot on the line of its interval (low to high), and a mark where chance lies. Beyond `most` rows
    those with the most choices are drawn. `dot` and `mark` are what they are called."""
    rows = frame.loc[frame["choices"].nlargest(most).index.sort_values()] if len(frame) > most else frame
    rows = rows.iloc[::-1]
    said = [
        f"{row.rate:.0%}, {row.wins} of {row.choices}; 95 %: {row.low:.0%} to {row.high:.0%}; {mark.lower()} {row.chance:.0%}"
        for row in rows.itertuples()
    ]
    figure = go.Figure()
    figure.add_scatter(
        x=rows["chance"], y=rows[what], mode="markers", name=mark, hoverinfo="skip",
        marker={"symbol": "line-ns", "size": 16, "line": {"color": COLOURS[5], "width": 2}},
    )  # fmt: skip
    figure.add_scatter(
        x=rows["rate"], y=rows[what], mode="markers", name=dot, marker={"color": COLOURS[0], "size": 9},
        error_x={
            "type": "data", "symmetric": False, "array": rows["high"] - rows["rate"], "arrayminus": rows["rate"] - rows["low"],
            "thickness": 2, "width": 0,
        },
        customdata=said, hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", nticks=6)
    figure.update_yaxes(automargin=True, ticklabelstandoff=6, showgrid=False, type="category")
    show(figure, key, height=90 + 32 * len(rows), showlegend=True)


def area(frame: pd.DataFrame, x: str, value: str, key: str, *, label: Callable[[float], str]) -> None:
    figure = go.Figure(
        go.Scatter(
            x=frame[x], y=frame[value], mode="lines", fill="tozeroy", line={"color": COLOURS[1], "width": 2},
            fillcolor="rgba(59,133,137,.16)", customdata=[label(one) for one in frame[value]],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(type="date", hoverformat="%a %-d %b %Y", showgrid=False, tickformat="%-d %b")
    figure.update_yaxes(rangemode="tozero", nticks=5)
    show(figure, key, hovermode="x unified")


def spans(frame: pd.DataFrame, what: str, pairs: dict[str, tuple[str, str]], key: str) -> None:
    """From the median to the 95th percentile, one line a row and measure: how long it takes, and how long at worst."""
    figure = go.Figure()
    rows = frame.iloc[::-1]
    for place, (title, (middle, high)) in enumerate(pairs.items()):
        shade = COLOURS[place]
        names = [words.name(one) for one in rows[what]]
        figure.add_bar(
            y=names, x=rows[high] - rows[middle], base=rows[middle], orientation="h", name=title, width=0.22,
            offset=0.05 - 0.32 * place, marker={"color": shade, "opacity": 0.7, "cornerradius": 4},
            text=[f"{words.seconds(a)} – {words.seconds(b)}" for a, b in zip(rows[middle], rows[high], strict=True)],
            textposition="outside", cliponaxis=False,
            customdata=[[words.seconds(a), words.seconds(b)] for a, b in zip(rows[middle], rows[high], strict=True)],
            hovertemplate=f"{title}: half within %{{customdata[0]}}, 95 % within %{{customdata[1]}}<extra></extra>",
        )  # fmt: skip
    highest = max(float(frame[high].max()) for _, high in pairs.values() if frame[high].notna().any())
    figure.update_xaxes(ticksuffix=" s", range=[0, highest * 1.3], nticks=6)
    figure.update_yaxes(automargin=True, showgrid=False, ticklabelstandoff=6)
    show(figure, key, height=110 + 48 * len(rows), barmode="overlay")


def lines(
    frame: pd.DataFrame, x: str, value: str, by: str, key: str, *, suffix: str = "", prefix: str = "",
    label: Callable[[float], str] = words.seconds,
) -> None:  # fmt: skip
    figure = go.Figure()
    for place, part in enumerate(sorted(frame[by].unique())):
        rows = frame[frame[by] == part].sort_values(x)
        figure.add_scatter(
            x=rows[x], y=rows[value], name=words.name(part), mode="lines+markers", marker={"size": 5},
            line={"color": colour(str(part), place), "width": 2}, customdata=[label(one) for one in rows[value]],
            hovertemplate="%{customdata}",
        )  # fmt: skip
    figure.update_xaxes(type="date", hoverformat="%a %-d %b %Y", showgrid=False, tickformat="%-d %b")
    figure.update_yaxes(tickprefix=prefix, ticksuffix=suffix, rangemode="tozero", nticks=5)
    show(figure, key, hovermode="x unified")


def calendar(frame: pd.DataFrame, day: str, what: str, key: str, *, first: Any, weeks: int = 53) -> None:
    """A square a day from the week of `first` on, darker the more end that day; one points at it for their names."""
    begin = pd.Timestamp(first) - pd.Timedelta(days=pd.Timestamp(first).weekday())
    days = pd.date_range(begin, periods=weeks * 7)
    by_day = frame.groupby(frame[day].dt.normalize())[what].agg(list).reindex(days)
    counts = [0 if not isinstance(names, list) else len(names) for names in by_day]
    said = [
        f"{moment:%a %-d %b %Y}: " + (_listed(names) if isinstance(names, list) else "nothing ends")
        for moment, names in zip(days, by_day, strict=True)
    ]
    # Columns are weeks, rows their days.
    grid = [[counts[week * 7 + place] or None for week in range(weeks)] for place in range(7)]
    texts = [[said[week * 7 + place] for week in range(weeks)] for place in range(7)]
    blank = [[0 for _ in range(weeks)] for _ in range(7)]
    mondays = [moment for moment in days if moment.weekday() == 0]
    same: dict[str, Any] = {"x": mondays, "y": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "xgap": 2, "ygap": 2,
                            "showscale": False, "customdata": texts, "hovertemplate": "%{customdata}<extra></extra>"}  # fmt: skip
    figure = go.Figure()
    figure.add_heatmap(z=blank, colorscale=[[0, "rgba(125,125,136,.14)"], [1, "rgba(125,125,136,.14)"]], **same)
    figure.add_heatmap(z=grid, zmin=0, zmax=max(3, *counts), colorscale=[[0, "#f3c6b6"], [1, COLOURS[0]]], **same)
    figure.update_xaxes(type="date", tickformat="%b\n%Y", nticks=8, tickangle=0, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickvals=["Mon", "Wed", "Fri", "Sun"])
    show(figure, key, height=190, top=4)


def _listed(names: list[Any], most: int = 6) -> str:
    shown = "<br>".join(html.escape(str(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown}<br>and {len(names) - most:,} more"
