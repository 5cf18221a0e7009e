"""studio polish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.audio.voicing import presets
from core.cli.making import Json, found_asset
from core.cli.session import ACTOR, ended, made, put, say, studio, target

_ROWS = (
    ("lufs", "integrated loudness", "LUFS"), ("true_peak_dbtp", "true peak", "dBTP"), ("rms_dbfs", "RMS", "dBFS"),
    ("noise_floor_dbfs", "noise floor", "dBFS"), ("snr_db", "voice over noise", "dB"), ("sibilance_db", "sibilance", "dB"),
)  # fmt: skip


def polish(
    asset: Annotated[str, typer.Argument(help="a file, or the id of an asset")],
    preset: Annotated[str, typer.Option(help="podcast, audiobook, video or clean")],
    out: Annotated[
        Path | None, typer.Option("--out", help="also write it there; the ending chooses the format")
    ] = None,
    as_json: Json = False,
) -> None:
    """Noise gate, equaliser, compressor, de-esser and loudness for a voice; measured before and after."""
    presets.preset(preset)
    place = target(out) if out is not None else None
    with studio(working=True) as opened:
        source = found_asset(opened, asset, "voiceover")
        job = ended(opened, opened.polishing.submit(ACTOR, source.id, preset))
        primary = next(each for each in opened.jobs.assets(ACTOR, job.id) if each.role == "primary")
        answer = made(opened, job, {"primary": put(opened, primary, place)} if place else {})
        say(answer, as_json, "\n".join([f"{place or primary.id}", *told(primary.generation_config["polish"])]))


def told(polished: dict[str, Any]) -> list[str]:
    """The table, and what a publisher would refuse."""
    before, after = polished["before"], polished["after"]
    lines = [
        f"  {title:20} {_figure(before[name]):>8} → {_figure(after[name]):>8} {unit}"
        for name, title, unit in _ROWS
        if before[name] is not None or after[name] is not None
    ]
    return lines + [
        f"  {'passed' if row['passed'] else 'FAILED'}  {row['title']}: {_figure(row['measured'])} ({row['wanted']})"
        f"{'' if row['passed'] else '. ' + row['remedy']}"
        for row in polished["requirements"]
    ]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
