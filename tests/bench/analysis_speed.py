"""Analysis of a three-minute track beside essentia's own MusicExtractor, and eight files on one and on two processes."""

from __future__ import annotations

import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.audio.analysis import analyse
from core.kit.children import Children
from tests.bench.extractor import extract
from tests.bench.rows import Row, timed

QUICK_GATE, FULL_GATE, FULL_GOAL, TOGETHER_GATE = 0.5, 2.5, 1.0, 1.6
SECONDS = 180.0
SHORT_S = 40.0
FILES = 8
ROUNDS = 3


def compose(folder: Path) -> tuple[Path, Path]:
    """A three-minute track and a short one."""
    import soundfile

    from core.music.composer.compose import compose as write
    from core.music.composer.synth import render
    from core.music.types import MusicRequest

    paths = []
    for seconds in (SECONDS, SHORT_S):
        request = MusicRequest(genre="pop", mood="happy", bpm=112, key="D major", seconds=seconds, seed=11)
        made = render(write(request), bank=folder / "bank", workers=2, progress=lambda stage, fraction: None)
        paths.append(folder / f"{seconds:.0f}.wav")
        soundfile.write(paths[-1], made.mix.T, made.sample_rate, subtype="PCM_24")
    return paths[0], paths[1]


def measure() -> list[Row]:
    """Ratios of medians of interleaved rounds in warm processes, so that the machine's moods fall on both sides."""
    with tempfile.TemporaryDirectory() as folder:
        long, short = compose(Path(folder))
        pool = Children(limit=2)
        try:

            def reference() -> object:
                return pool.run(extract, str(long))

            for warm in (reference, lambda: analyse(short, pool, full=True)):
                warm()
            theirs, quick, full = [], [], []
            for _ in range(ROUNDS):
                theirs.append(timed(reference))
                quick.append(timed(lambda: analyse(long, pool)))
                full.append(timed(lambda: analyse(long, pool, full=True)))
            base = statistics.median(theirs)
            lines = [
                _line("quick report / essentia MusicExtractor", quick, base, QUICK_GATE),
                _line("full report / essentia MusicExtractor", full, base, FULL_GATE, FULL_GOAL),
            ]
            lines.append(_together(short, pool))
        finally:
            pool.close()
    return lines


def _line(name: str, ours: list[float], base: float, gate: float, goal: float | None = None) -> Row:
    middle = statistics.median(ours)
    detail = f"{middle:.2f} s against {base:.2f} s for {SECONDS:.0f} s of music"
    return Row(f"analysis: {name}", middle / base, detail, at_most=gate, goal=goal)


def _together(path: Path, pool: Children) -> Row:
    def run(workers: int) -> float:
        with ThreadPoolExecutor(workers) as threads:
            return timed(lambda: list(threads.map(lambda _: analyse(path, pool, full=True), range(FILES))))

    run(2)  # both processes warm
    one, two = [], []
    for _ in range(ROUNDS):
        one.append(run(1))
        two.append(run(2))
    alone, together = statistics.median(one), statistics.median(two)
    detail = f"{FILES} full reports in {alone:.2f} s on one process, {together:.2f} s on two"
    return Row("analysis: 8 files, one process / two", alone / together, detail, at_least=TOGETHER_GATE)
