"""Where money goes that need not: sentences made of measured figures, by the rules and thresholds of music/advice.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from core.kit.paths import reference

_FATES = ("discarded", "failed", "repeated")


@dataclass(frozen=True)
class Hint:
    rule: str
    usd: float
    """What is at stake in the range; 0 where it is not money."""
    text: str


def advice(
    losses: pd.DataFrame, engines: pd.DataFrame, parameters: pd.DataFrame, days: int, name: Callable[[str], str] = str
) -> list[Hint]:
    """The dearest first. The frames are the answers of music_losses, music_engines and music_parameters over the same
    range; `name` writes an engine's."""
    found: list[Hint] = []
    for rule in reference("music/advice"):
        what = rule["rule"]
        if what in _FATES:
            found += _lost(rule, losses, days, name)
        elif what == "below":
            found += _below(rule, engines, days, name)
        elif what == "dear_engine":
            found += _dear_engines(rule, engines, name)
        else:
            found += _dear(rule, parameters, what.removeprefix("dear_"))
    return sorted(found, key=lambda hint: -hint.usd)


def _lost(rule: dict[str, Any], losses: pd.DataFrame, days: int, name: Callable[[str], str]) -> Iterator[Hint]:
    for row in _rows(losses, "fate", rule["rule"]):
        if _enough(rule, row["pieces"], row["of_pieces"], row["usd"]):
            said = {"count": row["pieces"], "of": row["of_pieces"], "usd": _usd(row["usd"]), "days": days}
            yield Hint(rule["rule"], float(row["usd"]), rule["say"].format(name=name(row["provider"]), **said))


def _below(rule: dict[str, Any], engines: pd.DataFrame, days: int, name: Callable[[str], str]) -> Iterator[Hint]:
    for row in _rows(engines):
        if _enough(rule, row["below"], row["scored"], 0):
            said = {"count": row["below"], "of": row["scored"], "days": days}
            yield Hint(rule["rule"], 0.0, rule["say"].format(name=name(row["provider"]), **said))


def _dear_engines(rule: dict[str, Any], engines: pd.DataFrame, name: Callable[[str], str]) -> Iterator[Hint]:
    """Among engines that bill and of which enough was kept: what makes nothing cannot be compared with what does."""
    paid = [row for row in _rows(engines) if row["settled_usd"] > 0 and row["kept"] >= rule["least"]]
    if len(paid) < 2:
        return
    cheapest = min(paid, key=lambda row: float(row["usd_per_kept"]))
    for row in paid:
        times = row["usd_per_kept"] / cheapest["usd_per_kept"]
        over = row["settled_usd"] - row["kept"] * cheapest["usd_per_kept"]
        if times >= rule["ratio"] and over >= float(Decimal(rule["usd"])):
            said = {"each": _usd(row["usd_per_kept"]), "times": f"{times:.1f}", "other": name(cheapest["provider"])}
            yield Hint(rule["rule"], float(over), rule["say"].format(name=name(row["provider"]), **said))


def _dear(rule: dict[str, Any], parameters: pd.DataFrame, parameter: str) -> Iterator[Hint]:
    rows = list(_rows(parameters, "parameter", parameter))
    pieces = sum(row["pieces"] for row in rows)
    average = sum(row["usd"] for row in rows) / pieces if pieces else 0.0
    for row in rows:
        over = row["usd"] - row["pieces"] * average
        if row["pieces"] < rule["least"] or row["usd_each"] < rule["ratio"] * average or over < float(rule["usd"]):
            continue
        said = {"name": plain(row["value"]), "each": _usd(row["usd_each"]), "times": f"{row['usd_each'] / average:.1f}"}
        yield Hint(rule["rule"], float(over), rule["say"].format(**said))


def plain(value: str) -> str:
    """A parameter's value without the number that puts it in order."""
    return value.split(". ", 1)[-1] if value[:1].isdigit() else value


def _enough(rule: dict[str, Any], count: int, of: int, usd: float) -> bool:
    return count >= rule["least"] and count >= rule["share"] * of and usd >= float(rule["usd"])


def _rows(frame: pd.DataFrame, column: str = "", value: str = "") -> Iterator[dict[str, Any]]:
    if frame.empty:
        return
    chosen = frame[frame[column] == value] if column else frame
    for row in chosen.to_dict("records"):
        yield {str(key): one for key, one in row.items()}


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 0.01 else f"${amount:.4f}"
