"""The cue sheet: what plays when, by whom, under which licence. What a broadcaster, a platform or a court asks for."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.flows.recommending.cues import Cue
from core.flows.script_batch import plain
from core.store.assets import Asset

COLUMNS = (
    "number", "start", "end", "seconds", "title", "use", "made_by", "model", "licence", "licence_id", "credit", "scenes",
    "bpm", "key", "asset_id", "cost_usd",
)  # fmt: skip


def entries(cues: Sequence[Cue], pieces: Sequence[Asset]) -> list[dict[str, Any]]:
    return [
        {
            "number": number, "start": timecode(cue.start_s), "end": timecode(cue.end_s),
            "seconds": round(cue.seconds, 3), "title": piece.name,
            "use": "background instrumental", "made_by": piece.generation_config.get("provider", ""),
            "model": piece.generation_config.get("model", ""), "licence": piece.licence.get("title", ""),
            "licence_id": piece.licence.get("id", ""), "credit": piece.licence.get("credit", ""),
            "scenes": ", ".join(map(str, cue.scenes)), "bpm": round(cue.bpm, 2), "key": cue.key, "asset_id": piece.id,
            "cost_usd": f"{piece.cost_usd:f}",
        }
        for number, (cue, piece) in enumerate(zip(cues, pieces, strict=True), 1)
    ]  # fmt: skip


def write(folder: Path, title: str, told: Sequence[dict[str, Any]]) -> tuple[Path, Path]:
    """(CSV, JSON)."""
    table, data = folder / "cue-sheet.csv", folder / "cue-sheet.json"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        rows.writerows({name: plain(value) for name, value in row.items()} for row in told)
    data.write_text(json.dumps({"title": title, "cues": list(told)}, indent=1, ensure_ascii=False), encoding="utf-8")
    return table, data


def timecode(seconds: float) -> str:
    """Hours, minutes, seconds and thousandths."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"
