"""The plots of a report, on clear ground so that they sit on light and dark cards alike."""

from __future__ import annotations

from typing import Any

_ACCENT, _SECOND, _MUTED = "#ea5730", "#5b8def", "#8b8b96"
_GRID = "rgba(139,139,150,.22)"
_HEIGHT = 210
_STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
"""Seconds between two marks of the time axis."""
_MARKS = 9


def loudness(found: dict[str, Any]) -> Any:
    figure = _figure("LUFS", seconds=found["duration_s"])
    curves = found["curves"]
    _line(figure, curves["momentary_lufs"], "Momentary", _MUTED, 1)
    _line(figure, curves["short_term_lufs"], "Short-term", _ACCENT, 2)
    if found["lufs"] is not None:
        whole = {"start_s": 0.0, "step_s": found["duration_s"], "values": [found["lufs"], found["lufs"]]}
        _line(figure, whole, "Whole", _SECOND, 1, dash="dash")
        low = min(found["lufs"] - 24, -40)
        figure.update_yaxes(
            range=[max(low, -70), max(found["loudness"]["momentary_max_lufs"] or -10, found["lufs"]) + 3]
        )
    return figure


def spectrum(found: dict[str, Any]) -> Any:
    import plotly.graph_objects as go

    figure = _figure("dB", "Hz")
    figure.update_layout(showlegend=False, margin={"t": 8})
    rows = found["spectrum"]
    figure.add_trace(go.Scatter(x=rows["bands_hz"], y=rows["bands_db"], mode="lines", name="Level",
                                line={"color": _ACCENT, "width": 2, "shape": "spline"}))  # fmt: skip
    heard = [level for level in rows["bands_db"] if level > -99] or [-90.0]
    figure.update_xaxes(type="log", tickvals=[31, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000],
                        ticktext=["31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k"])  # fmt: skip
    figure.update_yaxes(range=[max(-100.0, min(heard) - 3), max(heard) + 4])
    return figure


def movement(found: dict[str, Any]) -> Any:
    figure = _figure("dBFS", seconds=found["duration_s"])
    level = found["curves"]["energy_dbfs"]
    _line(figure, level, "Level", _ACCENT, 2)
    if level["values"]:  # a fade or a silent start must not squash the rest
        loudest = max(level["values"])
        figure.update_yaxes(range=[max(min(level["values"]), loudest - 60, -90) - 3, loudest + 3])
    bright = found["curves"]["brightness_hz"]
    _line(figure, bright, "Brightness", _SECOND, 1.5, axis="y2")
    figure.update_layout(yaxis2={
        "overlaying": "y", "side": "right", "title": {"text": "Hz", "font": {"size": 11}}, "showgrid": False,
        "rangemode": "tozero", "automargin": True,
    })  # fmt: skip
    return figure


def chords(found: dict[str, Any]) -> Any:
    import plotly.graph_objects as go

    figure = _figure("", seconds=found["duration_s"])
    rows = [row for row in found["chords"] if row["chord"] != "N"]
    names = sorted({row["chord"] for row in rows}, key=lambda name: -sum(row["chord"] == name for row in rows))
    figure.add_trace(go.Bar(
        orientation="h", y=[row["chord"] for row in rows], base=[row["start_s"] for row in rows], name="",
        x=[row["end_s"] - row["start_s"] for row in rows], width=0.7,
        marker={"color": [f"rgba(234,87,48,{0.25 + 0.75 * row['confidence']:.2f})" for row in rows], "line": {"width": 0}},
        customdata=[[row["bar"], row["confidence"]] for row in rows],
        hovertemplate="bar %{customdata[0]}: %{y}, sure %{customdata[1]:.0%}<extra></extra>",
    ))  # fmt: skip
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], type="category", showgrid=False)
    figure.update_layout(
        height=max(_HEIGHT, 60 + 22 * len(names)), barmode="overlay", showlegend=False, margin={"t": 8}
    )
    return figure


def image(found: dict[str, Any]) -> Any:
    figure = _figure("", seconds=found["duration_s"])
    curves = found["stereo"]["curves"]
    _line(figure, curves["correlation"], "Correlation", _ACCENT, 2)
    _line(figure, curves["width"], "Width", _SECOND, 1.5)
    figure.update_yaxes(range=[-1.05, 1.05])
    return figure


def _figure(unit: str, across: str = "", seconds: float = 0.0) -> Any:
    """Over time where `seconds` is given: every such plot spans the whole piece, so that they can be compared."""
    import plotly.graph_objects as go

    figure = go.Figure()
    axis = {"gridcolor": _GRID, "zeroline": False, "linecolor": _GRID, "automargin": True}
    figure.update_layout(
        height=_HEIGHT, margin={"l": 8, "r": 8, "t": 24, "b": 8}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", font={"family": "Inter Variable, sans-serif", "size": 11, "color": _MUTED},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, hovermode="x unified", showlegend=True,
        hoverlabel={"bgcolor": "#222227", "font": {"color": "#ededf0", "size": 12}, "bordercolor": "#34343b"},
    )  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    if across:  # an empty title would still take its place
        figure.update_xaxes(title={"text": across, "font": {"size": 11}})
    if unit:
        figure.update_yaxes(title={"text": unit, "font": {"size": 11}})
    if seconds:
        step = next((step for step in _STEPS if seconds / step <= _MARKS), _STEPS[-1])
        marks = [step * number for number in range(int(seconds / step) + 1)]
        words = [
            f"{int(at // 60)}:{at % 60:04.1f}" if step < 1 else f"{int(at // 60)}:{int(at % 60):02d}" for at in marks
        ]
        figure.update_xaxes(range=[0, seconds], tickvals=marks, ticktext=words, hoverformat=".1f")
    return figure


def _line(
    figure: Any, curve: dict[str, Any], name: str, colour: str, width: float, axis: str = "y", dash: str = "solid"
) -> None:
    import plotly.graph_objects as go

    times = [round(curve["start_s"] + number * curve["step_s"], 2) for number in range(len(curve["values"]))]
    figure.add_trace(go.Scatter(x=times, y=curve["values"], mode="lines", name=name, yaxis=axis,
                                line={"color": colour, "width": width, "dash": dash}))  # fmt: skip
