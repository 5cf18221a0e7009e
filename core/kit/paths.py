"""Where shipped reference data lives. Runtime data lives under Settings.home, never here."""

from __future__ import annotations

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
