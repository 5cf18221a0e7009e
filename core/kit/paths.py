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
    return read_yaml(REFERENCE / f"{name}.yaml")


def read_yaml(file: Path) -> Any:
    """The file's plain data (never objects). Every start of every process reads some: libyaml takes a tenth of the time,
    and is not in every build of PyYAML."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(encoding="utf-8"), Loader=loader)


@cache
def published(file: str) -> dict[str, Any]:
    """The figures of an accuracy card, `data/reference/<file>.json`; empty where there are none, and then nothing is
    vouched for. Cached, so treat it as read-only."""
    try:
        read: dict[str, Any] = json.loads((REFERENCE / f"{file}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return read
