"""What a piece of speech costs beside the bare engine, and how many times faster than it plays music is made."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests.bench.rows import Row, timed

COLD_GATE = 10.0
WARM_GATE = 15.0
WARM_GOAL = 25.0
MUSIC_SECONDS = 120
SENTENCE = "The harbour wakes before the town does, and a boat knocks twice against the stone."


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        studio = build_studio(load_settings(home=Path(folder) / "home"))
        studio.ensure_worker()
        try:
            return [_speech(studio), *_music(studio)]
        finally:
            studio.close()


def _done(studio: Studio, job_id: str) -> None:
    job = studio.jobs.wait(LOCAL, job_id, 600)
    if job.status != "done":
        raise SystemExit(f"a benchmark job ended as {job.status}: {job.error}")


def _speech(studio: Studio) -> Row:
    """Request to kept file, against the engine alone in a process of its own speaking the same sentence to a file."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.bare_espeak", SENTENCE, str(Path(folder) / "bare.wav")]
        bare = [timed(lambda: subprocess.run(command, check=True)) for _ in range(9)]
    ours = [timed(lambda: _done(studio, studio.voice.speak(LOCAL, text=SENTENCE).id)) for _ in range(9)]
    theirs, mine = statistics.median(bare[1:]), statistics.median(ours[1:])
    return Row("speech: request to file / bare espeak process", mine / theirs, f"{mine:.3f} s against {theirs:.3f} s")


def _music(studio: Studio) -> list[Row]:
    """A piece with stems and mastering, request to kept files: how many times faster than it plays."""
    request = {"genre": "pop", "mood": "happy", "bpm": 112, "key": "D major", "seconds": MUSIC_SECONDS, "seed": 11}
    # Cold: no note is there yet, and no child process. Warm: every note is in the bank. Between them, and without a
    # gate: another piece of the same kind, which finds only some of its notes.
    cold = timed(lambda: _done(studio, studio.music.compose(LOCAL, **request).id))
    other = timed(lambda: _done(studio, studio.music.compose(LOCAL, **request | {"seed": 12, "key": "F major"}).id))
    warm = min(timed(lambda: _done(studio, studio.music.compose(LOCAL, **request).id)) for _ in range(2))
    return [
        Row(f"music {MUSIC_SECONDS} s with stems, times real time, {name}", MUSIC_SECONDS / seconds, f"{seconds:.2f} s",
            at_least=gate, goal=WARM_GOAL if gate else None)
        for name, seconds, gate in (("cold", cold, COLD_GATE), ("other piece", other, None), ("warm note bank", warm, WARM_GATE))
    ]  # fmt: skip
