"""Fit the weights of core/voice/references/music.py on the tuning half: `python -m tests.bench.reference_fit --media DIR`
prints them."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from core.voice.references import hearing, music
from tests.bench import reference_cases as cases
from tests.bench.reference_sounds import sounds
from tests.bench.speech_fit import fit

_DRAWS = 14


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, required=True)
    given = parser.parse_args()
    heard = sounds(given.media, half=False)
    rows, truth = [], []
    for case in [*cases.of(heard), *cases.with_music(heard, _DRAWS)]:
        if "music" in case.unsaid:
            continue
        found = music.measured(hearing.hear(case.samples, case.sample_rate))
        if found is not None:
            rows.append(found)
            truth.append(float("music" in case.faults))
    for name, values in zip(
        ("MEANS", "SPREADS", "WEIGHTS", "BIAS"), fit(np.asarray(rows), np.asarray(truth)), strict=True
    ):
        print(f"{name} = {np.round(values, 4).tolist()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
