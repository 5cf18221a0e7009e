"""When a check of voices may be told as a fact: by its published precision and recall on what it was not tuned on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAST = 0.9
"""Of precision and of recall."""
MOST_FALSE_ALARMS = 0.05
"""On clean recordings."""


def good_enough(card: Mapping[str, Any], check: str) -> bool:
    """`card`: as core.kit.paths.published() answers it. What has no figures is not."""
    row: dict[str, Any] = card.get("checks", {}).get(check, {})
    precision, recall, alarms = (row.get(key) for key in ("precision", "recall", "false_alarms_on_clean"))
    if precision is None or recall is None or alarms is None:
        return False
    return bool(precision >= LEAST and recall >= LEAST and alarms <= MOST_FALSE_ALARMS)
