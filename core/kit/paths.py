"""Where shipped reference data lives. Runtime data lives under Settings.home, never here."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "data" / "reference"


@cache
def reference(name: str) -> Any:
    """The parsed YAML file `data/reference/<name>.yaml`; cached, so treat it as read-only."""
    return yaml.safe_load((REFERENCE / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def published(file: str) -> dict[str, Any]:
    """The figures of an accuracy card, `data/reference/<file>.json`; empty where there are none, and then nothing is
    vouched for. Cached, so treat it as read-only."""
    try:
        read: dict[str, Any] = json.loads((REFERENCE / f"{file}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return read
