"""Where each stem sits: most of the way to its place in the genre's balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.music.composer.synth.mixing import BALANCE_REACH_DB, BALANCE_SHARE, Desk
from core.music.composer.synth.plan import Line
from core.music.composer.synth.ride import loudness
from core.music.composer.synth.shape import Sound
from core.music.composer.synth.strip import gain_of


def balance_of(
    stems: Mapping[str, Sound], groups: Mapping[str, Sequence[Line]], desk: Desk, workers: int
) -> dict[str, float]:
    """Gains by stem. Stems of effects alone, and those that are silent, stay as written and are not named."""
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        loud = dict(zip(stems, pool.map(loudness, stems.values()), strict=True))
    placed = {
        name: value - desk.balance[name]
        for name, value in loud.items()
        if value is not None and name in desk.balance and any(line.part.role != "fx" for line in groups[name])
    }
    if not placed:
        return {}
    middle = sorted(placed.values())[len(placed) // 2]
    reach = BALANCE_REACH_DB
    return {
        name: gain_of(float(np.clip(BALANCE_SHARE * (middle - place), -reach, reach))) for name, place in placed.items()
    }
