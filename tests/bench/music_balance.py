"""How full recordings are balanced: the figures of data/reference/music/recordings.yaml, and the same of any sound.

    python -m tests.bench.music_balance FOLDER

measures the recordings named in that file anew (FOLDER holds them) and prints the file.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import files, meters, spectrum
from core.kit.paths import reference

EDGES_HZ = (40, 90, 180, 350, 700, 1400, 2800, 5600, 9000, 14_000)


def figures(samples: NDArray[np.float32], sample_rate: int) -> dict[str, Any]:
    """bands_db: level of each band against the whole; width_db: side against middle; crest_db: peak against RMS;
    range_lu: from the quieter to the louder short-term loudness (10th to 95th percentile, silence left out)."""
    seen = spectrum.measure(np.ascontiguousarray(samples.mean(axis=0)), sample_rate)
    total = seen.power.sum()
    bands = []
    for low, high in pairwise(EDGES_HZ):
        share = seen.power[(seen.hertz >= low) & (seen.hertz < high)].sum() / total
        bands.append(round(float(10 * np.log10(share + 1e-12)), 1))
    middle, side = (samples[0] + samples[1]) / 2, (samples[0] - samples[1]) / 2
    short = meters.short_term_lufs(samples, sample_rate)
    short = short[short > short.max() - 20]
    low_lufs, high_lufs = np.percentile(short, (10, 95))
    return {
        "bands_db": bands,
        "width_db": round(float(10 * np.log10(np.square(side).mean() / np.square(middle).mean())), 1),
        "crest_db": round(float(20 * np.log10(np.abs(samples).max() / np.sqrt(np.square(samples).mean()))), 1),
        "range_lu": round(float(high_lufs - low_lufs), 1),
    }


def main(folder: Path) -> None:
    for row in reference("music/recordings")["recordings"]:
        audio = files.decode(next(folder.rglob(row["file"])))
        found = figures(audio.samples, audio.sample_rate)
        told = ", ".join(f"{name}: {value}" for name, value in found.items())
        print(f'  - {{file: {row["file"]}, what: "{row["what"]}", licence: {row["licence"]},\n     {told}}}')


if __name__ == "__main__":
    main(Path(sys.argv[1]))
