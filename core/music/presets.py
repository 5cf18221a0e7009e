"""The presets: prompts to start from."""

from __future__ import annotations

from dataclasses import dataclass

from core.kit.errors import NotFound
from core.kit.paths import reference


@dataclass(frozen=True)
class Preset:
    id: str
    name: str
    prompt: str
    icon: str


def presets() -> tuple[Preset, ...]:
    return tuple(Preset(**row) for row in reference("music/presets"))


def preset(wanted: str) -> Preset:
    for each in presets():
        if each.id == wanted:
            return each
    raise NotFound(
        f"There is no preset '{wanted[:40]}'.",
        "Choose from: " + ", ".join(each.id for each in presets()) + ".",
        "unknown_preset",
    )
