"""A worker that brings a file of Soundstripe's, and that somebody kills with -9 meanwhile, or that kills itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from core.app import Studio, build_studio
from core.kit.settings import load_settings
from tests.dying import doomed

PRICE = """- {provider: soundstripe, unit: downloads, usd: "1.50", source: tests, checked_on: 2026-11-21, valid_from: 2026-01-01}
"""


def build(home: Path, **settings: Any) -> Studio:
    prices = home.parent / "prices"
    prices.mkdir(exist_ok=True)
    (prices / "stock.yaml").write_text(PRICE)
    return build_studio(load_settings(home=home, prices_dir=prices, lease_seconds=2.0, **settings))


def main(home: str, stage: str, **settings: Any) -> None:
    """`paid`: it dies by itself, the file settled and not yet kept; any other lives until it is killed."""
    from core.jobs.worker import run_process

    studio = build(Path(home), **settings)
    if stage == "paid":
        calls: Any = studio.calls
        calls.settle = doomed(calls.settle, after=True)
    sys.exit(run_process(studio.worker()))
