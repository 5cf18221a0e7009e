"""Which checks may be told as facts: those whose precision and recall, on recordings of speakers that no threshold was
chosen on, are published in data/reference/reference_card.json and good enough."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from core.kit.paths import REFERENCE

LEAST = 0.9
"""Of precision and of recall."""
MOST_FALSE_ALARMS = 0.05
"""On clean recordings."""
CARD = REFERENCE / "reference_card.json"


@cache
def card() -> dict[str, Any]:
    """The published figures; empty where there are none, and then nothing is vouched for."""
    try:
        read: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return read


def vouched(name: str) -> bool:
    row: dict[str, Any] = card().get("checks", {}).get(name, {})
    precision, recall, alarms = (row.get(key) for key in ("precision", "recall", "false_alarms_on_clean"))
    if precision is None or recall is None or alarms is None:
        return False
    return bool(precision >= LEAST and recall >= LEAST and alarms <= MOST_FALSE_ALARMS)
