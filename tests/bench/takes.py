"""How right the checks of a take are: `python -m tests.bench.takes --media DIR` writes data/reference/take_card.json, which
core.voice.quality obeys, and prints the table. Thresholds were chosen on the other half (`--tuning` prints that one)."""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.paths import REFERENCE
from core.voice.quality import CHECKS, suspicions
from core.voice.take_measures import figures
from core.voice.vouching import LEAST, MOST_FALSE_ALARMS
from tests.bench import take_cases as cases
from tests.bench.rows import Row
from tests.bench.take_cases import Case


@dataclass
class Counts:
    hit: int = 0
    missed: int = 0
    false: int = 0
    others: int = 0
    alarms: int = 0
    clean: int = 0


def measure(every: Iterable[Case]) -> tuple[dict[str, Counts], list[str], int]:
    rows: dict[str, Counts] = defaultdict(Counts)
    wrong, count = [], 0
    for case in every:
        count += 1
        heard = figures(case.samples, case.sample_rate, case.text)
        found = suspicions(heard, case.text, case.language, 1.0, 0.0)
        for name in CHECKS:
            row, told = rows[name], found.get(name) is not None
            if name in case.faults:
                row.hit, row.missed = row.hit + told, row.missed + (not told)
            elif name in case.unsaid or name not in found:
                continue
            else:
                row.false, row.others = row.false + told, row.others + 1
                if not case.faults:
                    row.alarms, row.clean = row.alarms + told, row.clean + 1
            if told is not (name in case.faults):
                wrong.append(f"{name}{'' if told else ' missed'}: {case.id} {heard}")
    return rows, wrong, count


def as_card(rows: dict[str, Counts], count: int) -> dict[str, Any]:
    checks = {}
    for name in CHECKS:
        row = rows[name]
        told, faulty = row.hit + row.false, row.hit + row.missed
        checks[name] = {
            "precision": round(row.hit / told, 3) if told else None,
            "recall": round(row.hit / faulty, 3) if faulty else None,
            "faulty": faulty, "others": row.others, "false": row.false,
            "false_alarms_on_clean": round(row.alarms / row.clean, 4) if row.clean else None, "clean": row.clean,
        }  # fmt: skip
    return {
        "about": "Figures of the half that no threshold was chosen on. Faults were put into real read speech and into "
        "speech of the embedded engine: cut off at 40 to 90 %, the last 1.2 to 3 s said again, 1.8 to 3 s of silence put "
        "in, clipped by 6 to 12 dB, turned down by 26 to 40 dB, silence or noise or a tone instead, three times as fast or "
        "as slow. `others`: takes without this fault, most of them with another; `clean`: takes without any. Faults as "
        "neural engines make them may look different.",
        "split": "published when the last byte of SHA-256(name) is odd",
        "cases": count,
        "bar": {"precision": LEAST, "recall": LEAST, "false_alarms_on_clean": MOST_FALSE_ALARMS},
        "checks": checks,
    }  # fmt: skip


def table(card: dict[str, Any]) -> str:
    """Markdown, for README."""
    lines = ["| check | precision | recall | faulty | others | alarms on clean |", "|---|---|---|---|---|---|"]
    for name, row in card["checks"].items():
        told = ["-" if row[key] is None else f"{row[key]:.2f}" for key in ("precision", "recall")]
        alarms = "-" if row["false_alarms_on_clean"] is None else f"{100 * row['false_alarms_on_clean']:.1f} %"
        lines.append(
            f"| {name.replace('_', ' ')} | {told[0]} | {told[1]} | {row['faulty']} | {row['others']} | {alarms} |"
        )
    return "\n".join(lines)


def write(media: Path | None = None) -> list[Row]:
    """No gate: the card itself closes what is not good enough."""
    media = media or (Path(os.environ["STUDIO_BENCH_MEDIA"]) if os.environ.get("STUDIO_BENCH_MEDIA") else None)
    if media is None:
        print("# the checks of takes are measured on a collection of real speech: set STUDIO_BENCH_MEDIA")
        return []
    rows, _, count = measure(cases.made(media, half=True))
    card = as_card(rows, count)
    (REFERENCE / "take_card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(table(card), flush=True)
    return []


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.takes", description=__doc__)
    parser.add_argument("--media", type=Path, default=os.environ.get("STUDIO_BENCH_MEDIA"))
    parser.add_argument("--tuning", action="store_true", help="the other half, with what went wrong; writes nothing")
    given = parser.parse_args()
    media = Path(given.media) if given.media else None
    if given.tuning:
        rows, wrong, count = measure(cases.made(media, half=False))
        print("\n".join([table(as_card(rows, count)), "", *wrong]))
        return 0
    write(media)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
