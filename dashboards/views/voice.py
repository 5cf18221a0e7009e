"""Voice: speech by engine and voice, what was kept of it, what a kept minute cost, what cloned voices are used for, and
why engines failed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters
from dashboards import charts, frame, source, words

SPEECH = "speech"
SOON_S = 120.0  # a voice is promised to be learned within it


def draw() -> None:
    filters = frame.page("Voice", "asset_kind")
    if filters is None:
        return
    voices = source.ask("voices", filters)
    _tiles(filters, voices)
    engines, by_voice = st.columns(2)
    with engines, frame.card("Minutes by engine"):
        _ranked(voices, "provider", "voice_engines")
    with by_voice, frame.card("Minutes by voice"):
        _ranked(voices, "voice", "voice_voices")
    _cloned(filters)
    _units(filters)
    _failures(filters)
    with frame.card(
        "Every voice", "Takes made and kept; a kept minute carries the cost of the takes that were not kept."
    ):
        if voices.empty:
            frame.nothing("speech")
        else:
            number = st.column_config.NumberColumn
            shown = words.named(voices, "provider").assign(minutes=voices["seconds"] / 60)
            frame.table(shown[["provider", "voice", "made", "kept", "minutes", "cost_usd", "usd_per_kept_minute"]], "voices", {
                "provider": "Engine", "voice": "Voice", "made": number("Takes", format="%d"), "kept": number("Kept", format="%d"),
                "minutes": number("Minutes", format="%.1f"), "cost_usd": number("Cost", format="$%.4f"),
                "usd_per_kept_minute": number("A kept minute", format="$%.4f"),
            })  # fmt: skip


def _tiles(filters: Filters, voices: pd.DataFrame) -> None:
    made, kept = int(voices["made"].sum()), int(voices["kept"].sum())
    seconds, cost = float(voices["kept_seconds"].sum()), float(voices["cost_usd"].sum())
    targets = source.ask("targets", Filters(filters.first_day, filters.last_day, (), filters.providers, filters.user))
    within = {row.kind: f"{words.share(row.share)} of {row.done:,}" for row in targets.itertuples()}
    plain = {"delta_color": "off", "delta_arrow": "off"}
    frame.tiles(
        {"label": "Takes made", "value": f"{made:,}", "delta": f"{kept:,} kept", **plain},
        {"label": "Time kept", "value": words.minutes(seconds), "delta": "in the library", **plain},
        {"label": "A kept minute", "value": f"${60 * cost / seconds:.4f}" if seconds else "–", "delta": f"${cost:.4f} in all", **plain},
        {"label": "Speech within 10 s", "value": within.get(SPEECH, "–"),
         "delta": "asked for to done", **plain},
    )  # fmt: skip


def _ranked(voices: pd.DataFrame, column: str, key: str) -> None:
    found = voices[voices[column] != ""]
    if found.empty:
        frame.nothing("speech")
    else:
        charts.ranked(found, column, "seconds", key, label=words.minutes)


def _cloned(filters: Filters) -> None:
    voices = source.ask("cloned_voices", filters)
    with frame.card("Cloned voices", "How often each spoke in these days; previews do not count."):
        if voices.empty:
            frame.nothing("cloned voices")
            return
        learned, scores = voices["learned_in_s"].dropna(), voices["quality_score"].dropna()
        used, plain = voices[voices["uses"] > 0], {"delta_color": "off", "delta_arrow": "off"}
        frame.tiles(
            {"label": "Voices used", "value": f"{len(used):,} of {len(voices):,}", "delta": f"{int(voices['uses'].sum()):,} times", **plain},
            {"label": "Time spoken", "value": words.minutes(float(voices["seconds"].sum())), "delta": "by cloned voices", **plain},
            {"label": "Mean quality score", "value": f"{scores.mean():.2f}" if len(scores) else "–", "delta": f"of {len(scores):,}; 0 to 1", **plain},
            {"label": "Learned within 2 min", "value": words.share((learned <= SOON_S).mean()) if len(learned) else "–",
             "delta": f"of {len(learned):,} learned", **plain},
        )  # fmt: skip
        column = st.column_config
        frame.table(voices.assign(minutes=voices["seconds"] / 60)[
            ["name", "status", "uses", "kept", "minutes", "cost_usd", "quality_score", "learned_in_s", "last_used_at"]
        ], "cloned_voices", {
            "name": "Voice", "status": "Status", "uses": column.NumberColumn("Spoke", format="%d"),
            "kept": column.NumberColumn("Kept", format="%d"), "minutes": column.NumberColumn("Minutes", format="%.1f"),
            "cost_usd": column.NumberColumn("Cost", format="$%.4f"),
            "quality_score": column.NumberColumn("Quality", format="%.2f"),
            "learned_in_s": column.NumberColumn("Learned in (s)", format="%.0f"),
            "last_used_at": column.DatetimeColumn("Last used", format="D MMM YYYY, HH:mm"),
        })  # fmt: skip


def _units(filters: Filters) -> None:
    with frame.card("What engines billed", "Characters, tokens and credits of speech."):
        units = source.ask("spoken_units", filters)
        if units.empty:
            frame.nothing("bills")
        else:
            frame.table(words.named(units, "provider"), "spoken_units", {
                "provider": "Engine", "unit": "Unit", "amount": st.column_config.NumberColumn("Amount", format="%.0f"),
            })  # fmt: skip


def _failures(filters: Filters) -> None:
    with frame.card(
        "Why engines failed", "Refusals and lost answers; where another engine knew the voice, it spoke instead."
    ):
        every = source.ask(
            "failures", Filters(filters.first_day, filters.last_day, (SPEECH,), filters.providers, filters.user)
        )
        if every.empty:
            frame.nothing("failures")
        else:
            frame.table(words.named(every, "provider")[["provider", "what", "reason", "times", "last_message"]], "voice_failures", {
                "provider": "Engine", "what": "What", "reason": "Reason", "times": st.column_config.NumberColumn("Times", format="%d"),
                "last_message": "Last message",
            })  # fmt: skip


draw()
