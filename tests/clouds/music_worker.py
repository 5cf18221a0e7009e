"""A worker whose music comes from stand-ins on loopback, and which may be told to kill itself with -9 at a stage."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.app import Studio, build_studio
from core.kit.settings import load_settings
from tests import dying


def build(home: Path, **settings: Any) -> Studio:
    """A studio that looks at its remote music every few milliseconds."""
    studio = build_studio(load_settings(home=home, lease_seconds=2.0, **settings))
    for name in ("mubert", "soundraw", "beatoven", "stability3"):
        provider: Any = studio.registry.get("music", name)
        provider.info = replace(provider.info, check_every_s=0.02)
    return studio


def main(home: str, provider: str, stage: str, settings: dict[str, Any]) -> None:
    from core.jobs.worker import run_process

    studio = build(Path(home), **settings)
    when, _, what = stage.partition(" ")
    engine = studio.registry.get("music", provider)
    setattr(engine, what, dying.doomed(getattr(engine, what), after=when == "after"))
    sys.exit(run_process(studio.worker()))
