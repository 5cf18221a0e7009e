"""How right the analysis is: `python -m tests.bench.accuracy [--media DIR]` writes data/reference/analysis_card.json and
prints the table that README shows.

Every source falls into one of two halves by the SHA-256 of its id (tests/bench/cases.py, `published`): thresholds were
chosen on the even half, the card holds the odd one. DIR is a collection with a MANIFEST.json that states what is in each
file (also STUDIO_BENCH_MEDIA); without one, the small files of tests/media and composed pieces are all there is, and the
card says so.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.audio import defects, r128, spectrum, speech, tempo
from core.audio.analysis import analyse_samples
from core.audio.card import detector_of
from core.audio.files import decode
from core.audio.harmony import NOTES
from core.kit.paths import REFERENCE, ROOT
from tests.bench import cases
from tests.bench.cases import Case
from tests.bench.composed import Composed, pieces
from tests.bench.rows import Row

PIECES = 60
WITH_FAULTS = 36
WITHIN = 0.04
_FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}


@dataclass
class Tally:
    tempo: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """acc1 and acc2 of every item, by origin"""
    key: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    chords: list[float] = field(default_factory=list)
    detectors: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: {"hit": 0, "missed": 0, "false": 0, "clean": 0})
    )
    origins: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[str] = field(default_factory=list)
    speech: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))


def key_score(found: str | None, truth: str) -> float:
    """MIREX: 1 right, 0.5 a fifth off, 0.3 the relative, 0.2 the parallel key."""
    if found is None:
        return 0.0
    (a, mode_a), (b, mode_b) = _parts(found), _parts(truth)
    if mode_a == mode_b:
        return 1.0 if a == b else 0.5 if (a - b) % 12 in (5, 7) else 0.0
    if a == b:
        return 0.2
    major, minor = (a, b) if mode_a == "major" else (b, a)
    return 0.3 if (major - minor) % 12 == 3 else 0.0


def _parts(key: str) -> tuple[int, str]:
    note, _, mode = key.partition(" ")
    return NOTES.index(_FLATS.get(note, note)), mode


def accuracies(found: float | None, truth: float) -> tuple[float, float]:
    """Acc1: within 4 %. Acc2: half, double, a third or three times are right too (Gouyon 2006)."""
    if found is None:
        return 0.0, 0.0
    close = [abs(found / (truth * factor) - 1) <= WITHIN for factor in (1, 0.5, 2, 1 / 3, 3)]
    return float(close[0]), float(any(close))


def measure(media: Path | None, *, half: bool = True, count: int = PIECES, with_faults: int = WITH_FAULTS) -> Tally:
    """`half`: the published half; False the one for tuning."""
    tally = Tally()
    composed: list[Case] = []
    with tempfile.TemporaryDirectory() as bank:
        for number, piece in enumerate(pieces(count, Path(bank))):
            if cases.published(piece.id) is half:
                _musical(tally, piece)
                mono = piece.samples.mean(axis=0)
                tally.speech["music"].append(speech.share_of(spectrum.measure(mono, piece.sample_rate)) < 0.5)
            if number < with_faults:
                cut = piece.samples[:, : round(cases.CUT_S * piece.sample_rate)]
                composed.append(Case(piece.id, piece.id, "composed", cut, piece.sample_rate, frozenset()))
    collected = list(cases.from_collection(media)) if media else list(_small())
    if media:
        for row in cases.manifest(media):
            _collected(tally, row, media, half)
        for spoken, case in cases.spoken_or_not(media):
            if case.published is half:
                told = speech.share_of(spectrum.measure(case.samples[0], case.sample_rate)) >= 0.5
                tally.speech["speech" if spoken else "music"].append(told is spoken)
    for case in [*collected, *composed]:
        if case.published is half:
            _judge(tally, case)
            if case in cases.clean([case]):
                for faulty in cases.injected(case):
                    _judge(tally, faulty)
    return tally


def _small() -> Iterator[Case]:
    """What a clone has: a few files of tests/media that are known to be clean, or to hum."""
    truth = {"clean_control.flac": frozenset[str](), "hum_50hz.flac": frozenset({"hum"})}
    for name, faults in truth.items():
        audio = decode(ROOT / "tests" / "media" / name)
        yield Case(name, name, "real", audio.samples, audio.sample_rate, faults)


def _musical(tally: Tally, piece: Composed) -> None:
    found = analyse_samples(piece.samples, piece.sample_rate, full=True).as_dict()
    tally.tempo["composed"] += [accuracies(found["bpm"], piece.bpm)]  # type: ignore[list-item]
    tally.key["composed"].append(key_score(found["key"], piece.key))
    tally.chords.append(_chords_right(found["chords"], piece))


def _chords_right(found: list[dict[str, Any]], piece: Composed) -> float:
    """Share of the bars whose first chord's root and third are named at the bar's middle; sus chords count by root."""
    bar_s = piece.beats_per_bar * 60 / piece.bpm
    right = []
    for number, name in enumerate(piece.chords):
        first = name.split()[0].split("/")[0]
        root = first[:2] if first[1:2] in ("#", "b") else first[:1]
        rest = first[len(root) :]
        minor = rest.startswith("m") and not rest.startswith("maj")
        at = (number + 0.5) * bar_s if " " not in name else (number + 0.25) * bar_s
        told = next((row["chord"] for row in found if row["start_s"] <= at < row["end_s"]), "N")
        wanted = _FLATS.get(root, root) + ("m" if minor else "")
        right.append(told == wanted or ("sus" in rest and told.removesuffix("m") == wanted))
    return sum(right) / max(1, len(right))


def _collected(tally: Tally, row: dict[str, Any], media: Path, half: bool) -> None:
    truth = row["ground_truth"]
    if row["category"] not in ("music", "mix") or cases.published(cases.base_of(row)) is not half:
        return
    bpm, key = truth.get("tempo_bpm"), truth.get("key")
    scored = bool(key) and (truth.get("key_scorable", False) or row["kind"] == "generated")
    if bpm is None and not scored:
        return
    audio = decode(media / row["path"])
    found = analyse_samples(audio.samples, audio.sample_rate)
    if bpm is not None:
        tally.tempo["real"] += [accuracies(found.bpm, float(bpm))]  # type: ignore[list-item]
    if scored:
        tally.key["real"].append(key_score(found.key, str(key)))


def _judge(tally: Tally, case: Case) -> None:
    lufs = r128.integrated(r128.powers(case.samples, case.sample_rate))
    told = {detector_of(problem.kind) for problem in defects.find(case.samples, case.sample_rate, lufs)}
    tally.origins[case.origin] += 1
    for kind in cases.FAULTS:
        row = tally.detectors[kind]
        if kind in case.faults:
            row["hit" if kind in told else "missed"] += 1
        elif kind not in case.unsaid:
            row["false" if kind in told else "clean"] += 1
        if (kind in told) != (kind in case.faults) and kind not in case.unsaid:
            tally.wrong.append(f"{case.id}: {kind}{'' if kind in told else ' missed'}")


def as_card(tally: Tally, media: bool) -> dict[str, Any]:
    def mean(values: list[float]) -> float | None:
        return round(sum(values) / len(values), 3) if values else None

    detectors = {}
    for kind, row in sorted(tally.detectors.items()):
        told, faulty = row["hit"] + row["false"], row["hit"] + row["missed"]
        detectors[kind] = {
            "precision": round(row["hit"] / told, 3) if told else None,
            "recall": round(row["hit"] / faulty, 3) if faulty else None,
            "faulty": faulty, "clean": row["false"] + row["clean"], "false_alarms": row["false"],
        }  # fmt: skip
    rows: dict[str, list[Any]] = {name: list(values) for name, values in tally.tempo.items()}
    return {
        "about": "Figures of the half of the sources that no threshold was chosen on (split by SHA-256 of the id). "
        "Faults were put into clean recordings and composed pieces in strengths drawn from the ranges in "
        "tests/bench/cases.py; 'generated' and 'real' files are those of the collection.",
        "collection": media, "split": "published when the last byte of SHA-256(id) is odd", "cases": dict(tally.origins),
        "tempo": {
            name: {"acc1": mean([a for a, _ in pairs]), "acc2": mean([b for _, b in pairs]), "n": len(pairs)}
            for name, pairs in rows.items()
        },
        "key": {name: {"weighted": mean(values), "n": len(values)} for name, values in tally.key.items()},
        "chords": {"right_bars": mean(tally.chords), "pieces": len(tally.chords)},
        "speech": {name: {"right": mean([float(v) for v in values]), "n": len(values)}
                   for name, values in tally.speech.items()},
        "detectors": detectors,
    }  # fmt: skip


def table(card: dict[str, Any]) -> str:
    """Markdown, for README."""
    lines = ["| what | figure | n |", "|---|---|---|"]
    for name, row in card["tempo"].items():
        lines.append(f"| tempo, {name}: Acc1 / Acc2 at ±4 % | {row['acc1']:.2f} / {row['acc2']:.2f} | {row['n']} |")
    for name, row in card["key"].items():
        lines.append(f"| key, {name}: MIREX weighted | {row['weighted']:.2f} | {row['n']} |")
    lines.append(f"| chords, composed: bars right | {card['chords']['right_bars']:.2f} | {card['chords']['pieces']} |")
    for name, row in card["speech"].items():
        lines.append(f"| {name} told as what it is | {row['right']:.2f} | {row['n']} |")
    lines += ["", "| fault | precision | recall | faulty | clean |", "|---|---|---|---|---|"]
    for kind, row in card["detectors"].items():
        figures = ["-" if row[name] is None else f"{row[name]:.2f}" for name in ("precision", "recall")]
        told = "" if row["precision"] is not None and row["precision"] >= 0.8 else " (unproven)"
        lines.append(
            f"| {kind.replace('_', ' ')}{told} | {figures[0]} | {figures[1]} | {row['faulty']} | {row['clean']} |"
        )
    return "\n".join(lines)


def write(media: Path | None = None) -> list[Row]:
    """The published half measured and the card written; no gate, since the figures are what the card is for."""
    media = media or (Path(os.environ["STUDIO_BENCH_MEDIA"]) if os.environ.get("STUDIO_BENCH_MEDIA") else None)
    tempo.essentia_standard()
    tally = measure(media, half=True)
    card = as_card(tally, media is not None)
    if media is None:
        print(
            "# without a collection (STUDIO_BENCH_MEDIA) the card is not rewritten: these figures rest on composed pieces"
        )
    else:
        (REFERENCE / "analysis_card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(table(card), flush=True)
    return []


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy", description=__doc__)
    parser.add_argument("--media", type=Path, default=os.environ.get("STUDIO_BENCH_MEDIA"))
    parser.add_argument("--tuning", action="store_true", help="the other half; prints, writes nothing")
    parser.add_argument("--dry", action="store_true", help="print, but leave the card as it is")
    given = parser.parse_args()
    media = Path(given.media) if given.media else None
    if not given.tuning and not given.dry:
        write(media)
        return 0
    tempo.essentia_standard()
    tally = measure(media, half=not given.tuning)
    print(table(as_card(tally, media is not None)))
    if given.tuning:
        print("\n".join(["", *tally.wrong]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
