"""Scenes of a clip beside the detector that everybody uses, and a clip scored from end to end; what a mix of ten minutes
holds in memory beside one of two."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.kit.paths import ROOT
from tests.bench.rows import Row

SCENES_GATE, SCENES_GOAL, SCORE_GATE, MEMORY_GATE = 2.0, 1.5, 1.0, 1.3
CLIP_S = 60
ROUNDS = 3
SHORT_MIN, LONG_MIN = 2, 10


def scenes() -> list[Row]:
    """Processor time, each in a process of its own with all of its own children: two rounds interleaved."""
    with tempfile.TemporaryDirectory() as folder:
        film = clip(Path(folder) / "clip.mp4", CLIP_S)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(ROUNDS):
            ours.append(_alone("ours", str(film))["cpu_s"])
            theirs.append(_alone("theirs", str(film))["cpu_s"])
        told, base = statistics.median(ours), statistics.median(theirs)
        detail = f"{told:.1f} s of processor time against {base:.1f} s for {CLIP_S} s of 720p"
        name = "scenes: cuts, features and recommendations / PySceneDetect adaptive alone"
        return [Row(name, told / base, detail, at_most=SCENES_GATE, goal=SCENES_GOAL)]


def score() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [_end_to_end(Path(folder)), _memory(Path(folder))]


def _end_to_end(folder: Path) -> Row:
    from core.app import build_studio
    from core.kit.actor import LOCAL
    from core.kit.settings import load_settings

    film = clip(folder / "clip.mp4", CLIP_S)
    studio = build_studio(load_settings(home=folder / "home"))
    try:
        studio.ensure_worker()
        asset, _ = studio.importing.bring_in(LOCAL, film, kind="video", licence_id="uploaded-own")
        began = time.perf_counter()
        taken = studio.wait(LOCAL, studio.video.take_apart(LOCAL, asset.id).id, 600)
        apart_s = time.perf_counter() - began
        job = studio.scoring.submit(LOCAL, clip_id=str((taken.result or {})["clip_id"]), seed=1)
        job = studio.wait(LOCAL, job.id, 900)
        if job.status != "done":
            raise SystemExit(f"the clip was not scored: {job.error}")
        taken_s = time.perf_counter() - began
    finally:
        studio.close()
    detail = f"{taken_s:.1f} s for {CLIP_S} s of 720p, {apart_s:.1f} s of it scenes; {len((job.result or {})['cues'])} cues, stems, MP4"
    return Row(
        "score: a clip from its scenes to its MP4 / its own length", taken_s / CLIP_S, detail, at_most=SCORE_GATE
    )


def _memory(folder: Path) -> Row:
    """Two stems under speech, ducked, mastered, written and encoded: the highest that the process ever held."""
    held = {minutes: _alone("mix", str(folder), str(minutes))["peak_mib"] for minutes in (SHORT_MIN, LONG_MIN)}
    detail = ", ".join(f"{minutes} min {mib:.0f} MiB" for minutes, mib in held.items())
    return Row(
        "score: memory of a mix of 10 minutes / of 2", held[LONG_MIN] / held[SHORT_MIN], detail, at_most=MEMORY_GATE
    )


def clip(out: Path, seconds: float) -> Path:
    """The real film at 720p, again and again."""
    from core.audio.ffmpeg import executable
    from tests.video.films import BUNNY

    arguments = ["-stream_loop", 9, "-i", BUNNY, "-t", seconds, "-vf", "scale=1280:720", "-c:v", "libx264"]
    arguments += ["-preset", "ultrafast", "-c:a", "aac", out]
    subprocess.run([executable(), "-v", "error", "-y", *map(str, arguments)], check=True)
    return out


def _alone(what: str, *given: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.scoring", what, *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{what}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _ours(film: str) -> None:
    from core.flows.recommending import cues, rules
    from core.video.scenes import scan

    found, _ = scan(film, max_seconds=600)
    for scene in found.scenes:
        rules.for_scene(found, scene)
    cues.plan(found, seed=1)


def _theirs(film: str) -> None:
    import scenedetect

    scenedetect.detect(film, scenedetect.AdaptiveDetector())


def _mix(folder: str, minutes: str) -> None:
    """As a scored clip has it."""
    import numpy as np
    import soundfile

    from core.flows.scoring.making import encode_in_child
    from core.sound.projects import document
    from core.sound.providers.mixer import RenderRequest, mix_in_child

    rate, seconds, place = 44_100, 60 * float(minutes), Path(folder) / f"mix-{minutes}"
    place.mkdir()
    sounds = {}
    for name, of, hertz in (("film", 48_000, (180.0, 1410.0)), ("music", rate, (110.0, 220.6, 331.0, 2640.0))):
        time_s = np.arange(of) / of
        tone = (
            sum(np.sin(2 * np.pi * each * time_s) for each in hertz)
            / len(hertz)
            * (0.6 + 0.4 * np.sin(8 * np.pi * time_s))
        )
        sounds[name] = str(place / f"{name}.flac")
        with soundfile.SoundFile(sounds[name], "w", of, 2) as out:
            for second in range(round(seconds)):
                level = 0.7 if name == "music" or second % 20 < 8 else 0.0
                out.write(np.repeat((level * tone).astype(np.float32)[:, None], 2, axis=1))
    spoken = [{"start_s": float(at), "end_s": at + 8.0} for at in range(0, round(seconds), 20)]
    written = document(
        tracks=[
            {"name": "Clip", "role": "effects", "level_lufs": -19.0, "clips": [{"asset_id": "film"}]},
            {"name": "Voice", "role": "voice", "clips": [{"asset_id": "film", "gain_db": -20.0}]},
            {"name": "Music", "role": "music", "level_lufs": -18.0, "duck": {"depth_db": 10.0, "under": spoken},
             "clips": [{"asset_id": "music", "start_s": 0.0}]},
        ],
        loudness="video", length_s=seconds,
    )  # fmt: skip
    asked = RenderRequest(written.tracks, sounds, "video", seconds, True, frozenset())
    made = mix_in_child((asked, str(place)), lambda stage, share: None)
    encode_in_child((made["mix"], str(place / "sound.m4a"), "video"), lambda stage, share: None)


def _main(what: str, *given: str) -> None:
    acts: dict[str, Callable[..., None]] = {"ours": _ours, "theirs": _theirs, "mix": _mix}
    acts[what](*given)
    times = os.times()
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"cpu_s": sum(times[:4]), "peak_mib": peak / 1024}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
